import { expect, test } from 'vitest';
import type { Finding, Verdict } from './finding.ts';
import { foldRun } from './fold.ts';
import type { RunEvent, RunHead } from './run-event.ts';
import type { CaseResult } from './run-result.ts';
import { exitCodeOf } from './summary.ts';

const head: RunHead = {
  schemaVersion: 1,
  tool: { name: 'ws-assay', version: '0.0.0' },
  runId: 'r',
  startedAt: '2026-01-01T00:00:00.000Z',
  command: 'ws-assay run',
  seed: 's',
  policy: { failOn: 'must' },
  environment: { node: 'v20', platform: 'linux', arch: 'x64' },
  target: { name: 't', title: 't', endpoints: {}, features: [], insecure: false, launched: false },
  requirements: {},
};

test('a finished run folds into its result, cases in planned order', () => {
  const result = foldRun([
    { event: 'run-started', head, planned: ['a', 'b'] },
    { event: 'case-started', id: 'a', atUs: 0 },
    { event: 'case-started', id: 'b', atUs: 0 },
    { event: 'case-ended', result: caseWith('b', 'warned') },
    { event: 'case-ended', result: caseWith('a', 'passed') },
    { event: 'run-ended', durationMs: 12, interrupted: false },
  ]);
  expect(result?.cases.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(result).toMatchObject({
    notRun: [],
    problems: [],
    exitCode: 0,
    durationMs: 12,
    interrupted: false,
  });
  expect(result?.counts).toMatchObject({ passed: 1, warned: 1, failed: 0 });
});

test('a killed run keeps what it knew and says that it was killed', () => {
  const result = foldRun([
    { event: 'run-started', head, planned: ['a', 'b', 'c'] },
    { event: 'case-ended', result: caseWith('a', 'passed') },
    { event: 'case-started', id: 'b', atUs: 5 },
  ]);
  expect(result).toMatchObject({ notRun: ['b', 'c'], interrupted: true, exitCode: 130 });
  expect(result?.problems.map(({ code }) => code)).toEqual(['RUN_UNFINISHED']);
});

test('a case that was run again counts once, with its last result', () => {
  const result = foldRun([
    { event: 'run-started', head, planned: ['a'] },
    { event: 'case-ended', result: caseWith('a', 'passed') },
    { event: 'case-ended', result: caseWith('a', 'failed') },
    { event: 'run-ended', durationMs: 1, interrupted: false },
  ]);
  expect(result?.counts).toMatchObject({ passed: 0, failed: 1 });
});

test('a stream without a beginning is no run', () => {
  expect(foldRun([])).toBeUndefined();
  const end: RunEvent = { event: 'run-ended', durationMs: 1, interrupted: false };
  expect(foldRun([end])).toBeUndefined();
});

test.each<[string, readonly Verdict[], 'must' | 'should', number]>([
  ['all passed', ['passed', 'passed'], 'must', 0],
  ['warned under must', ['passed', 'warned'], 'must', 0],
  ['warned under should', ['passed', 'warned'], 'should', 1],
  ['failed', ['passed', 'failed'], 'must', 1],
  ['errored beats failed', ['failed', 'errored'], 'must', 3],
  ['failed beats inconclusive', ['failed', 'inconclusive'], 'must', 1],
  ['inconclusive only', ['passed', 'inconclusive'], 'must', 4],
  ['nothing decided', ['recorded', 'not-applicable', 'skipped'], 'must', 3],
  ['nothing at all', [], 'must', 3],
])('%s gives its exit code', (_, verdicts, failOn, code) => {
  const cases = verdicts.map((verdict, i) => caseWith(`c${i}`, verdict));
  expect(exitCodeOf({ cases, notRun: [], problems: [], interrupted: false, failOn })).toBe(code);
});

test('what was planned and not run, and any problem, means: could not test', () => {
  const cases = [caseWith('a', 'passed')];
  const base = { cases, notRun: [], problems: [], interrupted: false, failOn: 'must' } as const;
  expect(exitCodeOf({ ...base, notRun: ['b'] })).toBe(3);
  expect(exitCodeOf({ ...base, problems: [{ code: 'X', message: 'x' }] })).toBe(3);
  expect(exitCodeOf({ ...base, interrupted: true })).toBe(130);
});

function caseWith(id: string, verdict: Verdict): CaseResult {
  const finding: Finding = {
    check: 'c',
    verdict,
    level: 'must',
    message: 'm',
    expected: 'e',
    actual: {},
    span: { file: 'f', line: 1, column: 1, length: 1 },
    evidence: [],
  };
  return {
    id,
    scenario: id,
    file: 'f',
    title: 't',
    axes: {},
    tags: [],
    isolation: 'shared',
    startedAtUs: 0,
    durationUs: 1,
    findings: [finding],
    connections: [],
    records: [],
    rerun: 'r',
  };
}
