// The referee is itself tested: the reference gateway with each of its faults must fail exactly the
// checks that the fault names, and every check must be failed by one of them. A fault meets the cases
// it names and a sample of the others, always the same one; `ws-assay selftest --full` meets all.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FaultBench, openFaultBench } from '../../src/cli/fault-bench.ts';
import { FAULTS } from '../../src/gateway/faults.ts';
import { SAMPLE, type SelftestResult, selftest } from '../../src/mutant/selftest.ts';
import { testIo } from '../support/io.ts';

// With another one a test could fail for what nobody has changed; `ws-assay selftest` draws one.
const seed = 'ci';
let bench: FaultBench;
let result: SelftestResult;

// All at once, and what is not exact once more and alone: a machine that stops for a second breaks a check, and dozens of
// gateways on two cores make each other late.
beforeAll(async () => {
  bench = await openFaultBench(testIo({ argv: ['selftest'] }), seed);
  result = await selftest({
    faults: FAULTS,
    cases: bench.plan.runnable,
    scope: { seed, others: SAMPLE },
    run: (faults, cases) => bench.run(faults, cases),
    atOnce: GATEWAYS,
  });
}, 20 * 60_000);

const GATEWAYS = 12;

afterAll(() => bench.close());

test('the clean gateway fails nothing and warns of nothing', () => {
  const { counts, exitCode, notRun, problems } = result.clean;
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

describe(`faults, --seed ${seed}`, () => {
  test.each(FAULTS)('$name', ({ name }) => {
    expect(result.verdicts.find(({ fault }) => fault === name)).toMatchObject({
      survived: [],
      unexpected: [],
      undecided: [],
      problems: [],
    });
  });
});

test('every check that can fail is failed by a fault', () => {
  expect(result.verdicts.length).toBe(FAULTS.length);
  expect(result.unkilled).toEqual([]);
});
