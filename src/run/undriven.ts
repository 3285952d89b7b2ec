// Results of cases that are not driven: not applicable to this target, or not testable.
import type { Finding } from '../result/finding.ts';
import type { CaseResult } from '../result/run-result.ts';
import type { CaseSpec, CheckSpec, Level } from '../scenario/model.ts';

/** Why a case is not driven. */
export type Reason =
  | { readonly verdict: 'not-applicable'; readonly feature: string }
  | { readonly verdict: 'errored'; readonly code: string; readonly message: string };

/** The result of a case that was not driven: every check has the same verdict and reason. */
export function undrivenResult(
  spec: CaseSpec,
  reason: Reason,
  { levelOf, rerun }: { readonly levelOf: (check: CheckSpec) => Level; readonly rerun: string },
): CaseResult {
  return {
    id: spec.id,
    scenario: spec.scenario,
    file: spec.file,
    title: spec.title,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    axes: spec.axes,
    tags: spec.tags,
    isolation: spec.isolation,
    startedAtUs: 0,
    durationUs: 0,
    findings: spec.checks.map((check) => undecided(check, reason, levelOf(check))),
    connections: [],
    records: [],
    rerun,
  };
}

function undecided(check: CheckSpec, reason: Reason, level: Level): Finding {
  const applies = reason.verdict === 'errored';
  return {
    check: check.id,
    verdict: reason.verdict,
    level,
    ...(check.title === undefined ? {} : { title: check.title }),
    ...(check.requirement === undefined ? {} : { requirement: check.requirement }),
    message: applies ? reason.message : `The target does not have ${reason.feature}.`,
    expected: '',
    actual: {},
    reason: applies ? reason.code : reason.feature,
    span: check.span,
    evidence: [],
  };
}
