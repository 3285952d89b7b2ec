// From findings to counts and the exit code. The one place that knows the policy of levels.
import type { Finding, Verdict } from './finding.ts';
import type { CaseResult, RunProblem } from './run-result.ts';

/** Counts findings by verdict; every verdict has a number. */
export function countVerdicts(findings: readonly Finding[]): Readonly<Record<Verdict, number>> {
  const counts: Record<Verdict, number> = {
    passed: 0,
    failed: 0,
    warned: 0,
    recorded: 0,
    skipped: 0,
    'not-applicable': 0,
    errored: 0,
    inconclusive: 0,
  };
  for (const { verdict } of findings) counts[verdict] += 1;
  return counts;
}

/** What an exit code is made from. */
export interface Outcome {
  readonly cases: readonly CaseResult[];
  readonly notRun: readonly string[];
  readonly problems: readonly RunProblem[];
  readonly interrupted: boolean;
  readonly failOn: 'must' | 'should';
}

/**
 * The exit code of a run (docs/exit-codes.md): 0 at least one check decided and nothing unexpected · 1
 * conformance failure · 3 could not test · 4 inconclusive only · 130 interrupted. Precedence 3 > 1 > 4.
 */
export function exitCodeOf(outcome: Outcome): number {
  if (outcome.interrupted) return 130;
  const counts = countVerdicts(outcome.cases.flatMap(({ findings }) => findings));
  const failed = counts.failed + (outcome.failOn === 'should' ? counts.warned : 0);
  const untested = counts.errored + outcome.problems.length + outcome.notRun.length;
  const decided = counts.passed + counts.failed + counts.warned;
  if (untested > 0) return 3;
  if (failed > 0) return 1;
  if (counts.inconclusive > 0) return 4;
  return decided > 0 ? 0 : 3;
}
