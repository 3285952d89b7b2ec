// A user's own endpoint and scenarios, in a folder that knows nothing of this repository.

import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { inProcess, runBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { PACKAGE_ROOT } from '../support/io.ts';
import { portOf } from '../support/process.ts';

const TOKEN = 'marker-6d1c2f';

const SCENARIO = `title: Only a good token opens the chat
steps:
  - as: no-token
    connect:
  - as: good-token
    connect: { subprotocols: [chat], headers: { Authorization: "Bearer \${secret:CHAT_TOKEN}" } }
  - connection: good-token
    send: { json: { action: ping } }
checks:
  no-token-is-refused: { connection: no-token, handshake: { status: 401 } }
  good-token-opens: { connection: good-token, handshake: { status: 101, subprotocol: chat } }
  ping-is-answered:
    { connection: good-token, received: { some: { json: { type: pong } } }, within: 2s }
`;

const server = createServer();
const seen: IncomingMessage[] = [];
let url = '';

beforeAll(async () => {
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'chat' });
  server.on('upgrade', (request, socket, head) => {
    seen.push(request);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('message', () => client.send('{"type":"pong"}'));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `ws://127.0.0.1:${portOf(server)}/v1`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ENV = { CHAT_TOKEN: TOKEN };

it.each([
  ['its file', 'checks/tokens.yaml', 'checks/tokens.yaml'],
  ['its folder', 'checks/tokens.yaml', 'checks'],
  ['its id', 'scenarios/staging/tokens.yaml', 'staging/tokens'],
  ['a pattern', 'scenarios/staging/tokens.yaml', 'staging/**'],
])(
  'is run by %s against a bare URL, and nothing is added to its requests',
  async (_, file, word) => {
    const cwd = folderWith({ [file]: SCENARIO });
    seen.length = 0;
    const done = await inProcess(['run', word, '--url', url, '--out', 'out'], { cwd, env: ENV });
    expect(done).toMatchObject({ code: 0, stdout: '' });
    expect(done.stderr).toContain('3 passed');
    expect(seen.map((request) => request.url)).toEqual(['/v1', '/v1']);
  },
);

it('fails where the server does not do it, and its file is what to run again', async () => {
  const cwd = folderWith({ 'my checks/tokens.yaml': SCENARIO.replace('type: pong', 'type: pang') });
  const done = await inProcess(['run', 'my checks/tokens.yaml', '--url', url, '--out', 'out'], {
    cwd,
    env: ENV,
  });
  expect(done.code).toBe(1);
  expect(done.stderr).toContain(`npx ws-assay run 'my checks/tokens.yaml' --url ${url}`);
});

it('never shows a secret, in no output and no report', async () => {
  const cwd = folderWith({
    'tokens.yaml': SCENARIO.replace('status: 101', 'status: 102'),
  });
  const done = await inProcess(
    ['run', 'tokens.yaml', '--url', url, '--out', 'out', '--reporter', 'json'],
    { cwd, env: ENV },
  );
  expect(done.code).toBe(1);
  const reports = ['result.json', 'journal.ndjson', 'junit.xml', 'report.html', 'summary.md'];
  const texts = [
    done.stdout,
    done.stderr,
    ...reports.map((name) => readFileSync(join(cwd, 'out', name), 'utf8')),
  ];
  expect(texts.map((text) => text.includes(TOKEN))).toEqual(texts.map(() => false));
});

it('says which variable of the environment is missing, at its place', async () => {
  const cwd = folderWith({ 'tokens.yaml': SCENARIO });
  const done = await inProcess(['run', 'tokens.yaml', '--url', url], { cwd });
  expect(done.code).toBe(2);
  expect(done.stderr).toContain('tokens.yaml:6:');
  expect(done.stderr).toContain('SCN_MISSING_ENV');
  expect(done.stderr).toContain('CHAT_TOKEN');
});

it('takes credentials from a target file of its own, never showing them', async () => {
  const cwd = folderWith({
    'targets/chat/target.yaml': `title: Chat
endpoints:
  open:
    url: ${url}
    credentials:
      default: { headers: { Authorization: "Bearer \${secret:CHAT_TOKEN}" } }
`,
    'scenarios/chat/opens.yaml': `title: The chat opens
steps:
  - as: member
    connect: { subprotocols: [chat] }
  - as: nobody
    connect: { credentials: none }
checks:
  opens: { connection: member, handshake: { status: 101 } }
  refuses: { connection: nobody, handshake: { status: 401 } }
`,
  });
  const done = await inProcess(
    ['run', 'chat/opens', '--target', 'chat', '--out', 'out', '--reporter', 'json'],
    { cwd, env: ENV },
  );
  expect(done.code).toBe(0);
  expect(`${done.stdout}${done.stderr}`).not.toContain(TOKEN);
});

it('takes --var over its own default, and repeats its nonces with the same --seed', async () => {
  const cwd = folderWith({
    'who.yaml': `title: t
vars: { who: nobody }
steps:
  - connect: { query: { who: "\${who}", nonce: "\${nonce}" } }
checks:
  refused: { handshake: { status: 401 } }
`,
  });
  const requested = async (...args: string[]): Promise<string | undefined> => {
    seen.length = 0;
    await inProcess(['run', 'who.yaml', '--url', url, '--out', 'out', ...args], { cwd });
    return seen[0]?.url;
  };
  const first = await requested('--seed', 's1', '--var', 'who=me & you');
  expect(first).toMatch(/^\/v1\?who=me(%20|\+)%26(%20|\+)you&nonce=[a-z2-7]{26}$/);
  expect(await requested('--seed', 's1', '--var', 'who=me & you')).toBe(first);
  expect(await requested('--seed', 's2', '--var', 'who=me & you')).not.toBe(first);
  expect(await requested()).toMatch(/who=nobody/);
});

it('selects by --tag and --exclude-tag', async () => {
  const tagged = (tags: string): string =>
    `title: t\ntags: [${tags}]\nsteps: [{ connect: }]\nchecks: { refused: { handshake: { status: 401 } } }\n`;
  const cwd = folderWith({
    'scenarios/my/a.yaml': tagged('quick, chat'),
    'scenarios/my/b.yaml': tagged('slow, chat'),
    'scenarios/my/c.yaml': tagged('quick'),
  });
  const planned = async (...args: string[]): Promise<readonly string[]> => {
    const done = await inProcess(['run', 'my/**', '--url', url, '--dry-run', ...args], { cwd });
    return done.stdout.match(/my\/\w/g) ?? [];
  };
  expect(await planned('--tag', 'quick')).toEqual(['my/a', 'my/c']);
  expect(await planned('--tag', 'chat', '--exclude-tag', 'slow')).toEqual(['my/a']);
  expect(await planned()).toEqual(['my/a', 'my/b', 'my/c']);
});

it('is built with defineScenario in a module', async () => {
  const cwd = folderWith({
    'package.json': '{ "type": "module" }',
    'generated.mjs': `
import { defineScenario } from 'ws-assay';
const refusal = (token) => defineScenario({
  title: 'A wrong token is refused',
  steps: [{ connect: { headers: { Authorization: token } } }],
  checks: { refused: { handshake: { status: { oneOf: [401, 403] } } } },
});
export default { empty: refusal(''), basic: refusal('Basic eDp5'), long: refusal('Bearer ' + 'x'.repeat(4000)) };
`,
  });
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(PACKAGE_ROOT, join(cwd, 'node_modules/ws-assay'));
  const done = await runBin(['run', 'generated.mjs', '--url', url, '--out', 'out'], { cwd });
  expect(done.stderr).toContain('generated/empty');
  expect(done.stderr).toContain('3 passed');
  expect(done.code).toBe(0);
});

it.each([
  ['throws', "throw new Error('no tokens today')", 'cannot be loaded: no tokens today'],
  ['exports nothing', 'export const a = 1;', 'does not export scenarios by default'],
  [
    'defines a wrong scenario',
    'export default { definition: { title: "t", steps: [{ conect: {} }], checks: {} } };',
    'conect',
  ],
])('explains a module that %s', async (_, text, message) => {
  const cwd = folderWith({ 'generated.mjs': text });
  const done = await inProcess(['run', 'generated.mjs', '--url', url], { cwd });
  expect(done.code).toBe(2);
  expect(done.stderr).toContain(message);
  expect(done.stderr).not.toContain('internal error');
});
