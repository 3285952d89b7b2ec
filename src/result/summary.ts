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
  /** Entries of the baseline that no finding answers to. */
  readonly stale?: readonly unknown[];
  readonly failOn: 'must' | 'should';
  /** It is a part of a run: whether anything was decided is known when the parts are merged. */
  readonly isPart?: boolean;
}

/**
 * True for a finding that fails the run: a violated MUST (with `should` also a violated SHOULD) that
 * is not a known deviation, and whatever is not as its entry in the baseline says.
 */
export function failsRun(
  { verdict, baseline }: Pick<Finding, 'verdict' | 'baseline'>,
  failOn: 'must' | 'should',
): boolean {
  if (baseline !== undefined) return baseline.state !== 'expected-failure';
  return verdict === 'failed' || (verdict === 'warned' && failOn === 'should');
}

/** What an exit code 3 says where nothing else does: no check was decided. */
export function nothingDecided({
  cases,
  problems,
  notRun,
}: Pick<Outcome, 'cases' | 'problems' | 'notRun'>): readonly RunProblem[] {
  const counts = countVerdicts(cases.flatMap(({ findings }) => findings));
  const said = problems.length + notRun.length + counts.errored + counts.inconclusive;
  if (said + counts.passed + counts.failed + counts.warned > 0) return [];
  const message = 'No check was decided: each is recorded only, skipped, or not applicable here.';
  return [{ code: 'NOTHING_DECIDED', message }];
}

/**
 * The exit code of a run (docs/exit-codes.md): 0 at least one check decided and nothing unexpected · 1
 * conformance failure, or a baseline that no longer fits · 3 could not test · 4 inconclusive only · 130 interrupted. Precedence 3 > 1 > 4.
 */
export function exitCodeOf(outcome: Outcome): number {
  if (outcome.interrupted) return 130;
  const all = outcome.cases.flatMap(({ findings }) => findings);
  const counts = countVerdicts(all);
  const violations = all.filter((finding) => failsRun(finding, outcome.failOn)).length;
  const failed = violations + (outcome.stale?.length ?? 0);
  const untested = counts.errored + outcome.problems.length + outcome.notRun.length;
  const decided = counts.passed + counts.failed + counts.warned;
  if (untested > 0) return 3;
  if (failed > 0) return 1;
  if (counts.inconclusive > 0) return 4;
  return decided > 0 || outcome.isPart === true ? 0 : 3;
}
