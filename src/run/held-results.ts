// Results of cases that ran side by side: a target may take a moment to fall over, so they are held back for as long as
// that may take, also while the next case runs.
import type { CaseResult } from '../result/run-result.ts';
import type { CaseSpec } from '../scenario/model.ts';
import type { CasesRun } from './run-cases-one.ts';
import { type Death, diesWithin } from './station.ts';

/** A case that has ended. */
export interface Ended {
  readonly spec: CaseSpec;
  readonly result: CaseResult;
}

/** Results that count only if the target outlives them by a while. */
export interface HeldResults {
  /** Keeps a result back, and lets it go in time even while no other case ends. */
  hold(ended: Ended): void;
  /** Lets go of what has been outlived. */
  letGo(): void;
  /** Lets go of everything. */
  release(): void;
  /** Lets go of what a death does not concern, and gives the cases of the others back: their results do not count. */
  takeBack(death: Death): readonly CaseSpec[];
  /** Waits until the last has been outlived, the target dies, or the run is interrupted. */
  outlive(): Promise<void>;
}

/** Holds nothing yet. */
export function holdResults(run: CasesRun): HeldResults {
  const held: (Ended & { readonly atUs: number })[] = [];
  const { station, clock, signal } = run;
  const emit = (count: number): void => {
    for (const { result } of held.splice(0, count)) run.emit({ event: 'case-ended', result });
  };
  // Nothing is known of the death of what somebody else started.
  const release = (): void => emit(held.length);
  const before = (untilUs: number): void => {
    const kept = held.findIndex(({ atUs }) => atUs >= untilUs);
    emit(kept < 0 || !station.isLaunched ? held.length : kept);
  };
  const letGo = (): void => {
    if (station.death() === undefined) before(clock.nowUs() - HELD_MS * 1000);
  };
  return {
    hold: (ended) => {
      held.push({ ...ended, atUs: clock.nowUs() });
      if (!station.isLaunched) return;
      void clock.sleep(HELD_MS + 1, signal).then(() => {
        if (!signal.aborted) letGo();
      });
    },
    letGo,
    release,
    takeBack: ({ atUs }) => {
      before(atUs - HELD_MS * 1000);
      return held.splice(0).map(({ spec }) => spec);
    },
    outlive: async () => {
      const last = held.at(-1);
      if (last === undefined) return;
      await diesWithin(station, HELD_MS - (clock.nowUs() - last.atUs) / 1000, run);
      if (station.death() === undefined) release();
    },
  };
}

const HELD_MS = 1000;
