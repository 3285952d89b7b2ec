// Endpoints that are not there, that say nothing, or that never stop: the exit code, one clear
// sentence on stderr, and an upper bound on the time it takes.
import type { Socket } from 'node:net';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { runAssay } from '../support/assay.ts';
import { createAuthority, issueCertificate, type Pair } from '../support/certificate.ts';
import { type HandServer, startHandServer, startSocketServer } from '../support/hand-server.ts';
import { freePort } from '../support/process.ts';

// Most of the time is spent waiting.
vi.setConfig({ maxConcurrency: 16 });

let ca: Pair;
let trusted: Pair;
let elsewhere: Pair;

beforeAll(async () => {
  ca = await createAuthority();
  trusted = await issueCertificate(ca, 'localhost');
  elsewhere = await issueCertificate(ca, 'elsewhere.test', { withAddress: false });
});

interface Endpoint {
  readonly url: string;
  readonly stop: () => void;
}

interface Row {
  readonly start: () => Promise<Endpoint>;
  readonly options?: readonly string[];
  readonly code: number;
  /** A line of stderr, whole; `@` stands for host and port. */
  readonly says: string;
  /** The longest that the run may take, on a busy machine. */
  readonly withinMs: number;
}

/** What the runner waits for an answer. */
const CONNECT_MS = 10_000;
/** Everything else, on a machine that does sixteen of these at once. */
const SLACK_MS = 15_000;
const SOON_MS = SLACK_MS;
const LATE_MS = CONNECT_MS + SLACK_MS;

const silent = (): Promise<HandServer> => startSocketServer((socket) => socket.resume());

/** Writes `text(n)` every `everyMs` once a request has begun to come. */
function dripping(text: (n: number) => string, everyMs: number): () => Promise<HandServer> {
  return () =>
    startSocketServer((socket) => {
      socket.once('data', () => drip(socket, text, everyMs));
      socket.resume();
    });
}

function drip(socket: Socket, text: (n: number) => string, everyMs: number): void {
  let n = 0;
  const timer = setInterval(() => {
    if (socket.writable) socket.write(text(n++), 'latin1');
    else clearInterval(timer);
  }, everyMs);
  socket.on('close', () => clearInterval(timer));
}

const as =
  (scheme: 'ws' | 'wss', start: () => Promise<HandServer>): (() => Promise<Endpoint>) =>
  async () => {
    const server = await start();
    return { url: server.url.replace(/^wss?/, scheme), stop: () => server.stop() };
  };

const FAILED = 'Failed: 3 of 3 decided checks failed.';

const rows: Readonly<Record<string, Row>> = {
  'nobody listens': {
    start: async () => ({ url: `ws://127.0.0.1:${await freePort()}/`, stop: () => {} }),
    code: 3,
    says: 'Could not test: 4 checks errored; ws://@/ cannot be reached: connect ECONNREFUSED @ (ECONNREFUSED).',
    withinMs: SOON_MS,
  },
  'a host that does not exist': {
    start: async () => ({ url: 'ws://no-such-host.invalid/', stop: () => {} }),
    code: 3,
    says: 'Could not test: 4 checks errored; ws://@/ cannot be reached: getaddrinfo ENOTFOUND @ (ENOTFOUND).',
    withinMs: SOON_MS,
  },
  'accepts and stays silent': {
    start: silent,
    code: 1,
    says: '  ✗ opens: there was no answer: no answer came in time',
    withinMs: LATE_MS,
  },
  'accepts and resets': {
    start: () => startHandServer({ answer: (_, __, socket) => void socket.resetAndDestroy() }),
    code: 1,
    says: '  ✗ opens: there was no answer: read ECONNRESET',
    withinMs: SOON_MS,
  },
  'a head that drips': {
    start: dripping((n) => 'HTTP/1.1 101 Switching Protocols\r\n'[n] ?? 'x', 100),
    code: 1,
    says: '  ✗ opens: there was no answer: the answer was not complete in time',
    withinMs: LATE_MS,
  },
  'a body that drips': {
    start: dripping(
      (n) => (n === 0 ? 'HTTP/1.1 403 Forbidden\r\nContent-Length: 100000\r\n\r\n' : 'x'),
      100,
    ),
    code: 1,
    says: FAILED,
    withinMs: SOON_MS,
  },
  'endless interim answers': {
    start: dripping(() => 'HTTP/1.1 103 Early Hints\r\n\r\n', 5),
    code: 1,
    says: FAILED,
    withinMs: SOON_MS,
  },
  'an endless header': {
    start: dripping(
      (n) => (n === 0 ? 'HTTP/1.1 101 Switching Protocols\r\nX: ' : 'x'.repeat(4000)),
      5,
    ),
    code: 1,
    says: FAILED,
    withinMs: SOON_MS,
  },
  'endless headers': {
    start: dripping(
      (n) => (n === 0 ? 'HTTP/1.1 101 Switching Protocols\r\n' : 'X: y\r\n'.repeat(50)),
      5,
    ),
    code: 1,
    says: FAILED,
    withinMs: SOON_MS,
  },
  'an endless body': {
    start: dripping((n) => (n === 0 ? 'HTTP/1.1 403 Forbidden\r\n\r\n' : 'x'.repeat(10_000)), 5),
    code: 1,
    says: FAILED,
    withinMs: SOON_MS,
  },
  'endless frames': {
    start: () =>
      startHandServer({
        answered: (socket) => drip(socket, () => '\u0081\u0001A'.repeat(1000), 5),
      }),
    code: 0,
    says: 'Passed: 3 checks decided, none failed.',
    withinMs: SOON_MS,
  },
  'a certificate that nobody trusts': {
    start: () => startHandServer({}, trusted),
    code: 3,
    says: 'Could not test: 4 checks errored; wss://@/ did not complete TLS: unable to verify the first certificate (UNABLE_TO_VERIFY_LEAF_SIGNATURE).',
    withinMs: SOON_MS,
  },
  'the same with --ca': {
    start: () => startHandServer({}, trusted),
    options: ['--ca', 'ca.pem'],
    code: 0,
    says: 'Passed: 3 checks decided, none failed.',
    withinMs: SOON_MS,
  },
  'the same with --insecure': {
    start: () => startHandServer({}, trusted),
    options: ['--insecure'],
    code: 0,
    says: '▲ TLS certificates are NOT verified (--insecure).',
    withinMs: SOON_MS,
  },
  'a certificate for another name': {
    start: () => startHandServer({}, elsewhere),
    options: ['--ca', 'ca.pem'],
    code: 3,
    says: '  The certificate is for another name: give the name to ask for and verify with --servername.',
    withinMs: SOON_MS,
  },
  'the same with --servername': {
    start: () => startHandServer({}, elsewhere),
    options: ['--ca', 'ca.pem', '--servername', 'elsewhere.test'],
    code: 0,
    says: 'Passed: 3 checks decided, none failed.',
    withinMs: SOON_MS,
  },
  'wss:// to a port without TLS': {
    start: as('wss', () =>
      startSocketServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    ),
    code: 3,
    says: '  Does this port speak TLS? ws:// is the scheme without it.',
    withinMs: SOON_MS,
  },
  'wss:// to a port that stays silent': {
    start: as('wss', silent),
    code: 3,
    says: 'Could not test: 4 checks errored; wss://@/ did not complete TLS: no answer within 10 s (TIMEOUT).',
    withinMs: LATE_MS,
  },
  'ws:// to a port with TLS': {
    start: as('ws', () => startHandServer({}, trusted)),
    code: 1,
    says: '  ✗ opens: there was no answer: the server closed the connection',
    withinMs: SOON_MS,
  },
};

