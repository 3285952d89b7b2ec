// TLS as people have it: the same connection over certificates that are right, wrong, or asked for.
import type { TlsOptions as ServerOptions, TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../base/clock.ts';
import { createRedactor } from '../base/redact.ts';
import { type Connection, type Handshake, openConnection } from './connection.ts';
import type { TlsOptions } from './dial.ts';
import { line } from './fixture/log.ts';
import { type PeerSocket, startPeer } from './fixture/scripted-peer.ts';
import { closeFrame, encodeFrame, textFrame } from './frame.ts';
import { httpRequest } from './http-request.ts';
import type { WireRecord } from './transcript.ts';

interface Pair {
  readonly cert: string;
  readonly key: string;
}

let ca: Pair;
let good: Pair;
let client: Pair;
const cleanUps: (() => void)[] = [];

beforeAll(async () => {
  const authority = await generate([{ name: 'commonName', value: 'test authority' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true },
    ],
  });
  ca = { cert: authority.cert, key: authority.private };
  good = await issue('localhost');
  client = await issue('client');
});

async function issue(commonName: string): Promise<Pair> {
  const issued = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: commonName },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { cert: issued.cert, key: issued.private };
}

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

interface Outcome {
  readonly handshake: Handshake;
  readonly connection: Connection;
  readonly records: WireRecord[];
}

async function open(
  tls: TlsOptions,
  server: ServerOptions = {},
  script: (peer: PeerSocket) => unknown = (peer) => peer.accept(),
): Promise<Outcome> {
  const peer = await startPeer(script, { ...good, ...server });
  const records: WireRecord[] = [];
  const connection = openConnection({
    url: peer.url,
    clock: realClock(),
    redactor: createRedactor(),
    request: { headers: [], subprotocols: [] },
    deadlines: { totalMs: 3000, phasesMs: { closing: 300 } },
    tls,
    onRecord: (record) => records.push(record),
  });
  cleanUps.push(
    () => connection.dispose(),
    () => peer.stop(),
  );
  return { handshake: await connection.answered, connection, records };
}

const session = ({ records }: Outcome): WireRecord | undefined =>
  records.find(({ kind }) => kind === 'tls');
const failure = ({ handshake }: Outcome): unknown =>
  'failure' in handshake
    ? `${handshake.outcome} ${handshake.failure.phase} ${handshake.failure.code}`
    : handshake.outcome;

