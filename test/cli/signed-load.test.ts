// Loads, and a benchmark, on an API that lets in only who signs: each attempt signs for itself, and the gateway, which
// shares no code with the signer, verifies each.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { BenchResult } from '../../src/result/bench-result.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { type Done, runBin, type Started, startBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

const SECRET = 'Load/Secret+Of+Ann/0000001';
const TEMPORARY = 'Load/Secret+Of+Ann/0000002';
const TOKEN = 'Load/Session+Token+Of+Ann==';

const GATEWAY = `Apis:
  chat:
    ApiId: chat
    Routes: { $connect: { AuthorizationType: AWS_IAM, Target: integrations/app } }
    Integrations: { app: { Handler: "app.mjs#handler", ProvisionedConcurrency: 4 } }
    Stages: { dev: {} }
Users:
  ann:
    AccessKeys:
      AKIALOADEXAMPLE00001: { SecretAccessKey: ${SECRET} }
      ASIALOADEXAMPLE00001: { SecretAccessKey: ${TEMPORARY}, SessionToken: ${TOKEN} }
    PolicyDocument:
      Version: "2012-10-17"
      Statement: { Effect: Allow, Action: "execute-api:Invoke", Resource: "*" }
`;

const TARGET = `title: An API of IAM
aws: { region: us-east-1 }
endpoints:
  open:
    url: ws://chat.example.com:\${port.chat}/dev
    credentials:
      default: { sign: { accessKeyId: AKIALOADEXAMPLE00001, secretAccessKey: ${SECRET} } }
      temporary:
        sign:
          accessKeyId: ASIALOADEXAMPLE00001
          secretAccessKey: ${TEMPORARY}
          sessionToken: ${TOKEN}
      wrong: { sign: { accessKeyId: AKIALOADEXAMPLE00001, secretAccessKey: Load/Another+Secret/000001 } }
      nobody: {}
network: { resolve: ["chat.example.com:\${port.chat}:127.0.0.1"] }
correlate: query
launch:
  gateway: gateway.yaml
  ports: [chat]
  ready: { tcp: "127.0.0.1:\${port.chat}", within: 20s }
`;

const FILES = {
  'targets/chat/target.yaml': TARGET,
  'targets/chat/gateway.yaml': GATEWAY,
  'targets/chat/app.mjs': 'export const handler = async () => ({ statusCode: 200 });\n',
};

interface Ran extends Done {
  readonly result: RunResult;
  /** By scenario: what came of its attempts. */
  readonly totals: Readonly<Record<string, object>>;
  /** Everything that was written. */
  readonly written: string;
}

/** Runs loads of 60 attempts in a steady second and 20 at once, each connecting in its own way. */
async function loads(connects: Readonly<Record<string, string>>, more = ''): Promise<Ran> {
  const scenarios = Object.entries(connects).map(([name, connect]) => [
    `${name}.yaml`,
    `title: t
load:
  connect: ${connect}
  phases: [{ arrivalRate: 60/s, duration: 1s }, { arrivals: 20 }]
  openFor: 50ms${more}
thresholds: { answered: { share: { gte: 0% }, of: { handshake: { status: 101 } } } }
`,
  ]);
  return await run(Object.fromEntries(scenarios) as Record<string, string>);
}

async function run(scenarios: Readonly<Record<string, string>>): Promise<Ran> {
  const cwd = folderWith({ ...FILES, ...scenarios });
  const args = ['run', ...Object.keys(scenarios), '--target', 'chat', '--out', 'out'];
  const done = await runBin(args, { cwd });
  const read = (name: string): string => readFileSync(join(cwd, 'out', name), 'utf8');
  const result = JSON.parse(read('result.json')) as RunResult;
  const totals = result.cases.map(({ id, load }) => {
    const { offered, opened, refused, failed } = load?.total ?? {};
    return [id, { offered, opened, refused, failed }];
  });
  const names = ['result.json', 'report.html', 'junit.xml', 'attempts.ndjson'];
  const written = [done.stdout, done.stderr, ...names.map(read)].join('\n');
  return { ...done, result, totals: Object.fromEntries(totals) as Ran['totals'], written };
}

