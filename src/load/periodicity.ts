// Whether accepts come in bunches at an interval: the mark of windows.
import type { Decisions } from './decision.ts';

const GRID = 1000;

/**
 * The least length of time in which always about as many were accepted, where in other lengths there were not;
 * undefined: no such length, or less than two of them in the stage.
 */
export function findWindow(
  decisions: Decisions,
): { readonly windowMs: number; readonly limit: number } | undefined {
  const { atMs, accepted } = decisions;
  const firstRefused = accepted.indexOf(0);
  if (firstRefused < 0) return undefined;
  const fromMs = atMs[firstRefused] ?? 0;
  const stepMs = ((atMs.at(-1) ?? 0) - fromMs) / GRID;
  const counts = acceptsOnGrid(decisions, { fromMs, stepMs });
  const spreads = Array.from({ length: GRID / 2 + 1 }, (_, lag) => spreadAt(counts, lag));
  const widest = Math.max(...spreads.map(({ deviation }) => deviation));
  if (widest < 0.8) return undefined;
  const lag = spreads.findIndex(
    ({ deviation }, at) =>
      at > 3 &&
      deviation < 0.45 * widest &&
      deviation <= (spreads[at - 1]?.deviation ?? 0) &&
      deviation < (spreads[at + 1]?.deviation ?? Infinity) &&
      // Not the way up from no time at all, in which nothing is always accepted.
      Math.max(...spreads.slice(0, at).map((one) => one.deviation)) > 0.7 * widest,
  );
  if (lag < 0) return undefined;
  const windowMs = refine(decisions, { nearMs: lag * stepMs, withinMs: 1.5 * stepMs, fromMs });
  const limit = Math.round((spreads[lag]?.mean ?? 0) * (windowMs / (lag * stepMs)));
  return limit < 2 ? undefined : { windowMs, limit };
}

function acceptsOnGrid(
  { atMs, accepted }: Decisions,
  { fromMs, stepMs }: { readonly fromMs: number; readonly stepMs: number },
): Float64Array {
  const counts = new Float64Array(GRID + 1);
  let seen = 0;
  let at = 0;
  for (let step = 0; step <= GRID; step += 1) {
    while (at < atMs.length && (atMs[at] ?? 0) <= fromMs + step * stepMs)
      seen += accepted[at++] ?? 0;
    counts[step] = seen;
  }
  return counts;
}

function spreadAt(
  counts: Float64Array,
  lag: number,
): { readonly mean: number; readonly deviation: number } {
  let sum = 0;
  let squares = 0;
  const n = counts.length - lag;
  for (let at = 0; at < n; at += 1) {
    const gained = (counts[at + lag] ?? 0) - (counts[at] ?? 0);
    sum += gained;
    squares += gained * gained;
  }
  return { mean: sum / n, deviation: Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2)) };
}

// The length at which the accepts point most in one direction (Rayleigh).
function refine(
  { atMs, accepted }: Decisions,
  near: { readonly nearMs: number; readonly withinMs: number; readonly fromMs: number },
): number {
  let best = { windowMs: near.nearMs, length: -1 };
  for (let step = -60; step <= 60; step += 1) {
    const windowMs = near.nearMs + (step / 60) * near.withinMs;
    let x = 0;
    let y = 0;
    for (let at = 0; at < atMs.length; at += 1) {
      if (accepted[at] === 0 || (atMs[at] ?? 0) < near.fromMs) continue;
      const angle = (2 * Math.PI * (atMs[at] ?? 0)) / windowMs;
      x += Math.cos(angle);
      y += Math.sin(angle);
    }
    const length = Math.hypot(x, y);
    if (length > best.length) best = { windowMs, length };
  }
  return best.windowMs;
}
