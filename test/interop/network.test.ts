// TLS and proxies as people have them, with nginx, HAProxy and tinyproxy: own authority, client
// certificates, names and addresses that differ, IPv6, a CONNECT proxy by flag, file and environment.
// A program that is not installed is skipped by name; on Debian: apt-get install nginx haproxy tinyproxy
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { type Ran, runAssay } from '../support/assay.ts';
import { createAuthority, issueCertificate } from '../support/certificate.ts';
import { freePort, portOf, type Running, startProgram, succeeds } from '../support/process.ts';

const HERE = fileURLToPath(new URL('server/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ws-assay-network-'));
let backend: Running;

const OWN = `title: The chat opens and echoes
steps:
  - connect:
  - send: { text: hi }
checks:
  opens: { handshake: { status: 101 } }
  echoes: { received: { some: { text: hi } } }
`;

beforeAll(async () => {
  const echo = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  echo.on('connection', (socket) =>
    socket.on('message', (data: Buffer) => socket.send(data.toString())),
  );
  await once(echo, 'listening');
  backend = {
    port: portOf(echo),
    stop: async () => {
      for (const client of echo.clients) client.terminate();
      echo.close();
      await once(echo, 'close');
    },
  };
  const ca = await createAuthority();
  const other = await createAuthority();
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const pair = async (name: string, authority: typeof ca, host: string): Promise<void> => {
    const { cert, key } = await issueCertificate(authority, host, { withAddress: false });
    write(`${name}.pem`, cert);
    write(`${name}.key`, key);
  };
  write('ca.pem', ca.cert);
  await pair('server', ca, '*.example.test');
  const server = ['server.pem', 'server.key'].map((name) => readFileSync(at(name), 'utf8'));
  write('both.pem', server.join('\n'));
  await pair('client', ca, 'client');
  await pair('stranger', other, 'stranger');
});

afterAll(async () => {
  await backend?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);
const CA = ['--ca', at('ca.pem')];
const CLIENT = ['--cert', at('client.pem'), '--key', at('client.key')];
const STRANGER = ['--cert', at('stranger.pem'), '--key', at('stranger.key')];

async function check(url: string, args: readonly string[], env = {}, files = {}): Promise<Ran> {
  return runAssay(['own.yaml', ...(url === '' ? [] : ['--url', url]), ...args], {
    files: { 'own.yaml': OWN, ...files },
    env,
  });
}

/** `passed opens, passed echoes`, or why nothing could be said. */
function verdicts(ran: Ran): string {
  const result = ran.result();
  const findings = result.cases.flatMap((one) => one.findings);
  return findings.map((one) => `${one.verdict} ${one.check}`).join(', ');
}

const PASSED = 'passed opens, passed echoes';

describe.skipIf(!succeeds('nginx', '-v'))('nginx', () => {
  let nginx: Running;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    const conf = fill('nginx-tls.conf', { port, backend: backend.port });
    nginx = await startProgram(
      ['nginx', '-e', 'stderr', '-p', folder, '-c', conf, '-g', 'daemon off;'],
      { port },
    );
  });
  afterAll(() => nginx?.stop());

  test('is reached under a name that DNS does not know', async () => {
    const override = `chat.example.test:${port}:127.0.0.1`;
    const url = `wss://chat.example.test:${port}/`;
    const ran = await check(url, [...CA, '--resolve', override]);
    expect({ code: ran.code, said: verdicts(ran) }).toEqual({ code: 0, said: PASSED });
    expect(ran.stderr).toContain(`chat.example.test:${port} at 127.0.0.1`);
    expect(ran.result().target.route).toEqual([`chat.example.test:${port} at 127.0.0.1`]);
  });

  test('over IPv6, by override and by address', async () => {
    const override = `chat.example.test:${port}:[::1]`;
    const named = await check(`wss://chat.example.test:${port}/`, [...CA, '--resolve', override]);
    expect({ code: named.code, said: verdicts(named) }).toEqual({ code: 0, said: PASSED });
    const servername = ['--servername', 'chat.example.test'];
    const host = {
      'own.yaml': OWN.replace('connect:', 'connect: { headers: { Host: chat.example.test } }'),
    };
    const literal = await check(`wss://[::1]:${port}/`, [...CA, ...servername], {}, host);
    expect({ code: literal.code, said: verdicts(literal) }).toEqual({ code: 0, said: PASSED });
  });

  test('whose address is not in its certificate is not trusted, with the fix', async () => {
    const ran = await check(`wss://[::1]:${port}/`, CA);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('--servername');
  });

  test.each([
    ['no certificate', [], 400, 'No required SSL certificate was sent'],
    ['the right one', CLIENT, 101, ''],
    ['one of another authority', STRANGER, 400, 'The SSL certificate error'],
  ])('asks for a client certificate: %s', async (_, args, status, body) => {
    const override = ['--resolve', `mutual.example.test:${port}:127.0.0.1`];
    const url = `wss://mutual.example.test:${port}/`;
    const ran = await check(url, [...CA, ...override, ...args]);
    const [opens] = ran.result().cases[0]?.findings ?? [];
    expect({ code: ran.code, verdict: opens?.verdict }).toEqual(
      status === 101 ? { code: 0, verdict: 'passed' } : { code: 1, verdict: 'failed' },
    );
    expect(opens?.message).toContain(String(status));
    expect(JSON.stringify(ran.result())).toContain(body);
  });
});

