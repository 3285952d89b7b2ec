// One deadline at a time for the phases of connecting. All are absolute, counted from the start, so
// that a peer which does a little again and again gains no time; all stand still while paused.
import type { Clock } from '../base/clock.ts';
import type { Phase } from './transcript.ts';

/** Deadlines in milliseconds. */
export interface Deadlines {
  /** For the whole of connecting, from its start until the answer's head is complete. */
  readonly totalMs: number;
  /**
   * For the end of single phases, from the same start; none is later than `totalMs`, which is the
   * default. `closing` alone counts from the begin of closing (default 5 s).
   */
  readonly phasesMs?: Readonly<Partial<Record<Phase, number>>> | undefined;
}

/** The running deadline. */
export interface PhaseDeadline {
  /** The next phase begins: its deadline takes the place of the last one's. */
  enter(phase: Phase): void;
  pause(): void;
  resume(): void;
  /** No deadline any more. */
  stop(): void;
}

/** Starts counting; `expired` is called at most once, with the phase that took too long. */
export function startDeadline(
  clock: Clock,
  deadlines: Deadlines,
  expired: (phase: Phase) => void,
): PhaseDeadline {
  const startUs = clock.nowUs();
  let pausedMs = 0;
  let pausedAtUs: number | undefined;
  let phase: Phase | undefined;
  let cancel = (): void => {};
  const arm = (): void => {
    cancel();
    if (phase === undefined || pausedAtUs !== undefined) return;
    const current = phase;
    const allowedMs = Math.min(deadlines.totalMs, deadlines.phasesMs?.[current] ?? Infinity);
    const spentMs = (clock.nowUs() - startUs) / 1000 - pausedMs;
    cancel = clock.after(Math.max(0, allowedMs - spentMs), () => {
      phase = undefined;
      expired(current);
    });
  };
  return {
    enter: (next) => {
      phase = next;
      arm();
    },
    pause: () => {
      pausedAtUs ??= clock.nowUs();
      arm();
    },
    resume: () => {
      if (pausedAtUs === undefined) return;
      pausedMs += (clock.nowUs() - pausedAtUs) / 1000;
      pausedAtUs = undefined;
      arm();
    },
    stop: () => {
      phase = undefined;
      arm();
    },
  };
}
