// The line that every failure prints, executed by a shell, reproduces the verdict of exactly that case.

import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseRunResult } from '../../src/report/json.ts';
import type { CaseResult } from '../../src/result/run-result.ts';
import { BIN, inProcess, start } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { portOf } from '../support/process.ts';

const server = createServer((_, response) => response.writeHead(404).end());
let url = '';

beforeAll(async () => {
  server.on('upgrade', (request, socket) => {
    const status = request.headers['x-role'] === 'admin' ? 503 : 404;
    socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `ws://127.0.0.1:${portOf(server)}/it's here?a=1&b=2`.replace(' ', '%20');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const AXES = `title: Roles are refused
axes: { role: { guest: guest, the-boss: the boss, admin: admin } }
vars: { status: 404 }
steps: [{ connect: { headers: { X-Role: "\${role}" } } }]
checks:
  refused: { handshake: { status: "\${status}" } }
`;

const MODULE = `
const refusal = (role) => ({ definition: {
  title: 'refused', steps: [{ connect: { headers: { 'X-Role': role } } }],
  checks: { refused: { handshake: { status: 404 } } },
} });
export default { guest: refusal('guest'), admin: refusal('admin') };
`;

async function failedIn(cwd: string, args: readonly string[]): Promise<readonly CaseResult[]> {
  const { stdout, stderr } = await inProcess(['run', ...args, '--reporter', 'json'], { cwd });
  const parsed = parseRunResult(stdout);
  if (parsed.kind === 'problem') throw new Error(`${parsed.message}\n${stderr}`);
  return parsed.result.cases.filter(({ findings }) =>
    findings.some(({ verdict }) => verdict === 'failed' || verdict === 'warned'),
  );
}

/** `npx ws-assay` as a user has it: the command in node_modules/.bin. */
async function runLine(cwd: string, line: string): Promise<readonly CaseResult[]> {
  mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true });
  const command = `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`;
  writeFileSync(join(cwd, 'node_modules/.bin/ws-assay'), command, { mode: 0o755 });
  const shell = start(['sh', '-c', `${line} --out again`], { cwd, env: { HOME: cwd } });
  shell.child.stdin?.end();
  expect((await shell.done).code).toBe(1);
  const parsed = parseRunResult(readFileSync(join(cwd, 'again/result.json'), 'utf8'));
  if (parsed.kind === 'problem') throw new Error(parsed.message);
  return parsed.result.cases;
}

function verdicts(one: CaseResult | undefined): readonly string[] {
  return one?.findings.map(({ check, verdict }) => `${verdict} ${check}`) ?? [];
}

it.each([
  ['a case of a scenario by its id', { 'scenarios/my/roles.yaml': AXES }, 'my/roles'],
  ['a case of a file', { "my checks/role's.yaml": AXES }, "my checks/role's.yaml"],
  [
    'a file that has the id of a shipped scenario',
    { 'connect/throws.yaml': AXES },
    './connect/throws.yaml',
  ],
  ['a scenario of a module', { 'generated.mjs': MODULE }, 'generated.mjs'],
])('runs %s again', async (_, files, word) => {
  const cwd = folderWith(files);
  const failed = await failedIn(cwd, [word, '--url', url]);
  expect(failed).toHaveLength(1);
  const again = await runLine(cwd, failed[0]?.rerun ?? '');
  expect(again.map(({ id }) => id)).toEqual(failed.map(({ id }) => id));
  expect(verdicts(again[0])).toEqual(verdicts(failed[0]));
});

it('keeps the variables that were given', async () => {
  const cwd = folderWith({ 'roles.yaml': AXES });
  const failed = await failedIn(cwd, ['roles.yaml', '--url', url, '--var', 'status=503']);
  expect(failed.map(({ axes }) => axes['role'])).toEqual(['guest', 'the-boss']);
  const [, second] = failed;
  const again = await runLine(cwd, second?.rerun ?? '');
  expect(again.map(({ id }) => id)).toEqual(['roles[role=the-boss]']);
});

it('keeps the target and the variables of a suite', async () => {
  const cwd = folderWith({
    'scenarios/my/roles.yaml': AXES,
    'targets/mine/target.yaml': `title: Mine\nurl: ${url}\n`,
    'suites/mine/suite.yaml':
      'title: Mine\ntarget: mine\nvars: { status: 503 }\nscenarios: [my/**]\n',
  });
  const failed = await failedIn(cwd, ['mine']);
  expect(failed.map(({ axes }) => axes['role'])).toEqual(['guest', 'the-boss']);
  expect(failed[0]?.rerun).toBe(
    "npx ws-assay run 'my/roles[role=guest]' --target mine --var status=503",
  );
  const again = await runLine(cwd, failed[0]?.rerun ?? '');
  expect(again.map(({ id }) => id)).toEqual(['my/roles[role=guest]']);
  expect(verdicts(again[0])).toEqual(verdicts(failed[0]));
});

it('keeps the fault of the embedded gateway and the axis of a shipped scenario', async () => {
  const cwd = folderWith();
  const word = 'connect/status-passthrough[status=404]';
  const failed = await failedIn(cwd, [
    word,
    '--fault',
    'refuses-with-403-always',
    '--fail-on',
    'should',
  ]);
  expect(failed.map(({ id }) => id)).toEqual([word]);
  const again = await runLine(cwd, failed[0]?.rerun ?? '');
  expect(again.map(({ id }) => id)).toEqual([word]);
  expect(verdicts(again[0])).toEqual(verdicts(failed[0]));
});
