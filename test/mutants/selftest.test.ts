// The referee is itself tested: the reference gateway with each of its faults must fail exactly the
// checks that the fault names, and every check must be failed by one of them.
import { describe, expect, test } from 'vitest';
import { runWith } from '../../src/cli/commands/selftest.ts';
import { FAULTS } from '../../src/gateway/faults.ts';
import { type FaultVerdict, judgeFault, unkilledChecks } from '../../src/mutant/kill.ts';
import { testIo } from '../support/io.ts';

const verdicts: FaultVerdict[] = [];

test('the clean gateway fails nothing and warns of nothing', async () => {
  const { counts, exitCode, notRun, problems } = await runWith(testIo({ argv: ['selftest'] }), []);
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

// Three gateways at a time: what a run mostly does is wait.
describe('faults', { concurrent: true }, () => {
  test.each(FAULTS.map((fault) => [fault.name, fault] as const))('%s', async (_, fault) => {
    const verdict = judgeFault(fault, await runWith(testIo({ argv: ['selftest'] }), [fault.name]));
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

test('every check that can fail is failed by a fault', async () => {
  expect(verdicts).toHaveLength(FAULTS.length);
  expect(unkilledChecks(await runWith(testIo({ argv: ['selftest'] }), []), verdicts)).toEqual([]);
});