const ALL_IN = { offered: 80, opened: 80, refused: {}, failed: {} };
const NONE_IN = { offered: 80, opened: 0, refused: { 403: 80 }, failed: {} };

test('who signs is let in: in the header, presigned, with a token, for a domain of its own, for another host', async () => {
  const ran = await loads({
    header: '{}',
    presigned: '{ sign: { in: query } }',
    temporary: '{ credentials: temporary }',
    'temporary-presigned': '{ credentials: temporary, sign: { in: query } }',
    'other-host': '{ headers: { Host: api.example.org }, sign: { in: query } }',
  });
  expect(ran.totals).toEqual({
    header: ALL_IN,
    presigned: ALL_IN,
    temporary: ALL_IN,
    'temporary-presigned': ALL_IN,
    'other-host': ALL_IN,
  });
});

test('who does not sign rightly is refused, every time, and no secret is told', async () => {
  const ran = await loads({
    wrong: '{ credentials: wrong }',
    expired: '{ sign: { in: query, expires: 60s, at: -2m } }',
    old: '{ sign: { at: -20m } }',
    unsigned: '{ sign: false }',
    tampered: '{ sign: { in: query, tamper: query } }',
    'without-token': '{ credentials: temporary, sign: { sessionToken: false } }',
    'another-region': '{ sign: { region: eu-west-1 } }',
  });
  expect(ran.totals).toEqual({
    wrong: NONE_IN,
    expired: NONE_IN,
    old: NONE_IN,
    unsigned: NONE_IN,
    tampered: NONE_IN,
    'without-token': NONE_IN,
    'another-region': NONE_IN,
  });
  for (const secret of [SECRET, TEMPORARY, TOKEN, 'Load/Another+Secret']) {
    expect(ran.written).not.toContain(secret);
  }
});

test('each attempt is signed when it is sent: what is valid for two seconds lets in for four', async () => {
  const ran = await run({
    'short.yaml': `title: t
load:
  connect: { sign: { in: query, expires: 2s } }
  phases: [{ arrivalRate: 40/s, duration: 4s }]
  openFor: 50ms
thresholds: { answered: { share: { gte: 0% }, of: { handshake: { status: 101 } } } }
`,
  });
  expect(ran.totals).toEqual({ short: { offered: 160, opened: 160, refused: {}, failed: {} } });
});

test('under churn: every way of ending, and those that come again sign again', async () => {
  const churn = `
  endings:
    - { share: 40%, close: { code: 1000 } }
    - { share: 30%, drop: reset }
    - { share: 30%, drop: fin }`;
  const ran = await loads({ churn: '{ sign: { in: query } }', header: '{}' }, churn);
  expect(ran.totals).toEqual({ churn: ALL_IN, header: ALL_IN });
  const again = `\n  reconnect: { after: 100ms, times: 2 }`;
  const refused = await loads({ again: '{ credentials: wrong }' }, again);
  expect(refused.totals).toEqual({
    again: { offered: 240, opened: 0, refused: { 403: 240 }, failed: {} },
  });
});

