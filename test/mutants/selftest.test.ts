// The referee is itself tested: the reference gateway with each of its faults must fail exactly the
// checks that the fault names, and every check must be failed by one of them. A fault meets the cases
// it names and a sample of the others, drawn anew each time; `ws-assay selftest --full` meets all.
import { beforeAll, describe, expect, test } from 'vitest';
import { drawSeed } from '../../src/base/random.ts';
import { type FaultBench, openFaultBench } from '../../src/cli/fault-bench.ts';
import { FAULTS } from '../../src/gateway/faults.ts';
import { chooseCases } from '../../src/mutant/choose-cases.ts';
import { type FaultVerdict, judgeFault, unkilledChecks } from '../../src/mutant/kill.ts';
import { SAMPLE } from '../../src/mutant/selftest.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { testIo } from '../support/io.ts';

const seed = drawSeed();
const verdicts: FaultVerdict[] = [];
let bench: FaultBench;
let clean: RunResult;

beforeAll(async () => {
  bench = await openFaultBench(testIo({ argv: ['selftest'] }), seed);
  clean = await bench.run([], bench.plan.runnable);
});

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

describe(`faults, --seed ${seed}`, { concurrent: true }, () => {
  test.each(FAULTS.map((fault) => [fault.name, fault] as const))('%s', async (name, fault) => {
    const cases = chooseCases(fault, bench.plan.runnable, { seed, others: SAMPLE });
    const verdict = judgeFault(fault, await bench.run([name], cases));
    verdicts.push(verdict);
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
  expect(verdicts).toHaveLength(FAULTS.length);
  expect(unkilledChecks(clean, verdicts)).toEqual([]);
});