describe('a certificate', () => {
  it('of an authority we trust is verified', async () => {
    const outcome = await open({ ca: ca.cert });
    expect(failure(outcome)).toBe('opened');
    expect(session(outcome)).toMatchObject({ version: 'TLSv1.3', verified: true, alpn: undefined });
    expect(session(outcome)).not.toHaveProperty('problem');
  });

  it('of an authority we do not know is refused', async () => {
    const outcome = await open({});
    expect(failure(outcome)).toBe('unreachable tls UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    await outcome.connection.closed;
    expect(outcome.records.map(line)).toEqual([
      'connecting',
      'resolved',
      'tcp',
      'failure unreachable tls UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'closed',
    ]);
    expect(await outcome.connection.sent).toBe(false);
  });

  it('that nobody can verify is taken when told so, and that is recorded', async () => {
    const outcome = await open({ insecure: true });
    expect(failure(outcome)).toBe('opened');
    expect(session(outcome)).toMatchObject({
      verified: false,
      problem: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    const verified = await open({ insecure: true, ca: ca.cert });
    expect(session(verified)).toMatchObject({ verified: true });
  });

  it('for another name is refused, and told when taken', async () => {
    const refused = await open({ ca: ca.cert, servername: 'other.test' });
    expect(failure(refused)).toBe('unreachable tls ERR_TLS_CERT_ALTNAME_INVALID');
    const taken = await open({ ca: ca.cert, servername: 'other.test', insecure: true });
    expect(session(taken)).toMatchObject({
      verified: false,
      problem: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });
});

describe('TLS', () => {
  it('asks for the name it is given', async () => {
    let asked: string | false | null | undefined;
    await open({ ca: ca.cert, servername: 'localhost' }, {}, (peer) => {
      asked = (peer.socket as TLSSocket).servername;
      return peer.accept();
    });
    expect(asked).toBe('localhost');
  });

  it('shows a client certificate', async () => {
    const server = { requestCert: true, rejectUnauthorized: true, ca: ca.cert };
    let subject: unknown;
    const shown = await open({ ca: ca.cert, ...client }, server, (peer) => {
      subject = (peer.socket as TLSSocket).getPeerCertificate().subject.CN;
      return peer.accept();
    });
    expect(failure(shown)).toBe('opened');
    expect(subject).toBe('client');
    const missing = await open({ ca: ca.cert }, server);
    expect(failure(missing)).toMatch(/^unreachable tls ERR_SSL_/);
  });

  it.each(['1.2', '1.3'])('speaks exactly version %s', async (version) => {
    const outcome = await open({ ca: ca.cert, version });
    expect(session(outcome)).toMatchObject({ version: `TLSv${version}` });
  });

  it.each(['1.0', '1.1', '1.2'])(
    'is refused with version %s by a server that wants 1.3',
    async (version) => {
      const outcome = await open({ ca: ca.cert, version }, { minVersion: 'TLSv1.3' });
      expect(failure(outcome)).toBe('unreachable tls ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    },
  );

  it('speaks 1.1 with a server that does', async () => {
    const old = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const outcome = await open({ ca: ca.cert, version: '1.1' }, old);
    expect(session(outcome)).toMatchObject({ version: 'TLSv1.1' });
  });

  it('offers ALPN', async () => {
    const outcome = await open(
      { ca: ca.cert, alpn: ['h2', 'http/1.1'] },
      { ALPNProtocols: ['http/1.1'] },
    );
    expect(session(outcome)).toMatchObject({ alpn: 'http/1.1' });
    const none = await open({ ca: ca.cert, alpn: ['h2'] }, { ALPNProtocols: ['http/1.1'] });
    expect(none.handshake.outcome).toBe('unreachable');
  });

  it.each([
    ['a version that is none', { version: '9' }],
    ['a key that is none', { cert: 'x', key: 'y' }],
    [
      'an authority that is none',
      { ca: '-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----' },
    ],
  ])('does not throw for %s', async (_what, tls) => {
    const outcome = await open(tls);
    expect(outcome.handshake).toMatchObject({ outcome: 'unreachable', failure: { phase: 'tls' } });
  });

  it('ends with what the server does instead: FIN, RST, plain text, silence', async () => {
    const outcomes = await Promise.all(
      [
        (peer: PeerSocket) => peer.socket.end(),
        (peer: PeerSocket) => peer.socket.once('data', () => peer.socket.resetAndDestroy()),
        (peer: PeerSocket) => peer.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
        () => {},
      ].map(async (script) => {
        const peer = await startPeer(script);
        cleanUps.push(() => peer.stop());
        const connection = openConnection({
          url: peer.url.replace('ws:', 'wss:'),
          clock: realClock(),
          redactor: createRedactor(),
          request: { headers: [], subprotocols: [] },
          deadlines: { totalMs: 300 },
          onRecord: () => {},
        });
        const handshake = await connection.answered;
        await connection.closed;
        return (
          'failure' in handshake &&
          `${handshake.outcome} ${handshake.failure.phase} ${handshake.failure.code}`
        );
      }),
    );
    expect(outcomes).toEqual([
      'unreachable tls ECONNRESET',
      'unreachable tls ECONNRESET',
      'unreachable tls ERR_SSL_WRONG_VERSION_NUMBER',
      'timeout tls DEADLINE',
    ]);
  });
});

describe('who closes is seen through TLS', () => {
  const after = ({ records }: Outcome): readonly string[] => {
    const lines = records.map(line);
    return lines.slice(lines.indexOf('response 101') + 1);
  };

  it('close frame and FIN of the server', async () => {
    const outcome = await open({ ca: ca.cert }, {}, async (peer) => {
      await peer.accept(encodeFrame({ ...closeFrame(4000), masked: false }));
      await peer.frame();
      peer.socket.end();
    });
    await outcome.connection.closed;
    expect(after(outcome)).toEqual([
      'frame in close 4000',
      'frame out close 4000',
      'fin in',
      'fin out',
      'closed',
    ]);
  });

  it('FIN of the client', async () => {
    const outcome = await open({ ca: ca.cert }, {}, async (peer) => {
      await peer.accept();
      await peer.ended;
      peer.socket.end();
    });
    outcome.connection.drop('fin');
    await outcome.connection.closed;
    expect(after(outcome)).toEqual(['fin out', 'fin in', 'closed']);
  });

  it('RST of the client', async () => {
    let seen: Promise<string> | undefined;
    const outcome = await open({ ca: ca.cert }, {}, (peer) => {
      seen = peer.ended;
      return peer.accept();
    });
    outcome.connection.drop('reset');
    await outcome.connection.closed;
    expect(await seen).toBe('reset');
    expect(after(outcome)).toEqual(['reset out REQUESTED', 'closed']);
  });

  it('silence of the client', async () => {
    let peer: PeerSocket | undefined;
    const outcome = await open({ ca: ca.cert }, {}, (socket) => {
      peer = socket;
      return socket.accept();
    });
    outcome.connection.drop('silence');
    peer?.write(encodeFrame({ ...textFrame('x'), masked: false }));
    peer?.socket.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(after(outcome)).toEqual(['silence']);
  });
});

it('carries a management call', async () => {
  const peer = await startPeer(
    async (socket) => {
      await socket.request;
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    },
    { ...good },
  );
  cleanUps.push(() => peer.stop());
  const request = {
    url: peer.url.replace('wss:', 'https:'),
    method: 'GET',
    headers: [],
    clock: realClock(),
    deadlineMs: 2000,
  };
  expect(await httpRequest({ ...request, tls: { ca: ca.cert } })).toMatchObject({ status: 200 });
  expect(await httpRequest(request)).toMatchObject({
    outcome: 'unreachable',
    failure: { phase: 'tls' },
  });
});
