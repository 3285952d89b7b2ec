import { expect, it } from 'vitest';
import { type Signing, signRequest } from '../wire/sigv4.ts';
import { loadNonce } from './nonce.ts';
import type { LoadEndpoint, LoadSigning } from './plan.ts';
import { createRequestWriter } from './request-text.ts';

const PREFIX = 'abcdefghijklmnopqrs';
const NOW = Date.parse('2026-11-24T10:00:00.250Z');
const BY = {
  keys: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'to/ken+=' },
  region: 'eu-west-1',
  service: 'execute-api',
} as const;
const HOST = 'chat.example.com';
const REST = `Host: ${HOST}\r\nSec-WebSocket-Key: {key}\r\n`;

function endpoint(request: string, sign?: LoadSigning): LoadEndpoint {
  const plain = { share: 1, role: 'open', address: '127.0.0.1', port: 1, subprotocols: [] };
  return { ...plain, request, ...(sign === undefined ? {} : { sign }) };
}

function signing(more: Partial<LoadSigning> & Pick<LoadSigning, 'by'>): LoadSigning {
  const headers = [['host', HOST]] as const;
  return { method: 'GET', target: '/prod?assay={nonce}', headers, offsetMs: 0, ...more };
}

function expected(number: number, by: Omit<Signing, 'dateMs'>, dateMs: number) {
  const target = `/prod?assay=${loadNonce(PREFIX, number)}`;
  return signRequest({ method: 'GET', target, headers: [['host', HOST]] }, { ...by, dateMs });
}

it('fills key and nonce in, and signs nothing that is not to be signed', () => {
  const writer = createRequestWriter(endpoint(`GET /prod?assay={nonce} HTTP/1.1\r\n${REST}\r\n`), {
    nonce: PREFIX,
    wallMs: () => NOW,
  });
  expect(writer.hasNonce).toBe(true);
  expect(writer.sign).toBeUndefined();
  expect(writer.write(33, 'KEY==', undefined)).toBe(
    `GET /prod?assay=${PREFIX}aaaaabb HTTP/1.1\r\nHost: ${HOST}\r\nSec-WebSocket-Key: KEY==\r\n\r\n`,
  );
});

it('presigns each attempt for itself and for its own second', () => {
  let now = NOW;
  const by = { ...BY, place: 'query', expires: 60 } as const;
  const writer = createRequestWriter(
    endpoint(`GET {signed-target} HTTP/1.1\r\n${REST}\r\n`, signing({ by })),
    { nonce: PREFIX, wallMs: () => now },
  );
  expect(writer.hasNonce).toBe(true);
  const line = (text: string): string | undefined => text.split('\r\n')[0];
  const right = (number: number, dateMs: number): string =>
    `GET ${expected(number, by, dateMs).target} HTTP/1.1`;
  expect(line(writer.write(1, 'K', undefined))).toBe(right(1, NOW));
  const ahead = writer.sign?.(2, NOW + 5000);
  // Too early, in time, in the same second, too late.
  expect(line(writer.write(2, 'K', ahead))).toBe(right(2, NOW));
  now = NOW + 5000;
  expect(line(writer.write(2, 'K', ahead))).toBe(right(2, NOW + 5000));
  now = NOW + 5700;
  expect(line(writer.write(2, 'K', ahead))).toBe(right(2, NOW + 5000));
  now = NOW + 5800;
  expect(line(writer.write(2, 'K', ahead))).toBe(right(2, NOW + 6000));
});

it('does not make again what was signed for the second in which it is sent', () => {
  const by = { ...BY, place: 'query', expires: 60 } as const;
  const writer = createRequestWriter(
    endpoint('GET {signed-target} HTTP/1.1\r\n\r\n', signing({ by })),
    { nonce: PREFIX, wallMs: () => NOW },
  );
  const mark = {
    second: Math.floor(NOW / 1000),
    target: '/made-before',
    date: '',
    authorization: '',
  };
  expect(writer.write(1, 'K', mark)).toBe('GET /made-before HTTP/1.1\r\n\r\n');
});

it('signs in the header, past midnight by the key of the next day, and by the offset that is asked for', () => {
  let now = Date.parse('2026-11-24T23:59:59Z');
  const by = { ...BY, place: 'header' } as const;
  const text = `GET {signed-target} HTTP/1.1\r\nX-Amz-Date: {x-amz-date}\r\nAuthorization: {authorization}\r\n\r\n`;
  const written = (offsetMs: number): string =>
    createRequestWriter(endpoint(text, signing({ by, offsetMs })), {
      nonce: PREFIX,
      wallMs: () => now,
    }).write(7, 'K', undefined);
  const right = (dateMs: number): string => {
    const { target, headers } = expected(7, by, dateMs);
    const own = headers.filter(([name]) => name !== 'X-Amz-Security-Token');
    return `GET ${target} HTTP/1.1\r\n${own.map((one) => `${one.join(': ')}\r\n`).join('')}\r\n`;
  };
  expect(written(0)).toBe(right(now));
  now += 1000;
  expect(written(0)).toBe(right(now));
  expect(written(-1_200_000)).toBe(right(now - 1_200_000));
});

it('changes after signing what is to be changed', () => {
  const by = { ...BY, place: 'query', expires: 60 } as const;
  const first = (tamper: 'signature' | 'query'): string =>
    createRequestWriter(endpoint('GET {signed-target} HTTP/1.1\r\n\r\n', signing({ by, tamper })), {
      nonce: PREFIX,
      wallMs: () => NOW,
    }).write(1, 'K', undefined);
  const { target } = expected(1, by, NOW);
  expect(first('query')).toBe(`GET ${target}&tampered=1 HTTP/1.1\r\n\r\n`);
  expect(first('signature')).not.toContain(target);
  expect(first('signature')).toContain(target.slice(0, -1));
});
