// The stretch of a stage in which a limiter is saturated, and the line that its accepts then lie on.
import type { Decisions } from './decision.ts';

/** Accepts by time. Milliseconds; `slope` in accepts per second. */
export interface Saturation {
  readonly fromMs: number;
  readonly toMs: number;
  readonly beginMs: number;
  readonly slope: number;
  /** On the line at `beginMs`, the first decision of the stage: what was there at once. */
  readonly burst: number;
  /** Standard deviation of the accepts about the line. */
  readonly residual: number;
  readonly accepts: number;
}

const BINS = 60;

/** Undefined: nothing was refused, or too little to lay a line. */
export function fitSaturation({ atMs, accepted }: Decisions): Saturation | undefined {
  const from = firstSaturated(accepted);
  const n = atMs.length;
  if (from === undefined || n - from < 20) return undefined;
  const beginMs = atMs[0] ?? 0;
  const fromMs = atMs[from] ?? 0;
  const toMs = atMs[n - 1] ?? 0;
  let count = 0;
  const bins = Array.from({ length: BINS }, () => ({ n: 0, t: 0, a: 0 }));
  const after = new Float64Array(n);
  for (let at = 0; at < n; at += 1) {
    count += accepted[at] ?? 0;
    after[at] = count;
    if (at < from) continue;
    const place = ((atMs[at] ?? 0) - fromMs) / (toMs - fromMs + 1e-9);
    const bin = bins[Math.min(BINS - 1, Math.floor(place * BINS))];
    if (bin === undefined) continue;
    bin.n += 1;
    bin.t += (atMs[at] ?? 0) - beginMs;
    bin.a += count;
  }
  const points = bins
    .filter((bin) => bin.n > 0)
    .map((bin) => [bin.t / bin.n / 1000, bin.a / bin.n] as const);
  if (points.length < 5) return undefined;
  const slope = theilSen(points);
  const intercept = middle(points.map(([t, a]) => a - slope * t));
  let squares = 0;
  for (let at = from; at < n; at += 1) {
    squares += ((after[at] ?? 0) - intercept - (slope * ((atMs[at] ?? 0) - beginMs)) / 1000) ** 2;
  }
  return {
    fromMs,
    toMs,
    beginMs,
    slope,
    // Before it is decided on, an attempt finds half a token more on average than it leaves behind.
    burst: intercept + 0.5,
    residual: Math.sqrt(squares / (n - from)),
    accepts: count,
  };
}

/** The median of the slopes of all pairs. P. K. Sen, Journal of the American Statistical Association 63 (1968). */
function theilSen(points: readonly (readonly [number, number])[]): number {
  return middle(
    points.flatMap(([t, a], at) => points.slice(at + 1).map(([u, b]) => (b - a) / (u - t))),
  );
}

function middle(values: readonly number[]): number {
  const sorted = Float64Array.from(values).toSorted();
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half - 1)] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
}

// From here to the end there is a refusal among so many as should hold four at the pace of the second half.
function firstSaturated(accepted: Uint8Array): number | undefined {
  const refusals = accepted.map((one) => 1 - one);
  const half = refusals.subarray(Math.floor(refusals.length / 2));
  const refused = half.reduce((sum, one) => sum + one, 0);
  if (refused === 0) return undefined;
  const ahead = Math.max(40, (4 * half.length) / refused);
  let next = accepted.length;
  for (let at = accepted.length - 1; at >= 0; at -= 1) {
    if (refusals[at] === 1) next = at;
    else if (next - at > ahead && next < accepted.length) return next;
  }
  return next;
}
