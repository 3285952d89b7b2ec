// The platform's clock on the runner's timeline: how far it is off, and how well that is known.
import type { Clock } from '../base/clock.ts';

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
  /** Corrects what comes later by what these events show together. None: nothing is learned. */
  readonly calibrate: (brackets: readonly Bracket[]) => void;
  /** How far a placed instant may be off, in microseconds; undefined before `calibrate`. */
  readonly boundUs: number | undefined;
}

/** Until it is calibrated, the platform's wall clock is taken for ours. */
export function createPlatformClock(clock: Clock): PlatformClock {
  // Read once: our wall clock ticks in milliseconds, and may be set while we measure.
  const wallOfZeroUs = clock.wallMs() * 1000 - clock.nowUs();
  let correctionUs = 0;
  let boundUs: number | undefined;
  return {
    toRunnerUs: (atMs) => Math.round(atMs * 1000 - wallOfZeroUs) + correctionUs,
    calibrate: (brackets) => {
      if (brackets.length === 0) return;
      const { fromUs, toUs } = possibleCorrection(brackets);
      correctionUs += Math.round((fromUs + toUs) / 2) + TICK_US / 2;
      boundUs = Math.round(Math.abs(toUs - fromUs) / 2) + TICK_US / 2;
    },
    get boundUs() {
      return boundUs;
    },
  };
}

// A stamp is a whole millisecond: what it marks came up to one later.
const TICK_US = 1000;

// Each event allows an interval of corrections. What all of them allow together is how far the clock is
// off; where there is no such thing, the stamps are of clocks that differ, and all of it is in doubt.
function possibleCorrection(brackets: readonly Bracket[]): {
  readonly fromUs: number;
  readonly toUs: number;
} {
  const lows = brackets.map(({ placedUs, afterUs }) => afterUs - placedUs - TICK_US);
  const highs = brackets.map(({ placedUs, beforeUs }) => beforeUs - placedUs);
  const [fromUs, toUs] = [Math.max(...lows), Math.min(...highs)];
  if (fromUs <= toUs) return { fromUs, toUs };
  return { fromUs: Math.min(...lows), toUs: Math.max(...highs) };
}
