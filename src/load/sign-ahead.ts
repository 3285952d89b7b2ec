// Signs what is not due yet while there is nothing else to do, a few at a time, so that answers are read in time.
import type { Agenda } from './agenda.ts';
import type { Wiring } from './wiring.ts';

// For so long signatures are made before anything else gets its turn, and so long before something is due none is begun.
const SIGNING_MS = 0.1;

/** Signs until something is nearly due; true while there is more to sign, and time for it. */
export function signAhead(
  nextMs: number,
  {
    agenda,
    wiring,
    endpointOf,
  }: {
    readonly agenda: Agenda;
    readonly wiring: Wiring;
    readonly endpointOf: (number: number) => number;
  },
): boolean {
  const untilMs = Math.min(wiring.now() + SIGNING_MS, nextMs - SIGNING_MS);
  while (wiring.now() < untilMs) {
    const isMore = agenda.prepare(({ number, dueMs }) =>
      wiring.signAhead(endpointOf(number), number, dueMs),
    );
    if (!isMore) return false;
  }
  return nextMs - wiring.now() > 2 * SIGNING_MS;
}
