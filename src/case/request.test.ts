import { expect, test } from 'vitest';
import type { ConnectSpec } from '../scenario/model.ts';
import type { Target } from '../target/model.ts';
import { buildRequest } from './request.ts';

const PLAIN: ConnectSpec = {
  endpoint: 'open',
  credentials: 'default',
  subprotocols: [],
  extensions: undefined,
  headers: [],
  query: [],
  method: 'GET',
  path: undefined,
  raw: undefined,
  tls: undefined,
  backend: {},
  count: 1,
  atOnce: 1,
  untilSent: false,
};

test('adds nothing to a request of a target without probe and observer', () => {
  const request = buildRequest(PLAIN, targetWith({ correlate: { kind: 'none' } }), {
    nonce: 'NONCE',
  });
  expect(request).toEqual({
    url: 'wss://h/dev?a=1',
    target: '/dev?a=1',
    headers: [],
    raw: undefined,
  });
});

test('marks the query after what stands there', () => {
  expect(buildRequest(PLAIN, targetWith({}), { nonce: 'NONCE' }).target).toBe(
    '/dev?a=1&assay=NONCE',
  );
  const path = { ...PLAIN, path: '/other' };
  expect(buildRequest(path, targetWith({}), { nonce: 'NONCE' }).target).toBe('/other?assay=NONCE');
});

test.each([
  ['/{stage}/', 'dev', '/dev/?assay=NONCE'],
  ['/{STAGE}?b=2', 'dev', '/DEV?b=2&assay=NONCE'],
  ['/{STAGE}', 'Dev', '/DEV?assay=NONCE'],
  ['/{STAGE}', 'DEV', '/dev?assay=NONCE'],
  ['/{stage}', undefined, '/{stage}?assay=NONCE'],
])('a path %s of stage %s is %s', (path, stage, expected) => {
  const target = targetWith({
    endpoints: { open: { url: 'wss://h/dev', stage, credentials: {} } },
  });
  expect(buildRequest({ ...PLAIN, path }, target, { nonce: 'NONCE' }).target).toBe(expected);
});

test.each([64, 4096])('a URL is filled up to %i bytes', (urlBytes) => {
  const query = [{ name: 'q', value: 'é' }];
  const spec = { ...PLAIN, urlBytes, query };
  const { target } = buildRequest(spec, targetWith({}), { nonce: 'NONCE' });
  expect(target).toMatch(/^\/dev\?a=1&q=%C3%A9&assay=NONCE&pad=a+$/);
  expect(`wss://h${target}`).toHaveLength(urlBytes);
});

test('a URL that is longer already stays as it is', () => {
  const spec = { ...PLAIN, urlBytes: 20 };
  const { target } = buildRequest(spec, targetWith({}), { nonce: 'NONCE' });
  expect(target).toBe('/dev?a=1&assay=NONCE');
});

test('the nonce moves to a header where the query shall stay as written', () => {
  const spec = { ...PLAIN, nonce: 'header' as const };
  const script: readonly (readonly [string, string])[] = [['assay.connect.status', '403']];
  expect(buildRequest(spec, targetWith({}), { nonce: 'NONCE', script })).toMatchObject({
    target: '/dev?a=1',
    headers: [
      { name: 'x-assay', value: 'NONCE' },
      { name: 'x-assay-plan', value: 'assay.connect.status=403' },
    ],
  });
  const none = targetWith({ correlate: { kind: 'none' } });
  expect(buildRequest(spec, none, { nonce: 'NONCE' }).headers).toEqual([]);
});

test('marks a header where the target says so', () => {
  const target = targetWith({ correlate: { kind: 'header', name: 'X-Trace' } });
  expect(buildRequest(PLAIN, target, { nonce: 'NONCE' })).toMatchObject({
    target: '/dev?a=1',
    headers: [{ name: 'X-Trace', value: 'NONCE' }],
  });
});

test('a header of the step replaces that of the credentials; null leaves one out', () => {
  const credentials = {
    default: {
      headers: [
        { name: 'x-api-key', value: 'k' },
        { name: 'X-Other', value: 'o' },
      ],
      query: [{ name: 't', value: 'a b' }],
    },
  };
  const target = targetWith({ endpoints: { open: { url: 'wss://h/dev', credentials } } });
  const spec = { ...PLAIN, headers: [{ name: 'X-API-Key', value: undefined }] };
  expect(buildRequest(spec, target, { nonce: 'N' })).toMatchObject({
    target: '/dev?t=a%20b&assay=N',
    headers: [
      { name: 'X-Other', value: 'o' },
      { name: 'X-API-Key', value: undefined },
    ],
  });
  expect(buildRequest({ ...PLAIN, credentials: 'none' }, target, { nonce: 'N' }).headers).toEqual(
    [],
  );
});

test('fills the nonce in wherever it is written, and keeps an escaped one', () => {
  const spec = {
    ...PLAIN,
    headers: [{ name: 'X-Id', value: 'id-${nonce}' }],
    query: [{ name: 'q', value: '$${nonce}' }],
    raw: 'GET /?${nonce}',
  };
  const request = buildRequest(spec, targetWith({ correlate: { kind: 'none' } }), { nonce: 'N' });
  expect(request.headers).toEqual([{ name: 'X-Id', value: 'id-N' }]);
  expect(request.target).toBe('/dev?a=1&q=%24%7Bnonce%7D');
  expect(request.raw).toBe('GET /?N');
});

test('tls: false goes to the same place without TLS', () => {
  expect(buildRequest({ ...PLAIN, tls: false }, targetWith({}), { nonce: 'N' }).url).toBe(
    'ws://h/dev?a=1',
  );
});

function targetWith(changes: Partial<Target>): Target {
  return {
    name: 't',
    title: 't',
    version: undefined,
    endpoints: { open: { url: 'wss://h/dev?a=1', credentials: {} } },
    management: undefined,
    probe: undefined,
    observer: undefined,
    settleMs: 1000,
    correlate: { kind: 'query' },
    concurrency: 1,
    features: [],
    limits: {},
    vars: {},
    network: {
      ca: undefined,
      cert: undefined,
      key: undefined,
      servername: undefined,
      insecure: false,
      overrides: [],
      proxy: undefined,
    },
    launch: undefined,
    ...changes,
  };
}