test('a signature that the endpoint repeats is in no report', async () => {
  const said: string[] = [];
  const server = createServer().on('upgrade', (request, socket) => {
    const { authorization = '' } = request.headers;
    said.push(/Signature=(\w{64})$/.exec(authorization)?.[1] ?? '');
    socket.end(
      `HTTP/1.1 403 Forbidden\r\nX-Said: ${authorization}\r\nContent-Length: ${authorization.length}\r\nConnection: close\r\n\r\n${authorization}`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const cwd = folderWith({
    'echo.yaml': `title: t
load: { phases: [{ arrivals: 20 }] }
thresholds: { answered: { share: { gte: 0% }, of: { handshake: { status: 101 } } } }
`,
  });
  const args = ['run', 'echo.yaml', '--url', `ws://127.0.0.1:${port}/`, '--sign', 'header'];
  const env = { AWS_ACCESS_KEY_ID: 'AKIALOADEXAMPLE00001', AWS_SECRET_ACCESS_KEY: SECRET };
  await runBin([...args, '--region', 'eu-west-1', '--out', 'out'], { cwd, env });
  expect(said).toHaveLength(20);
  const written = ['result.json', 'report.html', 'junit.xml']
    .map((name) => readFileSync(join(cwd, 'out', name), 'utf8'))
    .join('\n');
  expect(written).toContain('[redacted:signature]');
  expect(said.filter((signature) => written.includes(signature))).toEqual([]);
});

async function whenReady(gateway: Started): Promise<string> {
  let text = '';
  gateway.child.stdout?.on('data', (chunk: string) => {
    text += chunk;
  });
  await gateway.printed('stdout', /"ready":true/);
  const { apis } = JSON.parse(text) as {
    readonly apis: { readonly chat: { readonly url: string } };
  };
  return apis.chat.url;
}

test('bench --sign lets in each connection and each rate, and needs keys and a region', async () => {
  const cwd = folderWith(FILES);
  const gateway = startBin(['gateway', '--config', 'targets/chat/gateway.yaml'], { cwd });
  const url = await whenReady(gateway);
  const env = { AWS_ACCESS_KEY_ID: 'ASIALOADEXAMPLE00001', AWS_SECRET_ACCESS_KEY: TEMPORARY };
  const bench = async (args: readonly string[], more: Readonly<Record<string, string>>) =>
    await runBin(['bench', url, ...args], { cwd, env: { ...env, ...more } });
  const quick = ['--time', '300ms', '--max-rate', '100/s', '--stage', '300ms', '--no-message'];
  for (const place of ['header', 'query']) {
    const args = [...quick, '--sign', place, '--region', 'us-east-1', '--reporter', 'json'];
    const done = await bench(args, { AWS_SESSION_TOKEN: TOKEN });
    const [endpoint] = (JSON.parse(done.stdout) as BenchResult).endpoints;
    expect(endpoint?.figures.map(({ failed }) => failed)).toEqual([{}, {}, {}, {}]);
    expect(endpoint?.sweep?.stages.length).toBeGreaterThan(0);
    for (const { attempts, opened } of endpoint?.sweep?.stages ?? []) {
      expect(opened).toBe(attempts);
    }
    expect(done.stdout + done.stderr).not.toContain(TOKEN);
  }
  const signed = ['--sign', 'query', '--no-sweep', '--time', '200ms'];
  const wrong = await bench([...signed, '--region', 'us-east-1'], { AWS_SESSION_TOKEN: 'another' });
  expect([wrong.code, wrong.stderr.includes('the answer was 403')]).toEqual([3, true]);
  const placeless = await bench(signed, {});
  expect([placeless.code, placeless.stderr.includes('there is no region to sign for')]).toEqual([
    2,
    true,
  ]);
  const keyless = await bench([...signed, '--region', 'us-east-1'], { AWS_ACCESS_KEY_ID: '' });
  expect([
    keyless.code,
    keyless.stderr.includes('the environment has no AWS_ACCESS_KEY_ID'),
  ]).toEqual([2, true]);
});

test.each([
  [['--sign', 'query'], '--sign goes with --url.'],
  [
    ['--url', 'ws://127.0.0.1:1', '--region', 'us-east-1'],
    '--region is that of a signature, and nothing is signed.',
  ],
])('%j is a mistake, exit 2', async (args, said) => {
  const { code, stderr } = await runBin(['run', ...args], { cwd: folderWith() });
  expect([code, stderr.includes(said)]).toEqual([2, true]);
});
