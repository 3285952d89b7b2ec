// `ws-assay doctor` against what really goes wrong: each situation is a server, a certificate, a limit or a variable.

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { expect, onTestFinished, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { createAuthority, issueCertificate, type Pair } from '../support/certificate.ts';
import { BIN, inProcess, start } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { testIo } from '../support/io.ts';
import { portOf, succeeds } from '../support/process.ts';
import { startWsServer } from '../support/ws-server.ts';

interface Check {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly advice?: string;
}

interface Examined {
  readonly code: number;
  readonly checks: readonly Check[];
}

const MACHINE: ReadonlySet<string> = new Set(['node', 'descriptors', 'ports', 'listen', 'clock']);

/** The checks behind those of this machine, which may be busy. */
async function examine(
  args: readonly string[],
  { env = {}, cwd = folderWith() }: { env?: Record<string, string>; cwd?: string } = {},
): Promise<Examined> {
  const { code, stdout, stderr } = await inProcess(['doctor', '--json', ...args], { cwd, env });
  if (stdout === '') throw new Error(stderr);
  const { checks } = JSON.parse(stdout) as { checks: readonly Check[] }; // as --json prints it
  return { code, checks: checks.filter(({ check }) => !MACHINE.has(check)) };
}

function states({ code, checks }: Examined): readonly unknown[] {
  return [code, ...checks.map(({ check, state }) => `${state} ${check}`)];
}

const PLAIN = ['ok proxy', 'ok endpoint', 'ok tcp'];
const SECURE = [...PLAIN, 'ok tls handshake'];

test('the machine alone: every check by its name, and exit code 0', async () => {
  const { code, stdout } = await inProcess(['doctor', '--json'], { cwd: folderWith() });
  const { checks } = JSON.parse(stdout) as { checks: readonly Check[] }; // as --json prints it
  expect(checks.map(({ check }) => check)).toEqual([
    'node',
    'descriptors',
    'ports',
    'listen',
    'clock',
    'proxy',
  ]);
  expect(code).toBe(0);
});

test('a Node that is too old', async () => {
  const io = testIo({ argv: ['doctor'], cwd: folderWith() });
  const environment = { ...io.environment, node: 'v20.18.3' };
  expect(await main({ ...io, environment })).toBe(3);
  expect(io.stderrText()).toMatch(/^fail node +v20\.18\.3\n +→ Install Node 20\.19 or later\.$/m);
});

test('an endpoint that opens', async () => {
  const { url } = await startWsServer();
  expect(states(await examine(['--url', url]))).toEqual([0, ...PLAIN, 'ok upgrade']);
});

test('nothing listens on the port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  const examined = await examine(['--url', `ws://127.0.0.1:${port}/`]);
  expect(states(examined)).toEqual([3, 'ok proxy', 'ok endpoint', 'fail tcp']);
  expect(examined.checks.at(-1)).toEqual({
    check: 'tcp',
    state: 'fail',
    found: `connect ECONNREFUSED 127.0.0.1:${port} (ECONNREFUSED)`,
    advice: 'Is the endpoint running, and is the port right?',
  });
});

test('a name that DNS does not know', async () => {
  const examined = await examine(['--url', 'ws://no-such-host.invalid/']);
  expect(states(examined)).toEqual([3, 'ok proxy', 'ok endpoint', 'fail dns']);
  expect(examined.checks.at(-1)?.advice).toBe('Check the host name.');
});

test.each([
  [200, 'fail', 'Upgrade and Connection'],
  [301, 'fail', 'redirects'],
  [401, 'warn', '--header'],
  [403, 'warn', '--sign header'],
  [404, 'fail', 'the path'],
  [429, 'warn', 'throttles'],
  [503, 'fail', 'backend'],
] as const)('plain HTTP that answers %i', async (status, state, word) => {
  const server = createServer((_, response) => response.writeHead(status).end('hello'));
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { code, checks } = await examine(['--url', `ws://127.0.0.1:${portOf(server)}/`]);
  const upgrade = checks.find(({ check }) => check === 'upgrade');
  expect([code, upgrade?.state]).toEqual([state === 'fail' ? 3 : 0, state]);
  expect(upgrade?.found).toMatch(new RegExp(`^is refused with ${status}\\b`));
  expect(upgrade?.advice).toContain(word);
  expect(checks.at(-1)).toMatchObject({ check: 'clock of both', state: 'ok' });
});