describe('an endpoint with', () => {
  test.concurrent.each(Object.entries(rows))('%s', async (_, row) => {
    const { start, options = [], code, says, withinMs } = row;
    const { url, stop } = await start();
    const files = { 'ca.pem': ca.cert };
    const ran = await runAssay(['rfc6455-handshake/answer', '--url', url, ...options], { files });
    stop();
    const { host, hostname } = new URL(url);
    const lines = ran.stderr.replaceAll(host, '@').replaceAll(hostname, '@').split('\n');
    expect(lines).toContain(says);
    expect(ran.code).toBe(code);
    expect(ran.elapsedMs).toBeLessThan(withinMs);
  });
});

describe('silence ends a run early', () => {
  // One connection for the look before the run, and some cases.
  const SPOKEN = 6;

  test.concurrent.each<[string, number, RegExp, number]>([
    ['from the beginning', 0, /^! TARGET_SILENT.*never sent a byte\.$/m, 25_000],
    ['in the middle', SPOKEN, /^! TARGET_SILENT.*has sent no byte for \d+ cases\.$/m, 45_000],
  ])('%s', async (_, answered, says, withinMs) => {
    let connections = 0;
    const server = await startHandServer({
      answer: (__, right) => ((connections += 1) > answered ? undefined : right),
    });
    const ran = await runAssay(['--url', server.url]);
    server.stop();
    const { cases, problems } = ran.result();
    expect(ran.stderr).toMatch(says);
    expect(problems).toHaveLength(1);
    const undriven = cases.filter(({ findings }) =>
      findings.every(({ reason }) => reason === 'TARGET_SILENT'),
    );
    expect(undriven.length).toBeGreaterThan(0);
    expect(cases.every(({ findings }) => findings.length > 0)).toBe(true);
    expect(ran.code).toBe(3);
    expect(ran.elapsedMs).toBeLessThan(withinMs);
  });
});

const NOT_TESTED: Readonly<Record<string, readonly [readonly string[], string]>> = {
  'a scenario that does not exist': [
    ['no/such'],
    'ws-assay: Nothing matches no/such. Nothing was run.',
  ],
  'a case that does not exist': [
    ['rfc6455-handshake/ping[payload=none]'],
    'ws-assay: Nothing matches rfc6455-handshake/ping[payload=none]. Nothing was run.',
  ],
  'a check that does not exist': [
    ['rfc6455-handshake/ping#none'],
    'ws-assay: Nothing matches rfc6455-handshake/ping#none. Nothing was run.',
  ],
  'a tag that nothing has': [
    ['--tag', 'nothing-has-it'],
    'ws-assay: Nothing matches --tag nothing-has-it. Nothing was run.',
  ],
};

describe('a selection of', () => {
  test.concurrent.each(Object.entries(NOT_TESTED))('%s', async (_, [args, says]) => {
    const { code, stderr, stdout, files } = await runAssay([...args, '--url', 'ws://127.0.0.1:9/']);
    expect({ code, stdout, files: Object.keys(files) }).toEqual({ code: 2, stdout: '', files: [] });
    expect(stderr.split('\n')[0]).toBe(says);
  });
});
