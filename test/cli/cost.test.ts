// What a run costs at most, by the target's own price list, and that nothing is opened where it may be more than it shall.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Done, inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { portOf } from '../support/process.ts';

const TARGET = `title: priced
url: URL
prices:
  currency: USD
  dated: 2026-11-01
  source: https://prices.example.com/
  perMillion: { connections: 1000000, messages: 100000, connectionMinutes: 10000 }
`;

// 1 + 2 connections; 1 message of the first, 3 of each of the two, and as many answers.
const STEPS = `title: steps
steps:
  - { as: first, connect: }
  - { as: group, connect: { count: 2 } }
  - { connection: first, send: { text: a } }
  - repeat: { times: 3, steps: [{ connection: group, send: { text: b } }] }
checks:
  opens: { connection: first, handshake: { status: 101 } }
`;

// 4 a second for 5 s, each open for 10 s with a message every 4 s, answered within 5 s.
const LOAD = `title: load
load:
  phases: [{ arrivalRate: 4/s, duration: 5s }]
  openFor: 10s
  messages: { text: x, every: 4s }
  within: 5s
thresholds:
  opened: { share: { gte: 50% }, of: { handshake: { status: 101 } } }
`;

it('says what a load uses at most, and what that costs', async () => {
  const done = await run({ 'load.yaml': LOAD }, ['load.yaml', '--dry-run']);
  expect([done.code, done.stderr]).toEqual([0, '']);
  // 20 connections, each with 3 messages and 3 answers, for 15 s: 20 + 12 + 0.05 USD.
  expect(done.stdout).toContain(
    'at most 20 connections, 120 messages, 5 connection minutes\n' +
      'at most 32.0500 USD (prices of 2026-11-01: https://prices.example.com/)\n',
  );
});

it('counts what is repeated as often as it is', async () => {
  const done = await run({ 'steps.yaml': STEPS }, ['steps.yaml', '--dry-run']);
  expect(done.stderr).toBe('');
  expect(done.stdout).toContain('connections: 3\n');
  expect(done.stdout).toMatch(/at most 3 connections, 14 messages, \d+ connection minutes\n/);
});

it('opens nothing where it may cost more', async () => {
  const server = await startListener();
  const argv = ['load.yaml', '--max-cost', '32.04', '--out', 'out'];
  const { cwd, ...done } = await run({ 'load.yaml': LOAD }, argv, server.url);
  expect(done).toMatchObject({ code: 2, stdout: '' });
  expect(done.stderr).toContain(
    'The run may cost 32.0500 USD, and --max-cost is 32.04. Nothing was opened.',
  );
  expect([server.connections(), existsSync(join(cwd, 'out'))]).toEqual([0, false]);
});

it('runs where it may not', async () => {
  const server = await startListener();
  const text = STEPS.replace(/ {2}- repeat.*\n/, '');
  const done = await run({ 'steps.yaml': text }, ['steps.yaml', '--max-cost', '1000'], server.url);
  expect(done.stderr).not.toContain('--max-cost');
  expect(server.connections()).toBeGreaterThan(0);
});

it.each([
  ['no price list', [/prices:\n( .*\n)+/, ''], 'has no price list'],
  ['a price below nothing', [/messages: \d+/, 'messages: -1'], 'write a number from 0 on'],
  ['no day', [/dated: \S+/, 'dated: yesterday'], 'write a day: 2026-11-24'],
  ['no source', [/ {2}source: .*\n/, ''], 'source'],
  ['a thing that is not counted', [/messages:/, 'frames:'], 'frames'],
] as const)('says what is wrong: %s', async (_, [from, to], why) => {
  const target = TARGET.replace(from, to);
  expect(target).not.toBe(TARGET);
  const argv = ['load.yaml', '--max-cost', '1'];
  const done = await run({ 'load.yaml': LOAD, 'target.yaml': target }, argv);
  expect([done.code, done.stdout]).toEqual([2, '']);
  expect(done.stderr).toContain(why);
});

it.each(['-1', 'much', ''])('--max-cost %j is no amount', async (given) => {
  const done = await run({ 'load.yaml': LOAD }, ['load.yaml', `--max-cost=${given}`]);
  expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining('from 0 on') });
});

it('says who shares the quota of an account', async () => {
  const url = 'wss://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/probe';
  const done = await run({ 'load.yaml': LOAD }, ['load.yaml', '--dry-run'], url);
  expect(done.stdout).toContain(
    'shared: by default an account has 500 new connections a second in a Region, of which loads here take at most 4/s; what else it serves there has the rest\n',
  );
  const elsewhere = await run({ 'load.yaml': LOAD }, ['load.yaml', '--dry-run']);
  expect(elsewhere.stdout).not.toContain('shared:');
});

async function run(
  files: Readonly<Record<string, string>>,
  argv: readonly string[],
  url = 'ws://127.0.0.1:9/',
): Promise<Done & { readonly cwd: string }> {
  const all = { 'target.yaml': TARGET, ...files };
  const cwd = folderWith({ ...all, 'target.yaml': all['target.yaml'].replace('URL', url) });
  return { ...(await inProcess(['run', ...argv, '--target', 'target.yaml'], { cwd })), cwd };
}

async function startListener() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return { url: `ws://127.0.0.1:${portOf(server)}/`, connections: () => connections };
}
