// `run --shard i/n` and `report merge`: the parts of a run are the run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunResult } from '../../src/result/run-result.ts';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

const SELECTION = ['subprotocol/*', 'authorizer/*', '--fault', 'echoes-first-subprotocol'];

const resultIn = (cwd: string, out: string): RunResult =>
  JSON.parse(readFileSync(join(cwd, out, 'result.json'), 'utf8')) as RunResult;

/** What must be the same of two runs that did the same. */
const essence = ({ cases, counts, exitCode, requirements, target, notRun }: RunResult) => ({
  verdicts: cases
    .flatMap(({ id, findings }) =>
      findings.map(({ check, verdict }) => `${verdict} ${id}#${check}`),
    )
    .toSorted(),
  counts,
  exitCode,
  requirements: Object.keys(requirements).toSorted(),
  target,
  notRun,
});

it('three parts, merged, are as the whole run', { timeout: 240_000 }, async () => {
  const cwd = folderWith();
  const runs = ['1/3', '2/3', '3/3'].map((shard) => [
    '--shard',
    shard,
    '--out',
    `part-${shard[0]}`,
  ]);
  for (const more of [['--out', 'whole'], ...runs]) {
    await inProcess(['run', ...SELECTION, ...more], { cwd });
  }
  const parts = ['part-3', 'part-1', 'part-2/result.json'];
  const merged = await inProcess(['report', 'merge', ...parts, '--out', 'all'], { cwd });
  const whole = essence(resultIn(cwd, 'whole'));
  expect(whole.exitCode).toBe(1);
  expect(merged.code).toBe(1);
  expect(essence(resultIn(cwd, 'all'))).toEqual(whole);
  const cases = (out: string): number => resultIn(cwd, out).cases.length;
  expect(cases('part-1') + cases('part-2') + cases('part-3')).toBe(cases('all'));
  const tests = /tests="(\d+)"/;
  expect(tests.exec(readFileSync(join(cwd, 'all/junit.xml'), 'utf8'))?.[1]).toBe(
    tests.exec(readFileSync(join(cwd, 'whole/junit.xml'), 'utf8'))?.[1],
  );
  expect(readFileSync(join(cwd, 'all/report.html'), 'utf8')).toContain('Put together from');
  // A merged run is a run.
  const again = await inProcess(['report', 'all', '--out', 'again'], { cwd });
  expect(again.code).toBe(1);

  const two = await inProcess(['report', 'merge', 'part-1', 'part-3', '--out', 'two'], { cwd });
  expect(two.code).toBe(3);
  expect(two.stderr).toContain('Part 2 of 3 is missing');
  const refused = await inProcess(['report', 'merge', 'part-1', 'whole', '--out', 'no'], { cwd });
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining('whole/result.json: this is no part of a run.'),
  ]);
});

it.each([
  ['0/2', 'Write which part of how many: 2/4.'],
  ['3/2', 'Write which part of how many: 2/4.'],
  ['one', 'Write which part of how many: 2/4.'],
  ['1/9', '--shard: there are 2 cases to run, too few for 9 parts.'],
])('--shard %s is refused', async (shard, message) => {
  const cwd = folderWith({
    'a.yaml':
      'title: A\naxes: { n: { one: "1", two: "2" } }\nsteps: [{ connect: }]\nchecks: { a: { handshake: { status: 101 } } }\n',
  });
  const { code, stderr } = await inProcess(['run', 'a.yaml', '--shard', shard], { cwd });
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
