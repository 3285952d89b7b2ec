import { expect, test } from 'vitest';
import type { Finding, Verdict } from '../result/finding.ts';
import type { RunResult } from '../result/run-result.ts';
import { countVerdicts, exitCodeOf } from '../result/summary.ts';
import { renderSelftest, selftest } from './selftest.ts';

const FAULTS = [
  { name: 'exact', description: '', breaks: ['s/a#x', 's/b#z'] },
  { name: 'too-much', description: '', breaks: ['s/a#x'] },
  { name: 'too-little', description: '', breaks: ['s/a#x', 's/a#y'] },
];

test('a fault must break exactly what it names, and every check must be broken by one', async () => {
  const runs: Readonly<Record<string, RunResult>> = {
    '': runWith({
      's/a#x': 'passed',
      's/a#y': 'passed',
      's/b#z': 'passed',
      's/b#seen': 'recorded',
    }),
    exact: runWith({ 's/a#x': 'failed', 's/a#y': 'passed', 's/b#z': 'warned' }),
    'too-much': runWith({ 's/a#x': 'failed', 's/a#y': 'passed', 's/b#z': 'failed' }),
    'too-little': runWith({ 's/a#x': 'failed', 's/a#y': 'errored', 's/b#z': 'passed' }),
  };
  const result = await selftest({
    faults: FAULTS,
    run: async (faults) => runs[faults.join()] ?? runWith({}),
    atOnce: 2,
  });
  expect(result.exact).toBe(false);
  expect(renderSelftest(result)).toBe(
    [
      '✓ exact breaks 2: s/a#x, s/b#z',
      '✗ too-much breaks 2: s/a#x, s/b#z',
      '    broke as well s/b#z',
      '✗ too-little breaks 1: s/a#x',
      '    did not break s/a#y',
      '    undecided     s/a#y',
      'no fault breaks',
      '  s/a#y',
      'clean gateway: 3 passed, 0 failed, 0 warned, 0 errored',
      '1 of 3 faults break exactly what they name; the self-test failed',
      '',
    ].join('\n'),
  );
});

test('a clean gateway that fails makes the self-test fail, whatever the faults do', async () => {
  const result = await selftest({
    faults: [],
    run: async () => runWith({ 's/a#x': 'failed' }),
    atOnce: 1,
  });
  expect(result.exact).toBe(false);
});

function runWith(verdicts: Readonly<Record<string, Verdict>>): RunResult {
  const cases = Object.entries(verdicts).map(([id, verdict]) => {
    const [scenario = '', check = ''] = id.split('#');
    const span = { file: 'f', line: 1, column: 1, length: 1 };
    const finding: Finding = {
      check,
      verdict,
      level: 'must',
      message: '',
      expected: '',
      actual: {},
      span,
      evidence: [],
    };
    return {
      id: scenario,
      scenario,
      file: 'f',
      title: '',
      axes: {},
      tags: [],
      isolation: 'shared' as const,
      startedAtUs: 0,
      durationUs: 0,
      findings: [finding],
      connections: [],
      records: [],
      rerun: '',
    };
  });
  const base = { cases, notRun: [], problems: [], interrupted: false };
  return {
    ...base,
    schemaVersion: 1,
    tool: { name: 'ws-assay', version: '0' },
    runId: 'r',
    startedAt: '',
    durationMs: 1,
    command: '',
    seed: '',
    policy: { failOn: 'must' },
    environment: { node: '', platform: '', arch: '' },
    target: { name: '', title: '', endpoints: {}, features: [], insecure: false, launched: true },
    requirements: {},
    counts: countVerdicts(cases.flatMap(({ findings }) => findings)),
    exitCode: exitCodeOf({ ...base, failOn: 'must' }),
  };
}
