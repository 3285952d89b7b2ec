// `ws-assay gateway` as its own process: ready line, service, ending, TLS.
import { once } from 'node:events';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { inProcess, type Started, startBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { freePort } from '../support/process.ts';

const HANDLER = `
export async function handler(event) {
  return { statusCode: 200, body: JSON.stringify({ got: event.body }) };
}
`;

const CONFIG = `
Region: eu-west-1
AccountId: "123456789012"
Apis:
  chat:
    ApiId: chat
    RouteSelectionExpression: $request.body.action
    Routes:
      $connect: { AuthorizationType: NONE, Target: integrations/all }
      $default: { Target: integrations/all, RouteResponseSelectionExpression: $default }
    Integrations:
      all: { IntegrationType: AWS_PROXY, Handler: "handler.mjs#handler", TimeoutInMillis: 3000 }
    Stages: { live: {} }
`;

const FILES = { 'gateway.yaml': CONFIG, 'handler.mjs': HANDLER };

interface ReadyLine {
  readonly ready: true;
  readonly apis: Readonly<Record<string, { readonly url: string; readonly managementUrl: string }>>;
}

async function whenReady(gateway: Started): Promise<ReadyLine> {
  const lines: string[] = [];
  gateway.child.stdout?.on('data', (chunk: string) => lines.push(chunk));
  await gateway.printed('stdout', /\n/);
  // the line is ours; its shape is asserted below
  return JSON.parse(lines.join('')) as ReadyLine;
}

it('prints one ready line, serves, and ends with 0 at SIGTERM', async () => {
  const cwd = folderWith(FILES);
  const port = await freePort();
  const gateway = startBin(['gateway', '--config', 'gateway.yaml', '--port', `chat=${port}`], {
    cwd,
  });
  expect(await whenReady(gateway)).toEqual({
    ready: true,
    apis: {
      chat: {
        url: `ws://127.0.0.1:${port}/live`,
        managementUrl: `http://127.0.0.1:${port}/live/@connections/{id}`,
      },
    },
  });
  const client = new WebSocket(`ws://127.0.0.1:${port}/live`);
  await once(client, 'open');
  client.send('hello');
  const [data] = await once(client, 'message');
  expect(JSON.parse(String(data))).toEqual({ got: 'hello' });
  gateway.child.kill('SIGTERM');
  expect(await gateway.done).toMatchObject({ code: 0, stderr: '' });
});

it.each(['SIGTERM', 'SIGINT'] as const)(
  'ends at once at %s while it watches its standard input',
  async (signal) => {
    const gateway = startBin(['gateway', '--exit-with-stdin'], { cwd: folderWith() });
    await whenReady(gateway);
    const beganMs = performance.now();
    gateway.child.kill(signal);
    expect(await gateway.done).toMatchObject({ code: 0 });
    expect(performance.now() - beganMs).toBeLessThan(2500);
  },
);

it('ends when its standard input ends, with --exit-with-stdin', async () => {
  const gateway = startBin(['gateway', '--exit-with-stdin'], { cwd: folderWith() });
  await whenReady(gateway);
  gateway.child.stdin?.end();
  expect(await gateway.done).toMatchObject({ code: 0, stderr: '' });
});

it('goes on without standard input when it was not told to watch it', async () => {
  const gateway = startBin(['gateway', '--config', 'gateway.yaml'], { cwd: folderWith(FILES) });
  gateway.child.stdin?.end();
  const { apis } = await whenReady(gateway);
  const client = new WebSocket(apis['chat']?.url ?? '');
  await once(client, 'open');
  client.terminate();
  gateway.child.kill('SIGINT');
  expect(await gateway.done).toMatchObject({ code: 0 });
});

it('serves TLS, which a run accepts with --ca and refuses without', async () => {
  const pems = await generate([{ name: 'commonName', value: 'assay.test' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const cwd = folderWith({ ...FILES, 'cert.pem': pems.cert, 'key.pem': pems.private });
  const gateway = startBin(
    ['gateway', '--config', 'gateway.yaml', '--cert', 'cert.pem', '--key', 'key.pem'],
    { cwd },
  );
  const url = (await whenReady(gateway)).apis['chat']?.url ?? '';
  expect(url).toMatch(/^wss:/);
  const run = ['run', 'rfc6455-handshake/answer', '--url', url, '--out', 'out'];
  const untrusted = await inProcess(run, { cwd });
  expect(untrusted.code).toBe(3);
  expect(untrusted.stderr).toContain('did not complete TLS');
  expect(untrusted.stderr).toContain('--ca');
  const trusted = await inProcess([...run, '--ca', join(cwd, 'cert.pem')], { cwd });
  expect(trusted).toMatchObject({ code: 0 });
  const insecure = await inProcess([...run, '--insecure'], { cwd });
  expect(insecure.code).toBe(0);
  expect(insecure.stderr.toLowerCase()).toContain('not verified');
});

it.each([
  ['--cert alone', ['--cert', 'cert.pem'], '--cert and --key go together'],
  ['a port without API', ['--port', '4001'], 'write the name of an API, =, and a port'],
  ['an unknown API', ['--port', 'chat2=4001'], 'chat2'],
  ['an unknown fault', ['--fault', 'sings'], 'There is no fault called sings'],
  ['a missing file', ['--config', 'none.yaml'], 'none.yaml'],
  [
    'a wrong file',
    ['--config', 'wrong.yaml'],
    'wrong.yaml:2:6 - error GATEWAY_CONFIG: Api: unknown key',
  ],
])('refuses %s with one message and exit code 2', async (_, args, message) => {
  const cwd = folderWith({ ...FILES, 'wrong.yaml': 'Apis: {}\nApi: 1\n' });
  const done = await inProcess(['gateway', '--config', 'gateway.yaml', ...args], { cwd });
  expect(done).toMatchObject({ code: 2, stdout: '' });
  expect(done.stderr).toContain(message);
  expect(done.stderr).not.toContain('    at ');
});
