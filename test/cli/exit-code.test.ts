// Every exit code of docs/exit-codes.md, by a command that ends with it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { parseRunResult } from '../../src/report/json.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { type Done, inProcess, runBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { testIo } from '../support/io.ts';
import { freePort } from '../support/process.ts';

const ONE = 'connect/refuses-with-400';
const SHOULD = 'connect/foreign-origin';

function resultIn(cwd: string): RunResult {
  const parsed = parseRunResult(readFileSync(join(cwd, 'out/result.json'), 'utf8'));
  if (parsed.kind === 'problem') throw new Error(parsed.message);
  return parsed.result;
}

async function run(args: readonly string[], cwd = folderWith()): Promise<Done & { cwd: string }> {
  return { ...(await inProcess(['run', '--out', 'out', ...args], { cwd })), cwd };
}

it('0: everything decided and as it should be', async () => {
  const cwd = folderWith();
  const done = await runBin(['run', '--out', 'out', ONE], { cwd });
  expect(done).toMatchObject({ code: 0, stdout: '' });
  expect(resultIn(cwd)).toMatchObject({ exitCode: 0, counts: { passed: 1, failed: 0 } });
});

it('1: a check failed', async () => {
  const cwd = folderWith();
  const done = await runBin(['run', '--out', 'out', '--fault', 'refuses-with-403-always', ONE], {
    cwd,
  });
  expect(done.code).toBe(1);
  expect(done.stderr).toContain(`npx ws-assay run ${ONE} --fault refuses-with-403-always`);
  expect(resultIn(cwd)).toMatchObject({ exitCode: 1, counts: { failed: 1 } });
});

it('0 or 1: what only warned fails with --fail-on should', async () => {
  const args = ['--fault', 'sends-cors-headers', SHOULD];
  const [lenient, strict] = [await run(args), await run([...args, '--fail-on', 'should'])];
  expect(resultIn(lenient.cwd).counts).toMatchObject({ failed: 0, warned: 1 });
  expect([lenient.code, strict.code]).toEqual([0, 1]);
});

it.each([
  ['an unknown command', ['rum'], "unknown command 'rum'", 'Did you mean run?'],
  ['an unknown option', ['run', '--tags', 'x'], "unknown option '--tags'", 'Did you mean --tag?'],
  ['a wrong choice', ['run', '--reporter', 'xml'], 'Allowed choices are', ''],
  ['a wrong number', ['run', '--concurrency', '0'], 'from 1 to 10000', ''],
  ['a variable without value', ['run', '--var', 'a'], '--var a: write a name, =, and a value', ''],
  ['two targets', ['run', '--url', 'ws://h', '--target', 'reference'], 'exclude one another', ''],
  ['a URL of another kind', ['run', '--url', 'http://h/'], 'ws://', ''],
  [
    'an unknown target',
    ['run', '--target', 'referense'],
    'no target called referense',
    'reference',
  ],
  ['an unknown fault', ['run', '--fault', 'sings', ONE], 'no fault called sings', 'list --faults'],
  ['a misspelt fault', ['run', '--fault', 'no-pongs', ONE], 'no fault called no-pongs', 'no-pong?'],
  ['a fault elsewhere', ['run', '--fault', 'no-pong', '--url', 'ws://h'], '--fault is for', ''],
  [
    'an unknown scenario',
    ['run', 'connect/throw'],
    'Nothing matches connect/throw',
    'connect/throws?',
  ],
  ['a pattern that matches nothing', ['run', 'conect/**'], 'Nothing matches conect/**', ''],
  ['an unknown check', ['run', `${ONE}#status-401`], `Nothing matches ${ONE}#status-401`, ''],
  ['a tag that nothing has', ['run', '--tag', 'quick'], '--tag quick', ''],
  ['a profile without suite', ['run', '--profile', 'p', ONE], '--profile is for a suite', ''],
  ['a file that is not there', ['run', './mine.yaml'], 'Nothing matches ./mine.yaml', ''],
  ['an unreadable CA', ['run', '--url', 'wss://h/', '--ca', 'none.pem'], 'none.pem', ''],
  ['half a client certificate', ['run', '--url', 'wss://h', '--cert', 'c'], '--key', 'together'],
])('2: %s', async (_, argv, message, hint) => {
  const cwd = folderWith();
  const done = await inProcess(argv, { cwd });
  expect(done).toMatchObject({ code: 2, stdout: '' });
  expect(done.stderr).toContain(message);
  expect(done.stderr).toContain(hint);
  expect(existsSync(join(cwd, 'reports'))).toBe(false);
});

