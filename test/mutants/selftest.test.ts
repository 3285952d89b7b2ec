// The referee is itself tested: the reference gateway with each of its faults must fail exactly the
// checks that the fault names, and every check must be failed by one of them. A fault meets the cases
// it names and a sample of the others, always the same one; `ws-assay selftest --full` meets all.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FaultBench, openFaultBench } from '../../src/cli/fault-bench.ts';
import { FAULTS } from '../../src/gateway/faults.ts';
import { chooseCases } from '../../src/mutant/choose-cases.ts';
import { type FaultVerdict, judgeFault, unkilledChecks } from '../../src/mutant/kill.ts';
import { SAMPLE } from '../../src/mutant/selftest.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { testIo } from '../support/io.ts';

// With another one a test could fail for what nobody has changed; `ws-assay selftest` draws one.
const seed = 'ci';
const verdicts = new Map<string, FaultVerdict>();
let bench: FaultBench;
let clean: RunResult;

beforeAll(async () => {
  bench = await openFaultBench(testIo({ argv: ['selftest'] }), seed);
  clean = await bench.run([], bench.plan.runnable);
});

afterAll(() => bench.close());

test('the clean gateway fails nothing and warns of nothing', () => {
  const { counts, exitCode, notRun, problems } = clean;
  expect({ exitCode, notRun, problems, ...counts }).toMatchObject({
    exitCode: 0,
    notRun: [],
    problems: [],
    failed: 0,
    warned: 0,
    errored: 0,
    inconclusive: 0,
    skipped: 0,
    'not-applicable': 0,
  });
  expect(counts.passed).toBeGreaterThan(250);
});

// Again where it is not exact: a machine that stops for a second breaks a check, and not twice the same.
describe(`faults, --seed ${seed}`, { concurrent: true, retry: 1 }, () => {
  test.each(FAULTS.map((fault) => [fault.name, fault] as const))('%s', async (name, fault) => {
    const cases = chooseCases(fault, bench.plan.runnable, { seed, others: SAMPLE });
    const verdict = judgeFault(fault, await bench.run([name], cases));
    verdicts.set(name, verdict);
    const { survived, unexpected, undecided, problems } = verdict;
    expect({ survived, unexpected, undecided, problems }).toEqual({
      survived: [],
      unexpected: [],
      undecided: [],
      problems: [],
    });
  });
});

test('every check that can fail is failed by a fault', () => {
  expect(verdicts.size).toBe(FAULTS.length);
  expect(unkilledChecks(clean, [...verdicts.values()])).toEqual([]);
});
