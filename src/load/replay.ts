// How well a limiter explains what was seen: what it would have accepted against what was.
import type { Decisions } from './decision.ts';
import type { Limiter } from './limiter.ts';

/** By how many accepts a limiter is off, over all decisions of all stages on average; each stage counts from 0. */
export function replay(stages: readonly Decisions[], limiter: Limiter): number {
  let sum = 0;
  let n = 0;
  for (const { atMs, accepted } of stages) {
    let off = 0;
    for (let at = 0; at < atMs.length; at += 1) {
      off += (accepted[at] ?? 0) - Number(limiter(atMs[at] ?? 0));
      sum += Math.abs(off);
      n += 1;
    }
  }
  return n === 0 ? 0 : sum / n;
}

/** The phase of a window, 0 to `windowMs`, at which a limiter explains most, and how well. */
export function bestPhase(
  stages: readonly Decisions[],
  windowMs: number,
  limiter: (phaseMs: number) => Limiter,
): { readonly phaseMs: number; readonly off: number } {
  let best = { phaseMs: 0, off: Infinity };
  let widthMs = windowMs;
  for (let round = 0; round < 3; round += 1) {
    const { phaseMs: middleMs } = best;
    for (let step = -16; step <= 16; step += 1) {
      const phaseMs = middleMs + (step / 32) * widthMs;
      const off = replay(stages, limiter(phaseMs));
      if (off < best.off) best = { phaseMs, off };
    }
    widthMs /= 12;
  }
  return best;
}
