// From what was concluded to a verdict, by level (RFC 2119): a violated must fails, a violated
// should warns, a may is recorded whatever was seen. What could not be tested is never green.
import type { Verdict } from '../result/finding.ts';
import type { Level } from '../scenario/model.ts';
import type { Settled } from './outcome.ts';

/** The verdict of a conclusion. `records`: the condition judges nothing, it only records. */
export function verdictOf(
  state: Settled['state'],
  { level, records }: { level: Level; records: boolean },
): Verdict {
  if (state === 'errored' || state === 'inconclusive') return state;
  if (records || level === 'may') return 'recorded';
  if (state === 'held') return 'passed';
  return level === 'must' ? 'failed' : 'warned';
}
