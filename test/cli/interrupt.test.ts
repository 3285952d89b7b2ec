// SIGINT, SIGTERM and SIGKILL to the real process in the middle of a run.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { parseRunResult } from '../../src/report/json.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { parseJournal } from '../../src/run/journal.ts';
import { inProcess, type Started, startBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

const LONG = `title: Takes its time
steps:
  - connect: { backend: { $connect: { hang: true } } }
    within: 30s
checks:
  opens: { handshake: { status: 101 }, within: 30s }
`;

const SELECTION = ['connect/refuses-with-400', 'slow/long'];

/** One case is done, the other one waits for what never comes. */
async function midRun(cwd: string): Promise<Started> {
  const args = ['run', ...SELECTION, '--concurrency', '2', '--out', 'out', '--reporter', 'ndjson'];
  const run = startBin(args, { cwd });
  await run.printed('stdout', /"case-ended"/);
  await run.printed('stdout', /"case-started","id":"slow\/long"/);
  return run;
}

function resultIn(cwd: string): RunResult {
  const parsed = parseRunResult(readFileSync(join(cwd, 'out/result.json'), 'utf8'));
  if (parsed.kind === 'problem') throw new Error(parsed.message);
  return parsed.result;
}

const REPORTS = ['result.json', 'journal.ndjson', 'junit.xml', 'report.html', 'summary.md'];

it.each(['SIGINT', 'SIGTERM'] as const)(
  '%s: reports hold what was known, exit 130, nothing is left running',
  async (signal) => {
    const cwd = folderWith({ 'scenarios/slow/long.yaml': LONG });
    const run = await midRun(cwd);
    run.child.kill(signal);
    const done = await run.done;
    expect(done.code).toBe(130);
    expect(done.stderr).toContain(`${signal}: finishing; once more ends at once.`);
    expect(REPORTS.filter((name) => !existsSync(join(cwd, 'out', name)))).toEqual([]);
    const result = resultIn(cwd);
    expect(result).toMatchObject({ interrupted: true, exitCode: 130 });
    expect(result.cases.find(({ id }) => id === SELECTION[0])?.findings).toMatchObject([
      { verdict: 'passed' },
    ]);
    expect(result.counts).toMatchObject({ failed: 0, errored: 1 });
    const [, host = ''] = /Host: (127\.0\.0\.1:\d+)/.exec(JSON.stringify(result)) ?? [];
    await expect(fetch(`http://${host}/`)).rejects.toThrow('fetch failed');
  },
);

const STUBBORN = `
process.on('SIGTERM', () => {});
process.stdin.resume().on('end', () => process.exit());
const server = require('node:http').createServer().on('upgrade', () => {});
server.listen(Number(process.argv[2]), '127.0.0.1');
`;

it('a second SIGINT ends at once, even while a target refuses to stop', async () => {
  const cwd = folderWith({
    'scenarios/slow/long.yaml': LONG.replace(' backend: { $connect: { hang: true } } ', ''),
    'targets/stubborn/target.yaml': `title: Stubborn
url: ws://127.0.0.1:\${port.ws}/
launch:
  command: [node, server.cjs, "\${port.ws}"]
  ports: [ws]
  ready: { tcp: "127.0.0.1:\${port.ws}", within: 10s }
`,
    'targets/stubborn/server.cjs': STUBBORN,
  });
  const args = ['run', 'slow/long', '--target', 'stubborn', '--out', 'out', '--reporter', 'ndjson'];
  const run = startBin(args, { cwd });
  await run.printed('stdout', /"case-started"/);
  run.child.kill('SIGINT');
  await run.printed('stderr', /once more ends at once/);
  const beganMs = performance.now();
  // One that comes within half a second is the same one, passed on by npm.
  run.child.kill('SIGINT');
  await setTimeout(700);
  expect(run.child.exitCode).toBe(null);
  run.child.kill('SIGINT');
  expect(await run.done).toMatchObject({ code: 130 });
  expect(performance.now() - beganMs).toBeLessThan(2500);
  expect(existsSync(join(cwd, 'out/result.json'))).toBe(false);
  expect((await inProcess(['report', 'out'], { cwd })).code).toBe(130);
});

it('SIGKILL: the reports are made again from the journal', async () => {
  const cwd = folderWith({ 'scenarios/slow/long.yaml': LONG });
  const run = await midRun(cwd);
  run.child.kill('SIGKILL');
  const { stdout } = await run.done;
  expect(existsSync(join(cwd, 'out/result.json'))).toBe(false);
  const journal = readFileSync(join(cwd, 'out/journal.ndjson'), 'utf8');
  expect(parseJournal(journal)).toEqual(parseJournal(stdout));
  const remade = await inProcess(['report', 'out'], { cwd });
  expect(remade.code).toBe(130);
  expect(REPORTS.filter((name) => !existsSync(join(cwd, 'out', name)))).toEqual([]);
  const result = resultIn(cwd);
  expect(result).toMatchObject({ interrupted: true, notRun: ['slow/long'] });
  expect(result.problems.map(({ code }) => code)).toEqual(['RUN_UNFINISHED']);
  expect(result.cases.map(({ id }) => id)).toEqual(['connect/refuses-with-400']);
  // The same again from the saved result, without the journal.
  rmSync(join(cwd, 'out/journal.ndjson'));
  expect((await inProcess(['report', 'out/result.json', '--out', 'again'], { cwd })).code).toBe(
    130,
  );
  expect(readFileSync(join(cwd, 'again/junit.xml'), 'utf8')).toContain('slow/long');
});
