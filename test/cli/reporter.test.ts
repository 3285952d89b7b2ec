// What goes to stdout, to stderr and to files, and what the environment changes about it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseRunResult } from '../../src/report/json.ts';
import { foldRun } from '../../src/result/fold.ts';
import { parseJournal } from '../../src/run/journal.ts';
import { type Done, inProcess, runBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

const FAILING = ['connect/refuses-with-400', '--fault', 'refuses-with-403-always', '--out', 'out'];

async function run(args: readonly string[], env = {}): Promise<Done & { readonly cwd: string }> {
  const cwd = folderWith();
  return { ...(await inProcess(['run', ...FAILING, ...args], { cwd, env })), cwd };
}

it('prints nothing to stdout by default', async () => {
  const done = await run([]);
  expect(done).toMatchObject({ code: 1, stdout: '' });
  expect(done.stderr).toContain('Failed: 1 of 1 decided checks failed.');
  expect(done.stderr).toContain('HTML   out/report.html');
});

it('json: the result alone, as it was saved', async () => {
  const done = await run(['--reporter', 'json']);
  expect(parseRunResult(done.stdout)).toMatchObject({ kind: 'result', result: { exitCode: 1 } });
  expect(done.stdout).toBe(readFileSync(join(done.cwd, 'out/result.json'), 'utf8'));
});

it('ndjson: the journal alone, event by event', async () => {
  const done = await run(['--reporter', 'ndjson']);
  const events = parseJournal(done.stdout);
  expect(events).toHaveLength(done.stdout.trimEnd().split('\n').length);
  expect(events.map(({ event }) => event)).toEqual([
    'run-started',
    'case-started',
    'case-ended',
    'run-ended',
  ]);
  expect(foldRun(events)).toMatchObject({ exitCode: 1, counts: { failed: 1 } });
  expect(done.stdout).toBe(readFileSync(join(done.cwd, 'out/journal.ndjson'), 'utf8'));
});

it.each(['ci', 'xunit-strict'])('junit (%s): the XML alone, as it was saved', async (dialect) => {
  const done = await run(['--reporter', 'junit', '--junit-dialect', dialect]);
  expect(done.stdout).toMatch(/^<\?xml [^]*<failure [^]*<\/testsuites>\s*$/);
  const saved = readFileSync(join(done.cwd, 'out/junit.xml'), 'utf8');
  // The saved one also names the HTML report as an attachment.
  expect(saved.match(/<testcase /g)).toEqual(done.stdout.match(/<testcase /g));
});

it('markdown: the summary alone, as it was saved', async () => {
  const done = await run(['--reporter', 'markdown']);
  expect(done.stdout).toBe(readFileSync(join(done.cwd, 'out/summary.md'), 'utf8'));
});

it('appends the summary to GITHUB_STEP_SUMMARY', async () => {
  const cwd = folderWith({ 'step.md': 'before\n' });
  const env = { GITHUB_STEP_SUMMARY: join(cwd, 'step.md') };
  await inProcess(['run', ...FAILING], { cwd, env });
  const summary = readFileSync(join(cwd, 'out/summary.md'), 'utf8');
  expect(readFileSync(join(cwd, 'step.md'), 'utf8')).toBe(`before\n${summary}`);
});

it('says so and goes on when GITHUB_STEP_SUMMARY cannot be written', async () => {
  const done = await run([], { GITHUB_STEP_SUMMARY: '/no/such/folder/step.md' });
  expect(done.code).toBe(1);
  expect(done.stderr).toContain('cannot write GITHUB_STEP_SUMMARY');
});

const ESCAPE = '\u001B[';

it.each([
  ['colours when told to', { FORCE_COLOR: '1' }, true],
  ['not into a pipe', {}, false],
  ['NO_COLOR wins', { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, false],
  ['CI without terminal', { CI: 'true' }, false],
])('%s', async (_, env, colored) => {
  const cwd = folderWith({
    'a.yaml':
      'title: t\nsteps: [{ connect: }]\nchecks: { opens: { handshake: { status: 101 } } }\n',
  });
  const done = await runBin(['run', 'a.yaml', '--url', 'ws://127.0.0.1:1/'], { cwd, env });
  expect(done.code).toBe(3);
  expect(done.stderr.includes(ESCAPE)).toBe(colored);
});
