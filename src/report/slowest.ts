// Where the time of a run went: the cases that took longest.
import type { CaseResult, RunResult } from '../result/run-result.ts';

/** At most five, longest first; none of a run so small that it can be seen at a glance. */
export function slowestCases({ cases }: Pick<RunResult, 'cases'>): readonly CaseResult[] {
  const driven = cases.filter(({ durationUs }) => durationUs > 0);
  if (driven.length < WORTH) return [];
  return driven.toSorted((a, b) => b.durationUs - a.durationUs).slice(0, SHOWN);
}

/** What ran while no other case did: its time is not shared with anybody. */
export function ranAlone({ isolation }: Pick<CaseResult, 'isolation'>): boolean {
  return isolation !== 'shared';
}

const WORTH = 10;
const SHOWN = 5;