test('the clock of the endpoint is ten minutes off', async () => {
  const server = createServer((_, response) => {
    const date = new Date(Date.now() - 600_000).toUTCString();
    response.writeHead(401, { Date: date }).end();
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { checks } = await examine(['--url', `ws://127.0.0.1:${portOf(server)}/`]);
  expect(checks.at(-1)).toEqual({
    check: 'clock of both',
    state: 'warn',
    found: expect.stringMatching(/^this machine and the endpoint differ by 60[01] s$/),
    advice:
      'Set the clock (chrony, timedatectl set-ntp true): requests that are signed for IAM are refused.',
  });
});

async function selfSigned(name: string, validity: { from: Date; to: Date }): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: validity.from,
    notAfterDate: validity.to,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  return { cert: made.cert, key: made.private };
}

const DAY_MS = 86_400_000;

function validFor(fromDays: number, toDays: number): { from: Date; to: Date } {
  const at = (days: number): Date => new Date(Date.now() + days * DAY_MS);
  return { from: at(fromDays), to: at(toDays) };
}

test.each([
  ['is trusted', [-1, 90], 'trusted', [0, 'ok tls chain', 'ok tls name', 'ok tls dates']],
  ['has signed itself', [-1, 90], 'unknown', [3, 'fail tls chain', 'ok tls name', 'ok tls dates']],
  ['has expired', [-90, -1], 'trusted', [3, 'ok tls chain', 'ok tls name', 'fail tls dates']],
  ['is not valid yet', [1, 90], 'trusted', [3, 'ok tls chain', 'ok tls name', 'fail tls dates']],
  ['expires soon', [-90, 3], 'trusted', [0, 'ok tls chain', 'ok tls name', 'warn tls dates']],
] as const)('a certificate that %s', async (_, [from, to], trust, [code, ...tls]) => {
  const pair = await selfSigned('127.0.0.1', validFor(from, to));
  const { url } = await startWsServer({ tls: pair });
  const cwd = folderWith({ 'ca.pem': pair.cert });
  const examined = await examine(
    ['--url', url, ...(trust === 'trusted' ? ['--ca', 'ca.pem'] : [])],
    { cwd },
  );
  expect(states(examined)).toEqual([
    code,
    ...SECURE,
    ...tls,
    ...(code === 0 ? ['ok upgrade'] : []),
  ]);
});

test('a certificate for another name, of an authority that is trusted or not, and --insecure', async () => {
  const authority = await createAuthority();
  const pair = await issueCertificate(authority, 'chat.example.test', { withAddress: false });
  const { url, requests } = await startWsServer({ tls: pair });
  const cwd = folderWith();
  writeFileSync(join(cwd, 'ca.pem'), authority.cert);
  const wrong = await examine(['--url', url, '--ca', 'ca.pem'], { cwd });
  expect(states(wrong)).toEqual([3, ...SECURE, 'ok tls chain', 'fail tls name', 'ok tls dates']);
  const name = wrong.checks.find(({ check }) => check === 'tls name');
  expect(name?.found).toBe('is not for 127.0.0.1, but for chat.example.test');
  const stranger = await examine(['--url', url, '--servername', 'chat.example.test'], { cwd });
  expect(states(stranger)).toEqual([3, ...SECURE, 'fail tls chain', 'ok tls name', 'ok tls dates']);
  // Nothing was sent where the other end is not known.
  expect(requests).toHaveLength(0);
  const insecure = await examine(['--url', url, '--insecure'], { cwd });
  expect(states(insecure)).toEqual([
    0,
    ...SECURE,
    'warn tls chain',
    'warn tls name',
    'ok tls dates',
    'warn tls insecure',
    'ok upgrade',
  ]);
  expect(requests).toHaveLength(1);
});

test('TLS where there is none', async () => {
  const { url } = await startWsServer();
  const examined = await examine(['--url', url.replace('ws:', 'wss:')]);
  expect(states(examined)).toEqual([3, ...PLAIN, 'fail tls handshake']);
  expect(examined.checks.at(-1)?.advice).toContain('Does this port speak TLS?');
});

test('proxy variables: what they lead to, what they break, and --no-proxy', async () => {
  const named = await examine([], { env: { https_proxy: 'http://me:hunter2@proxy.test:3128' } });
  expect(states(named)).toEqual([0, 'warn proxy']);
  expect(named.checks[0]?.found).toBe('wss: through http://proxy.test:3128');
  const env = { http_proxy: 'socks5://proxy.test:1080' };
  const args = ['--url', 'ws://no-such-host.invalid/'];
  const used = await examine(args, { env });
  expect(states(used)).toEqual([3, 'warn proxy', 'fail proxy']);
  expect(used.checks.at(-1)?.found).toBe('http_proxy of the environment names no HTTP proxy');
  const without = await examine([...args, '--no-proxy'], { env });
  expect(states(without)).toEqual([3, 'warn proxy', 'ok endpoint', 'fail dns']);
});

test.skipIf(!succeeds('prlimit', '--version'))('few descriptors (prlimit is there)', async () => {
  const cwd = folderWith();
  const limited = start(
    ['prlimit', '--nofile=200:200', process.execPath, BIN, 'doctor', '--json'],
    { cwd },
  );
  const { code, stdout } = await limited.done;
  const { checks } = JSON.parse(stdout) as { checks: readonly Check[] }; // as --json prints it
  expect(checks.find(({ check }) => check === 'descriptors')).toEqual({
    check: 'descriptors',
    state: 'fail',
    found: '200 files may be open at a time in one process',
    advice: expect.stringContaining('ulimit -n 65536'),
  });
  expect(code).toBe(3);
});

const TARGET = (url: string, canary: string): string => `version: 1
title: A backend that writes a file
endpoints: { open: { url: ${url}/ } }
observer: { file: events.ndjson, canary: [sh, -c, '${canary}'] }
`;

test('an observer that loses the canary, and one whose backend writes nothing', async () => {
  const { url } = await startWsServer();
  const target = (canary: string): string =>
    folderWith({
      'targets/mine/target.yaml': TARGET(url, canary),
      'targets/mine/events.ndjson': '',
    });
  const lost = await examine(['--target', 'mine'], { cwd: target('cat > /dev/null') });
  expect(states(lost)).toEqual([3, ...PLAIN, 'ok upgrade', 'fail canary']);
  expect(lost.checks.at(-1)?.advice).toContain('observer.canary');
  const silent = await examine(['--target', 'mine'], { cwd: target('cat >> events.ndjson') });
  expect(states(silent)).toEqual([3, ...PLAIN, 'ok upgrade', 'ok canary', 'fail observer']);
  expect(silent.checks.at(-1)?.found).toContain('told of no event of a connection');
});

test('a launched target that cannot be started', async () => {
  const cwd = folderWith({
    'targets/mine/target.yaml': `version: 1
title: A program that is not there
endpoints: { open: { url: "ws://127.0.0.1:1/" } }
launch: { command: [/no/such/program], ready: { tcp: 127.0.0.1:1 } }
`,
  });
  const examined = await examine(['--target', 'mine'], { cwd });
  expect(states(examined)).toEqual([3, 'ok proxy', 'fail launch']);
});

test('the embedded gateway, with its probe', async () => {
  const examined = await examine(['--target', 'reference']);
  expect(states(examined)).toEqual([
    0,
    ...PLAIN,
    'ok upgrade',
    'ok clock of both',
    'ok endpoints',
    'ok probe',
  ]);
});

test('what is printed fits the terminal, with what to do below what is wrong', async () => {
  const args = ['doctor', '--url', 'ws://no-such-host.invalid/'];
  const { code, stdout, stderr } = await inProcess(args, { cwd: folderWith() });
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain(
    `fail dns          getaddrinfo ENOTFOUND no-such-host.invalid (ENOTFOUND)
                  → Check the host name.

1 fail`,
  );
  expect(stderr.split('\n').filter((line) => line.length > 100)).toEqual([]);
});

test('usage: two endpoints, a bad URL, no such target', async () => {
  const cwd = folderWith();
  const run = async (...args: string[]) => (await inProcess(['doctor', ...args], { cwd })).code;
  expect(await run('--url', 'ws://127.0.0.1:1/', '--target', 'reference')).toBe(2);
  expect(await run('--url', 'ftp://127.0.0.1/')).toBe(2);
  expect(await run('--target', 'nothing')).toBe(2);
});