it('2: no command at all, with the help', async () => {
  const done = await inProcess([], { cwd: folderWith() });
  expect(done.code).toBe(2);
  expect(done.stderr).toContain('Usage: ws-assay');
});

it('3: nobody listens', async () => {
  const url = `ws://127.0.0.1:${await freePort()}/`;
  const done = await run(['--url', url, 'rfc6455-handshake/answer']);
  expect(done.code).toBe(3);
  expect(done.stderr).toContain(`${url} cannot be reached`);
  const result = resultIn(done.cwd);
  expect(result.problems.map(({ code }) => code)).toEqual(['TARGET_UNREACHABLE']);
  expect(result.counts.errored).toBe(4);
});

it('3: the target cannot be launched, and what it printed is shown', async () => {
  const target = `title: Mine
url: ws://127.0.0.1:\${port.ws}/
launch:
  command: [node, -e, "console.error('no database'); process.exit(3)"]
  ports: [ws]
  ready: { tcp: "127.0.0.1:\${port.ws}", within: 5s }
`;
  const cwd = folderWith({ 'targets/mine/target.yaml': target });
  const done = await run(['--target', 'mine', 'rfc6455-handshake/answer'], cwd);
  expect(done.code).toBe(3);
  expect(done.stderr).toContain('exit code 3');
  expect(done.stderr).toContain('no database');
  expect(resultIn(cwd)).toMatchObject({
    problems: [{ code: 'TARGET_LAUNCH_FAILED' }],
    notRun: ['rfc6455-handshake/answer'],
  });
});

it('3: reports cannot be written; nothing is started', async () => {
  const done = await run([ONE], folderWith({ out: 'a file' }));
  expect(done).toMatchObject({ code: 3, stdout: '' });
  expect(done.stderr).toMatch(/^ws-assay: Cannot write to .*out: .*\nChoose another folder/);
});

it.skipIf(!existsSync('/proc/self'))('exits 3 at once where no folder can be made', async () => {
  const cwd = folderWith();
  const done = await inProcess(['run', ONE, '--out', '/proc/nowhere/reports'], { cwd });
  expect(done).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringContaining('Choose another folder with --out.'),
  });
});

it('3: nothing was decided', async () => {
  const url = `ws://127.0.0.1:${await freePort()}/`;
  const done = await run(['--url', url, ONE]);
  expect(done.code).toBe(3);
  expect(resultIn(done.cwd).counts).toMatchObject({ 'not-applicable': 1, errored: 0 });
});

it('70: a bug of ours, with its stack', async () => {
  const io = {
    ...testIo({ argv: ['list'], cwd: folderWith() }),
    stdout: () => {
      throw new TypeError('boom');
    },
  };
  let printed = '';
  expect(await main({ ...io, stderr: (text) => void (printed += text) })).toBe(70);
  expect(printed).toMatch(/^ws-assay: internal error: boom\n[^]*    at [^]*Please report it/);
});

it.each([['--help'], ['--version'], ['run', '--help'], ['help', 'run']])(
  '0: %s %s goes to stdout',
  async (...argv) => {
    const done = await inProcess(argv, { cwd: folderWith() });
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).not.toBe('');
  },
);
