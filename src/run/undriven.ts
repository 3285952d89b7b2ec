// Results of cases that are not driven: not applicable to this target, or not testable.
import { formatDuration } from '../base/duration.ts';
import type { Finding } from '../result/finding.ts';
import type { CaseResult } from '../result/run-result.ts';
import type { ListedCheck } from '../scenario/cross-check.ts';
import type { CaseExpansion } from '../scenario/expand.ts';
import type { CaseSpec, CheckSpec, Level, Tier } from '../scenario/model.ts';

/** Why a case is not driven. */
export type Reason =
  | { readonly verdict: 'not-applicable'; readonly feature: string }
  /** Of a tier that was not asked for. */
  | { readonly verdict: 'skipped'; readonly tier: Tier; readonly waitMs: number }
  | { readonly verdict: 'errored'; readonly code: string; readonly message: string };

/** What every result carries besides. */
export interface Beside {
  readonly levelOf: (check: Pick<CheckSpec, 'level' | 'requirement'>) => Level;
  readonly rerun: string;
}

/** A need of a case's steps that the target does not meet: the endpoint before its credentials. */
export function missingNeed(spec: CaseSpec, features: ReadonlySet<string>): string | undefined {
  const missing = spec.needs.filter((need) => !features.has(need));
  return missing.find((need) => !need.startsWith('credentials:')) ?? missing[0];
}

/** The result of a case that was not driven: every check has the same verdict and reason. */
export function undrivenResult(spec: CaseSpec, reason: Reason, beside: Beside): CaseResult {
  return {
    id: spec.id,
    scenario: spec.scenario,
    file: spec.file,
    title: spec.title,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    axes: spec.axes,
    tags: spec.tags,
    isolation: spec.isolation,
    findings: spec.checks.map((check) => undecided(check, reason, beside)),
    ...UNDRIVEN,
    rerun: beside.rerun,
  };
}

/** The same for a case that could not even be expanded, because the target lacks a limit. */
export function unexpandedResult(
  expansion: Extract<CaseExpansion, { kind: 'not-applicable' }>,
  checks: readonly ListedCheck[],
  beside: Beside,
): CaseResult {
  const { id, scenario, file, title, feature } = expansion;
  const own = checks.filter(({ caseId }) => caseId === id);
  return {
    id,
    scenario,
    file,
    title,
    axes: {},
    tags: [],
    isolation: 'shared',
    findings: own.map(({ check, requirement, span }) =>
      undecided(
        { id: check, requirement, span, title: undefined, level: undefined },
        { verdict: 'not-applicable', feature },
        beside,
      ),
    ),
    ...UNDRIVEN,
    rerun: beside.rerun,
  };
}

const UNDRIVEN = { startedAtUs: 0, durationUs: 0, connections: [], records: [] };

type Undecided = Pick<CheckSpec, 'id' | 'title' | 'requirement' | 'level' | 'span'>;

function undecided(check: Undecided, reason: Reason, { levelOf }: Beside): Finding {
  return {
    check: check.id,
    verdict: reason.verdict,
    level: levelOf(check),
    ...(check.title === undefined ? {} : { title: check.title }),
    ...(check.requirement === undefined ? {} : { requirement: check.requirement }),
    message: messageOf(reason),
    expected: '',
    actual: {},
    reason: causeOf(reason),
    span: check.span,
    evidence: [],
  };
}

function messageOf(reason: Reason): string {
  switch (reason.verdict) {
    case 'not-applicable':
      return `The target does not have ${reason.feature}.`;
    case 'skipped':
      return `Its case is of tier ${reason.tier}${waiting(reason.waitMs)}: --tier ${reason.tier} runs it.`;
    default:
      return reason.message;
  }
}

function waiting(ms: number): string {
  return ms === 0 ? '' : ` and waits ${formatDuration(ms)}`;
}

function causeOf(reason: Reason): string {
  if (reason.verdict === 'not-applicable') return reason.feature;
  return reason.verdict === 'skipped' ? `tier ${reason.tier}` : reason.code;
}
