// Is the target's `settle` as long as its log takes? Measured before the run, and seen in the run by
// what came too late.
import { isAt } from '../check/moment.ts';
import type { InvocationRecord } from '../result/evidence.ts';
import type { CaseResult, RunProblem } from '../result/run-result.ts';
import type { Target } from '../target/model.ts';
import type { Belief } from './belief.ts';

/** What the look before the run says of absence. */
export interface Slowness {
  /** Why absence after a watch that is too short is not believed; undefined: none is. */
  readonly problem: RunProblem | undefined;
  /** `withinMs`: a check's own; undefined: the target's `settle`. */
  isTooShort(withinMs: number | undefined): boolean;
}

// A few events show what is usual, and absence must outlast the worst.
const MARGIN = 1.5;

/** `delaysMs`: how late the observer told of events. */
export function slowness(
  delaysMs: readonly number[],
  { settleMs }: Pick<Target, 'settleMs'>,
): Slowness {
  // One alone may have been our own machine that stalled; by that much absence must be outlasted, no more.
  const [worstMs = 0, nextMs = worstMs] = delaysMs.toSorted((a, b) => b - a);
  const neededMs = Math.max(worstMs, nextMs * MARGIN);
  const problem: RunProblem = {
    code: 'OBSERVER_SLOW',
    message: `Before the run an event reached the runner up to ${Math.round(worstMs)} ms after it must have happened: settle, which is ${settleMs} ms, is too short to believe that none came.`,
    hint: `Set settle: ${durationFor(neededMs)} in the target file, and the within of a check to no less.`,
  };
  return { problem, isTooShort: (withinMs) => (withinMs ?? settleMs) < neededMs };
}

/**
 * True for an event that happened while its case was watching and was read later: by its stamp; or
 * because our own tidying up behind the case cannot have brought it about.
 */
export function isTooLate(
  record: InvocationRecord,
  { startedAtUs, durationUs, records }: Pick<CaseResult, 'startedAtUs' | 'durationUs' | 'records'>,
  boundUs: number | undefined,
): boolean {
  if (record.clock !== 'platform' || record.phase !== 'started') return false;
  const endedUs = startedAtUs + durationUs;
  if (boundUs !== undefined && record.atUs + boundUs < endedUs) return true;
  if (record.type !== 'DISCONNECT') return true;
  return records.some(
    ({ kind, connection, member }) =>
      connection === record.connection &&
      member === record.member &&
      (kind === 'closed' || kind === 'failure'),
  );
}

/**
 * True where a late event is one of those that were believed not to come; of a `never` with a side, where
 * its stamp is on that side of the moment.
 */
export function contradicts(
  { types, side }: Belief,
  late: InvocationRecord,
  { records, boundUs = 0 }: Pick<CaseResult, 'records'> & { readonly boundUs: number | undefined },
): boolean {
  if (!types.has(late.type)) return false;
  if (side === undefined) return true;
  const reference = records.find((record) => isAt(side.moment.of, record));
  if (reference === undefined) return false;
  const isOne = reference.kind === 'invocation' && reference.clock === late.clock;
  const us = (late.atUs - reference.atUs) * (side.kind === 'before' ? -1 : 1);
  return us > (isOne ? 0 : boundUs);
}

/** Something was read this much later than its case was watching. */
interface Late {
  readonly id: string;
  readonly type: string;
  readonly connection: string;
  readonly lateMs: number;
}

/** What is said of it. */
export function slowProblem(
  { id, type, connection, lateMs }: Late,
  { settleMs }: Pick<Target, 'settleMs'>,
): RunProblem {
  return {
    code: 'OBSERVER_SLOW',
    message: `A ${type} event of the connection "${connection}" of ${id} was read ${Math.round(lateMs)} ms after the case had been judged: it had been taken not to come (settle is ${settleMs} ms).`,
    hint: `Set settle: ${durationFor((settleMs + lateMs) * MARGIN)} in the target file if the log is slow. If the event itself was late, its stamp says so.`,
  };
}

function durationFor(ms: number): string {
  const halves = Math.ceil(ms / 500);
  return halves % 2 === 0 ? `${halves / 2}s` : `${halves * 500}ms`;
}
