// In which order cases begin. One that is known to wait for long begins first, so that nobody waits
// for it alone in the end.
import type { CaseSpec } from '../scenario/model.ts';

/** Those that wait longest on purpose first, then those that may take longest; else as written. */
export function longestFirst(cases: readonly CaseSpec[]): readonly CaseSpec[] {
  return cases.toSorted((a, b) => b.waitMs - a.waitMs || b.longestMs - a.longestMs);
}
