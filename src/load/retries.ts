// Attempts that are made again: of connections that the server refused or ended, after a while that differs.
import type { Due } from './agenda.ts';
import type { AttemptRecord } from './attempt-record.ts';
import { createDraw } from './draw.ts';
import type { LoadPlan } from './plan.ts';

/** When an attempt that has ended is made again; undefined: it is not. */
export type Retries = (attempt: AttemptRecord) => Due | undefined;

// Numbers of attempts that no schedule has.
const RETRIES_FROM = 2 ** 31;

/** Those of one worker. */
export function createRetries(
  { seed, reconnect, workers }: Pick<LoadPlan, 'seed' | 'reconnect' | 'workers'>,
  worker: number,
): Retries {
  const drawJitter = createDraw(seed, 'retries');
  let retried = 0;
  return ({ outcome, closedBy, endedByUs, tries, phase, closedMs }) => {
    const wasCut = outcome === 'refused' || closedBy === 'server';
    if (reconnect === undefined || !wasCut || endedByUs || tries >= reconnect.times)
      return undefined;
    const number = RETRIES_FROM + worker + workers * retried;
    retried += 1;
    const waitMs = reconnect.afterMs + reconnect.jitterMs * drawJitter(number);
    return { number, phase, dueMs: closedMs + waitMs, tries: tries + 1 };
  };
}