describe.skipIf(!succeeds('haproxy', '-v'))('HAProxy', () => {
  let haproxy: Running;
  let url: string;
  let override: readonly string[];

  beforeAll(async () => {
    const port = await freePort();
    const conf = fill('haproxy-tls.cfg', { port, backend: backend.port });
    haproxy = await startProgram(['haproxy', '-db', '-f', conf], { port });
    url = `wss://chat.example.test:${port}/`;
    override = ['--resolve', `chat.example.test:${port}:[::1],127.0.0.1`];
  });
  afterAll(() => haproxy?.stop());

  test('opens with the right client certificate', async () => {
    const ran = await check(url, [...CA, ...override, ...CLIENT]);
    expect({ code: ran.code, said: verdicts(ran) }).toEqual({ code: 0, said: PASSED });
  });

  // TLS 1.3 tells of it only after the client's handshake is done.
  test.each([
    ['no certificate', [], /alert certificate required/],
    ['one of another authority', STRANGER, /alert (decrypt error|unknown ca)/],
  ])('refuses %s, and the alert is told', async (_, args, alert) => {
    const ran = await check(url, [...CA, ...override, ...args]);
    expect(ran.code).toBe(3);
    const [opens] = ran.result().cases[0]?.findings ?? [];
    expect(opens).toMatchObject({
      check: 'opens',
      verdict: 'errored',
      message: expect.stringMatching(alert),
    });
  });
});

