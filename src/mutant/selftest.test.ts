import { expect, test } from 'vitest';
import type { Finding, Verdict } from '../result/finding.ts';
import type { RunResult } from '../result/run-result.ts';
import { countVerdicts, exitCodeOf } from '../result/summary.ts';
import type { CaseSpec } from '../scenario/model.ts';
import type { Scope } from './choose-cases.ts';
import { isExact } from './kill.ts';
import { renderSelftest, selftest } from './selftest.ts';

const FULL: Scope = { seed: 's', others: 'all' };
const NAMED: Scope = { seed: 's', others: 0 };

const FAULTS = [
  { name: 'exact', description: '', breaks: ['s/a#x', 's/b#z'] },
  { name: 'too-much', description: '', breaks: ['s/a#x'] },
  { name: 'too-little', description: '', breaks: ['s/a#x', 's/a#y'] },
];

const PASSES: Readonly<Record<string, Verdict>> = {
  's/a#x': 'passed',
  's/a#y': 'passed',
  's/b#z': 'passed',
  's/b#seen': 'recorded',
};

/** By fault: what it does to the checks that all pass without it. */
const DOES: Readonly<Record<string, Readonly<Record<string, Verdict>>>> = {
  exact: { 's/a#x': 'failed', 's/b#z': 'warned' },
  'too-much': { 's/a#x': 'failed', 's/b#z': 'failed' },
  'too-little': { 's/a#x': 'failed', 's/a#y': 'errored' },
};

test('a fault must break exactly what it names, and every check must be broken by one', async () => {
  const result = await selftest({ ...gateways(), faults: FAULTS, scope: FULL, atOnce: 2 });
  expect(result.exact).toBe(false);
  expect(renderSelftest(result)).toBe(
    [
      '✓ exact breaks 2: s/a#x, s/b#z',
      '✗ too-much breaks 2 (run again, alone): s/a#x, s/b#z',
      '    broke as well s/b#z',
      '✗ too-little breaks 1 (run again, alone): s/a#x',
      '    did not break s/a#y',
      '    undecided     s/a#y',
      'no fault breaks',
      '  s/a#y',
      'clean gateway: 3 passed, 0 failed, 0 warned, 0 errored',
      'each fault was run against every case; --seed s does the same again',
      'longest: exact 0.0 s, too-much 0.0 s, too-little 0.0 s',
      '1 of 3 faults break exactly what they name; the self-test failed',
      '',
    ].join('\n'),
  );
});

test('a list that promises too much is found in the cases that it names', async () => {
  const faults = [{ name: 'exact', description: '', breaks: ['s/a#x', 's/a#y', 's/b#z', 's/c#w'] }];
  const { verdicts } = await selftest({ ...gateways(), faults, scope: NAMED, atOnce: 1 });
  expect(verdicts).toMatchObject([
    { kills: ['s/a#x', 's/b#z'], survived: ['s/a#y', 's/c#w'], unexpected: [] },
  ]);
});

test.for([
  ['is not seen in the cases it names', NAMED, []],
  ['is found in the sample', { seed: 's', others: 1 }, ['s/b#z']],
  ['is found when every case is run', FULL, ['s/b#z']],
] as const)('what a fault breaks elsewhere %s', async ([, scope, unexpected]) => {
  const faults = FAULTS.filter(({ name }) => name === 'too-much');
  const { verdicts } = await selftest({ ...gateways(), faults, scope, atOnce: 1 });
  expect(verdicts).toMatchObject([{ survived: [], unexpected }]);
});

test.for([
  ['all', [': s/a s/b', 'too-much: s/a', 'too-much: s/a']],
  ['what-faults-meet', [': s/a', 'too-much: s/a', 'too-much: s/a']],
] as const)(
  'clean gateway: %s; a fault: the cases it names; again, because one was not prevented',
  async ([clean, runs]) => {
    const asked: string[] = [];
    const bench = gateways();
    await selftest({
      cases: bench.cases,
      faults: [{ name: 'too-much', description: '', breaks: ['s/a#x'], prevents: ['s/p#q'] }],
      scope: NAMED,
      clean,
      run: (faults, cases) => {
        asked.push(`${faults.join()}: ${cases.map(({ id }) => id).join(' ')}`);
        return bench.run(faults, cases);
      },
      atOnce: 1,
    });
    expect(asked).toEqual(runs);
  },
);

test.each([
  [1, [1, 1]],
  [3, [3, 1]],
  [5, [5, 3, 1]],
])('%i at once; what is not exact is run again among fewer', async (atOnce, crowds) => {
  const bench = gateways();
  let running = 0;
  const most: number[] = [];
  const runs = new Map<string, number>();
  await selftest({
    ...bench,
    faults: Array.from({ length: 6 }, (_, index) => ({
      name: `never-exact-${index}`,
      description: '',
      breaks: ['s/a#x'],
    })),
    scope: FULL,
    run: async (faults, cases) => {
      const name = faults.join();
      const round = (runs.get(name) ?? 0) + 1;
      runs.set(name, round);
      running += 1;
      if (name !== '') most[round - 1] = Math.max(most[round - 1] ?? 0, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return bench.run([], cases);
    },
    atOnce,
  });
  expect(most).toEqual(crowds);
});

test('what only the crowd of gateways has made late is exact when it is run again, alone', async () => {
  const bench = gateways();
  const running = new Set<string>();
  const result = await selftest({
    ...bench,
    faults: [
      { name: 'exact', description: '', breaks: ['s/a#x', 's/b#z'] },
      { name: 'other', description: '', breaks: ['s/a#y'] },
    ],
    scope: FULL,
    run: async (faults, cases) => {
      const name = faults.join();
      running.add(name);
      const isAlone = running.size === 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      running.delete(name);
      if (name !== 'other') return bench.run(faults, cases);
      const { 's/b#z': kept, ...rest } = PASSES;
      const late = isAlone ? kept : 'failed';
      return runWith({ ...rest, 's/a#y': 'failed', 's/b#z': late ?? 'failed' });
    },
    atOnce: 2,
  });
  expect(result.verdicts.map(isExact)).toEqual([true, true]);
  expect(renderSelftest(result)).toContain('✓ other breaks 1 (run again, alone): s/a#y\n');
});

test('a clean gateway that fails makes the self-test fail, whatever the faults do', async () => {
  const result = await selftest({
    faults: [],
    cases: [],
    scope: FULL,
    run: async () => runWith({ 's/a#x': 'failed' }),
    atOnce: 1,
  });
  expect(result.exact).toBe(false);
});

/** Gateways that do as `DOES` says in the cases they are asked for. */
function gateways(): Pick<Parameters<typeof selftest>[0], 'cases' | 'run'> {
  const cases = ['s/a', 's/b'].map((id) => ({ id, scenario: id })) as unknown as CaseSpec[];
  return {
    cases,
    run: async ([fault = ''], chosen) => {
      const all = Object.entries({ ...PASSES, ...DOES[fault] });
      const scenarios = chosen.map(({ scenario }) => scenario);
      return runWith(
        Object.fromEntries(all.filter(([id]) => scenarios.includes(id.split('#')[0] ?? ''))),
      );
    },
  };
}

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
