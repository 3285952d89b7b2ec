// The platform's clock on the runner's timeline: how far it is off, and how well that is known.
import type { Clock } from '../base/clock.ts';
import { createStampTick, type Stamp } from './stamp-tick.ts';

/**
 * An event whose cause and effect the runner saw. The event happened between them, so that its stamp
 * shows how far the other clock is off.
 */
export interface Bracket {
  /** Where the event was placed so far, on the runner's clock. */
  readonly placedUs: number;
  /** Something that it follows. */
  readonly afterUs: number;
  /** Something that follows it: an answer that only it could cause, or that its record was read. */
  readonly beforeUs: number;
}

/** Places stamps of the platform on the runner's clock. */
export interface PlatformClock {
  /** `atMs`: epoch milliseconds on the platform's clock. */
  toRunnerUs(atMs: number): number;
  /** Takes note of a stamp, to learn how coarse they are. */
  readonly note: (stamp: Stamp) => void;
  /** Corrects what comes later by what these events show together. None: nothing is learned. */
  readonly calibrate: (brackets: readonly Bracket[]) => void;
  /** How far a placed instant may be off, in microseconds; undefined before `calibrate`. */
  readonly boundUs: number | undefined;
  /** How coarse the stamps are, in microseconds: of two that are closer the order is not known. */
  readonly tickUs: number;
}

/** Until it is calibrated, the platform's wall clock is taken for ours. */
export function createPlatformClock(clock: Clock): PlatformClock {
  // Read once: our wall clock ticks in milliseconds, and may be set while we measure.
  const wallOfZeroUs = clock.wallMs() * 1000 - clock.nowUs();
  const tick = createStampTick();
  let correctionUs = 0;
  let known: readonly Bracket[] | undefined;
  return {
    toRunnerUs: (atMs) => Math.round(atMs * 1000 - wallOfZeroUs) + correctionUs,
    note: tick.note,
    calibrate: (brackets) => {
      if (brackets.length === 0) return;
      known = brackets.map((one) => ({ ...one, placedUs: one.placedUs - correctionUs }));
      const { fromUs, toUs } = possibleCorrection(known, tick.us);
      correctionUs = Math.round((fromUs + toUs + tick.us) / 2);
    },
    get boundUs() {
      if (known === undefined) return undefined;
      // Stamps may turn out to be coarser, or finer, than they looked when it was calibrated.
      const { fromUs, toUs } = possibleCorrection(known, tick.us);
      return Math.ceil(Math.max(correctionUs - fromUs, toUs + tick.us - correctionUs));
    },
    get tickUs() {
      return tick.us;
    },
  };
}

// Each event allows an interval of corrections, for what a stamp marks came up to a tick later. What all
// of them allow together is how far the clock is off; where there is no such thing, the stamps are of
// clocks that differ, and all of it is in doubt.
function possibleCorrection(
  brackets: readonly Bracket[],
  tickUs: number,
): { readonly fromUs: number; readonly toUs: number } {
  const lows = brackets.map(({ placedUs, afterUs }) => afterUs - placedUs - tickUs);
  const highs = brackets.map(({ placedUs, beforeUs }) => beforeUs - placedUs);
  const [fromUs, toUs] = [Math.max(...lows), Math.min(...highs)];
  if (fromUs <= toUs) return { fromUs, toUs };
  return { fromUs: Math.min(...lows), toUs: Math.max(...highs) };
}