describe.skipIf(!succeeds('tinyproxy', '-v'))('tinyproxy', () => {
  let proxy: Running;
  let url: string;
  let override: readonly string[];
  let proxyUrl: string;

  beforeAll(async () => {
    const port = await freePort();
    const conf = fill('tinyproxy.conf', { port, backend: backend.port });
    proxy = await startProgram(['tinyproxy', '-d', '-c', conf], { port });
    url = `ws://chat.example.test:${backend.port}/`;
    // The name means something to nobody; that it is no loopback name is what the test needs.
    override = ['--resolve', `chat.example.test:${backend.port}:127.0.0.1`];
    proxyUrl = `http://me:hunter2-canary@127.0.0.1:${port}`;
  });
  afterAll(() => proxy?.stop());

  function connects(): number {
    const log = readFileSync(at('tinyproxy.log'), 'utf8');
    return log.match(/CONNECT 127\.0\.0\.1/g)?.length ?? 0;
  }

  function expectNoPassword(ran: Ran): void {
    const everything = [ran.stdout, ran.stderr, ...Object.values(ran.files).map(String)].join('\n');
    const token = Buffer.from('me:hunter2-canary').toString('base64');
    expect(everything).not.toContain('hunter2');
    expect(everything).not.toContain(token);
  }

  test.each([
    ['a flag', (): [string[], object] => [['--proxy', proxyUrl], {}]],
    ['http_proxy', (): [string[], object] => [[], { http_proxy: proxyUrl }]],
    ['ALL_PROXY', (): [string[], object] => [[], { ALL_PROXY: proxyUrl }]],
  ])('is used by %s, its password told to nobody', async (_, given) => {
    const before = connects();
    const [args, env] = given();
    const ran = await check(url, [...override, ...args], env);
    expect({ code: ran.code, said: verdicts(ran) }).toEqual({ code: 0, said: PASSED });
    // One for the look before the run, one for the case.
    expect(connects() - before).toBe(2);
    expect(ran.stderr).toContain(`through the proxy http://127.0.0.1:${proxy.port}`);
    expectNoPassword(ran);
  });

  test('is used by a target file, with a secret', async () => {
    const file = `url: ${url}
network:
  proxy: "http://me:\${secret:PROXY_PASSWORD}@127.0.0.1:${proxy.port}"
  resolve: ["chat.example.test:${backend.port}:127.0.0.1"]
`;
    const files = { 'targets/chat/target.yaml': file };
    const env = { PROXY_PASSWORD: 'hunter2-canary' };
    const ran = await check('', ['--target', 'chat'], env, files);
    expect({ code: ran.code, said: verdicts(ran) }).toEqual({ code: 0, said: PASSED });
    expectNoPassword(ran);
  });

  test.each([
    ['--no-proxy', ['--no-proxy'], {}],
    ['NO_PROXY', [], { no_proxy: '.example.test' }],
  ])('is not used with %s', async (_, args, more) => {
    const before = connects();
    const ran = await check(url, [...override, ...args], { http_proxy: proxyUrl, ...more });
    expect({ code: ran.code, said: verdicts(ran) }).toEqual({ code: 0, said: PASSED });
    expect(connects() - before).toBe(0);
  });

  test('is not used for loopback unless it is named', async () => {
    const before = connects();
    const ran = await check(`ws://127.0.0.1:${backend.port}/`, [], { ALL_PROXY: proxyUrl });
    expect(ran.code).toBe(0);
    expect(connects() - before).toBe(0);
  });

  test('that refuses is not the endpoint that refuses', async () => {
    const wrong = proxyUrl.replace('hunter2-canary', 'hunter2-wrong');
    const ran = await check(url, [...override, '--proxy', wrong]);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(
      /the proxy http:\/\/127\.0\.0\.1:\d+: it answered CONNECT with 40[17]/,
    );
    expect(ran.stderr).toContain('user:password@');
    expect(verdicts(ran)).toBe('errored opens, errored echoes');
    expectNoPassword(ran);
  });

  test('that does not allow the port is not the endpoint that refuses', async () => {
    const ran = await check('ws://127.0.0.1:1/', ['--proxy', proxyUrl]);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(/it answered CONNECT with 403/);
    expectNoPassword(ran);
  });
});

describe('what cannot be used', () => {
  test.each<[args: string[], env: Record<string, string>, said: RegExp]>([
    [['--proxy', 'socks5://p:1'], {}, /--proxy is not the URL of an HTTP proxy/],
    [['--resolve', 'a:b'], {}, /--resolve a:b is not host:port:address/],
    [[], { ALL_PROXY: 'socks5://p:1' }, /ALL_PROXY of the environment names no HTTP proxy/],
  ])('%j %j is one sentence and exit 2', async (args, env, said) => {
    const ran = await check('wss://chat.example.test/', args, env);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(said);
  });

  test('a proxy variable that nothing would have used is no mistake', async () => {
    const ran = await check(`ws://127.0.0.1:${backend.port}/`, [], { ALL_PROXY: 'socks5://p:1' });
    expect(ran.code).toBe(0);
  });

  test('a proxy that nobody runs is named', async () => {
    const ran = await check('ws://chat.example.test/', ['--proxy', 'http://127.0.0.1:1']);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('the proxy http://127.0.0.1:1: connect ECONNREFUSED');
  });
});

/** Fills in a configuration file and returns the path of the copy. */
function fill(file: string, values: Readonly<Record<string, string | number>>): string {
  const known: Readonly<Record<string, string | number>> = { folder, ...values };
  const text = readFileSync(join(HERE, file), 'utf8').replaceAll(
    /@(\w+)@/g,
    (whole, name: string) => String(known[name] ?? whole),
  );
  writeFileSync(at(file), text);
  return at(file);
}
