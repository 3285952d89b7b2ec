import { describe, expect, test } from 'vitest';
import type { Finding } from '../result/finding.ts';
import type { CaseResult, RunProblem } from '../result/run-result.ts';
import { newHearing } from './hearing.ts';

type Noted = Pick<CaseResult, 'findings' | 'records'>;
type Record = CaseResult['records'][number];

const AT = { seq: 1, atUs: 1, connection: 'client', member: 0 } as const;
const TIMEOUT: Record = {
  ...AT,
  kind: 'failure',
  outcome: 'timeout',
  phase: 'firstByte',
  code: 'DEADLINE',
  message: 'no answer came in time',
};
const INVOKED: Record = {
  ...AT,
  kind: 'invocation',
  type: 'CONNECT',
  phase: 'started',
  invocationId: 'a',
  clock: 'runner',
};

function noted(verdict: Finding['verdict'], ...records: Record[]): Noted {
  const span = { file: 'a.yaml', line: 1, column: 1, length: 1 };
  const rest = { message: '', expected: '', actual: {}, evidence: [] };
  return { findings: [{ check: 'a', verdict, level: 'must', span, ...rest }], records };
}
const silence = noted('failed', TIMEOUT);
const speech = noted('passed', { ...AT, kind: 'firstByte' });

interface Told {
  readonly says: string | undefined;
  readonly asked: number;
}

/** What is said after these; `running` cases have not ended yet. */
async function after(
  results: readonly Noted[],
  { there = false, running = [] }: { there?: boolean; running?: readonly Noted[] } = {},
): Promise<Told> {
  let asked = 0;
  const told: RunProblem[] = [];
  const isThere = (): Promise<boolean> => {
    asked += 1;
    return Promise.resolve(there);
  };
  const hearing = newHearing({ isThere, tell: (problem) => told.push(problem) });
  const all = [...results, ...running];
  for (const _ of all) hearing.begin();
  for (const result of results) hearing.note(result);
  const problems = Promise.all([hearing.problem(), hearing.problem()]);
  for (const result of running) {
    await Promise.resolve();
    hearing.note(result);
  }
  const [problem, same] = await problems;
  expect(same).toBe(problem);
  expect(told).toEqual(problem === undefined ? [] : [problem]);
  return { says: problem?.message, asked };
}
const times = (count: number): readonly Noted[] => Array.from({ length: count }, () => silence);
const NEVER = 'The endpoint accepts connections, and never sent a byte.';
const NO_MORE = 'The endpoint accepts connections, and has sent no byte for 3 cases.';

describe('silence', () => {
  test('is believed after three cases of an endpoint that never spoke', async () => {
    expect(await after(times(2))).toEqual({ says: undefined, asked: 0 });
    expect(await after(times(3))).toEqual({ says: NEVER, asked: 0 });
  });

  test('of one that has spoken is asked about once', async () => {
    expect(await after([speech, ...times(2)])).toEqual({ says: undefined, asked: 0 });
    expect(await after([speech, ...times(3)])).toEqual({ says: NO_MORE, asked: 1 });
    expect(await after([speech, ...times(3)], { there: true })).toEqual({
      says: undefined,
      asked: 1,
    });
  });

  test('is not concluded on before it is known what the cases that are running meet', async () => {
    expect(await after(times(1), { running: times(2) })).toEqual({ says: NEVER, asked: 0 });
    expect(await after(times(1), { running: [speech] })).toEqual({ says: undefined, asked: 0 });
    expect(await after([speech, ...times(1)], { running: times(2) })).toEqual({
      says: NO_MORE,
      asked: 1,
    });
    expect(await after([speech, ...times(3)], { running: [speech] })).toEqual({
      says: undefined,
      asked: 0,
    });
  });

  test.each<[string, Noted]>([
    ['a byte', speech],
    ['an invocation', noted('failed', TIMEOUT, INVOKED)],
    [
      'an answer to a call',
      noted('failed', TIMEOUT, { ...AT, kind: 'answer', name: 'a', status: 200 }),
    ],
  ])('is broken by %s', async (_, life) => {
    expect(await after([...times(2), life, ...times(2)])).toEqual({ says: undefined, asked: 0 });
  });

  test.each<[string, Noted]>([
    ['a case that wanted it', noted('passed', TIMEOUT)],
    ['an endpoint that hangs up', noted('failed', { ...TIMEOUT, outcome: 'dropped' })],
    ['an answer that stops in its middle', noted('failed', { ...TIMEOUT, phase: 'head' })],
  ])('is not %s', async (_, other) => {
    expect(await after([other, other, other, other])).toEqual({ says: undefined, asked: 0 });
  });
});
