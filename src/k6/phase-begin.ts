// When a phase really began in one process of k6. A scenario of k6 has begun when it starts to make its virtual users ready, and sends
// after that: 5 ms later with few, 43 ms with 2000. All of the phase is so much later, and in itself what the schedule says; it is not
// that each of its attempts was late.
import type { K6Phase } from './executor.ts';

/** The beginnings of the phases of one process, as far as they are known. */
export interface PhaseBegins {
  /** When an attempt was due that started then, in ms from the start of the first phase. */
  dueMs(phase: K6Phase, of: { readonly number: number; readonly startMs: number }): number;
}

// Runners that are further apart do not offer what was asked for, and phases neither.
const MOST_MS = 250;

/** Nothing is known yet. */
export function createBegins(): PhaseBegins {
  const least = new Map<string, number>();
  return {
    dueMs: (phase, { number, startMs }) => {
      const { name, first } = phase;
      const planned = phase.dueMs(number - first);
      // The phase did not begin later than the one of its attempts that was least late.
      const begin = Math.max(0, Math.min(least.get(name) ?? MOST_MS, startMs - planned));
      least.set(name, begin);
      return planned + begin;
    },
  };
}
