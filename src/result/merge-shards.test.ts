import { describe, expect, it } from 'vitest';
import { mergeShards, type Part } from './merge-shards.ts';
import type { RunResult } from './run-result.ts';

const part = (index: number, changes: Partial<RunResult> = {}): Part => ({
  file: `p${index}/result.json`,
  // what is looked at of a run
  result: {
    tool: { name: 'ws-assay', version: '1' },
    runId: `r${index}`,
    startedAt: `2026-01-01T00:00:0${index}.000Z`,
    durationMs: 1000,
    command: `ws-assay run --shard ${index}/2`,
    seed: `s${index}`,
    policy: { failOn: 'must' },
    target: { name: 't' },
    shard: { index, of: 2, cases: 2, plan: 'abc' },
    requirements: { [`q${index}`]: {} },
    cases: [caseOf(`c${3 - index}`, 'passed')],
    notRun: [],
    problems: [],
    interrupted: false,
    counts: {},
    exitCode: 0,
    ...changes,
  } as unknown as RunResult,
});

function caseOf(id: string, verdict: string): RunResult['cases'][number] {
  return {
    id,
    scenario: id,
    findings: [{ check: 'a', verdict }],
  } as unknown as RunResult['cases'][number];
}

const merge = (...parts: readonly Part[]): RunResult => mergeShards(parts, 'ws-assay report merge');

describe('parts put together', () => {
  it('are one run, in whatever order they are given', () => {
    const result = merge(part(2), part(1));
    expect(result).toMatchObject({
      runId: 'r1-merged',
      command: 'ws-assay report merge',
      seed: 's1 s2',
      startedAt: '2026-01-01T00:00:01.000Z',
      durationMs: 2000,
      cases: [{ id: 'c1' }, { id: 'c2' }],
      requirements: { q1: {}, q2: {} },
      merged: [
        { index: 1, runId: 'r1' },
        { index: 2, runId: 'r2' },
      ],
      counts: { passed: 2, failed: 0 },
      problems: [],
      exitCode: 0,
    });
    expect(result.shard).toBeUndefined();
  });

  it.each<[string, readonly Part[], number]>([
    ['one fails', [part(1), part(2, { cases: [caseOf('c1', 'failed')] })], 1],
    ['one was interrupted', [part(1), part(2, { interrupted: true })], 130],
    ['one did not run a case', [part(1), part(2, { cases: [], notRun: ['c1'] })], 3],
    [
      'none has decided anything',
      [
        part(1, { cases: [caseOf('c2', 'recorded')] }),
        part(2, { cases: [caseOf('c1', 'recorded')] }),
      ],
      3,
    ],
    ['only one has decided anything', [part(1), part(2, { cases: [caseOf('c1', 'recorded')] })], 0],
  ])('where %s', (_, parts, code) => {
    expect(merge(...parts).exitCode).toBe(code);
  });

  it('a problem of all is said once', () => {
    const problems = [{ code: 'X', message: 'x' }];
    expect(merge(part(1, { problems }), part(2, { problems })).problems).toEqual(problems);
  });

  it('a part that is missing leaves the run untested', () => {
    const result = merge(part(2));
    expect(result.exitCode).toBe(3);
    expect(result.problems).toEqual([
      { code: 'SHARD_MISSING', message: 'Part 1 of 2 is missing: of 2 cases 1 are known.' },
    ]);
  });

  it('so does a case that is in no part', () => {
    const result = merge(part(1), part(2, { cases: [] }));
    expect(result.exitCode).toBe(3);
    expect(result.problems.map(({ message }) => message)).toEqual([
      'Parts have lost cases: of 2 cases 1 are known.',
    ]);
  });

  const entry = (check: string) =>
    ({ check, verdict: 'failed', actual: {}, reason: 'r', expires: '2027-01-01' }) as never;
  it('has the entries of the baseline that concern any part, and those that concern none once', () => {
    const result = merge(
      part(1, { baseline: { file: 'b', entries: [entry('c1#a')], unselected: 2 } }),
      part(2, { baseline: { file: 'b', entries: [entry('c1#a'), entry('c2#a')], unselected: 1 } }),
    );
    expect(result.baseline).toEqual({
      file: 'b',
      entries: [entry('c1#a'), entry('c2#a')],
      unselected: 1,
    });
  });

  it.each<[string, readonly Part[], string]>([
    [
      'a whole run',
      [part(1), { ...part(2), result: { ...part(2).result, shard: undefined } as never }],
      'p2/result.json: this is no part of a run.',
    ],
    ['a part twice', [part(1), part(1)], 'p1/result.json and p1/result.json are both part 1.'],
    ...(
      [
        ['number of parts', { shard: { index: 2, of: 3, cases: 2, plan: 'abc' } }],
        ['cases and checks', { shard: { index: 2, of: 2, cases: 2, plan: 'abd' } }],
        ['version', { tool: { name: 'ws-assay', version: '2' } }],
        ['suite', { suite: { name: 'x', title: 'X' } }],
        ['target', { target: { name: 'u' } as never }],
        ['policy', { policy: { failOn: 'should' } }],
        ['baseline', { baseline: { file: 'b', entries: [], unselected: 0 } }],
      ] as const
    ).map(([what, changes]): [string, readonly Part[], string] => [
      `another ${what}`,
      [part(1), part(2, changes)],
      `p2/result.json is of another run than p1/result.json: not the same ${what}.`,
    ]),
  ])('%s is refused', (_, parts, message) => {
    expect(() => merge(...parts)).toThrow(message);
  });
});
