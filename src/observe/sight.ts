// What an observer of a store at the other end of a network knows of its own sight: when it could not see, and when what was
// written was gone before it was read. What is missing from then proves nothing.
import type { Clock } from '../base/clock.ts';

/** A time in which it did not see all, on the clock of the watch. */
export interface Gap {
  readonly fromUs: number;
  /** Undefined: it still lasts. */
  readonly toUs: number | undefined;
  /** As one clause. */
  readonly why: string;
}

/** What is known of it. */
export interface Sight {
  /** So soon, in milliseconds, it is known that something is not seen. */
  readonly knownWithinMs: number;
  /** Reading the store again later decides what was missed: only we could not see, and the store could. */
  readonly isHealable: boolean;
  /** What was in the store then has been handed over, but for what the gaps tell. */
  readonly sawAllUs: number;
  /** In order; they do not overlap. */
  gaps(): readonly Gap[];
}

/** Keeps account of it. */
export interface SightAccount extends Sight {
  /** Everything that was in the store at that instant has been handed over. */
  sawAll(atUs: number): void;
  /** Nothing is seen any more, since it last saw all. */
  lost(why: string): void;
  /** Something that was written since it last saw all is gone, and will never be seen. */
  missed(why: string): void;
}

/** Opens one; it has seen all until now. `afterMs`: for so long after it sees again others may not write yet. */
export function createSight(
  clock: Pick<Clock, 'nowUs'>,
  {
    knownWithinMs,
    isHealable,
    afterMs,
  }: Pick<Sight, 'knownWithinMs' | 'isHealable'> & { readonly afterMs: number },
): SightAccount {
  const closed: (Gap & { readonly toUs: number })[] = [];
  let sawAllUs = clock.nowUs();
  let dark: string | undefined;
  let fromUs = 0;

  const add = (gap: Gap & { readonly toUs: number }): void => {
    const last = closed.at(-1);
    if (last === undefined || gap.fromUs > last.toUs) closed.push(gap);
    else closed.splice(-1, 1, { ...last, toUs: Math.max(last.toUs, gap.toUs) });
  };
  return {
    knownWithinMs,
    isHealable,
    sawAll: (atUs) => {
      if (dark !== undefined) add({ fromUs, toUs: clock.nowUs() + afterMs * 1000, why: dark });
      dark = undefined;
      sawAllUs = atUs;
    },
    lost: (why) => {
      if (dark === undefined) fromUs = sawAllUs;
      dark ??= why;
    },
    missed: (why) =>
      add({ fromUs: dark === undefined ? sawAllUs : fromUs, toUs: clock.nowUs(), why }),
    get sawAllUs() {
      return sawAllUs;
    },
    gaps: () => (dark === undefined ? closed : [...closed, { fromUs, toUs: undefined, why: dark }]),
  };
}
