// The limiters that could be behind what was seen, each with its parameters and how far off it is.
import type { Estimate } from '../result/load-result.ts';
import { type Decisions, type LimitedAttempt, median } from './decision.ts';
import { concurrencyCap, fixedWindow, slidingCounter, slidingLog, tokenBucket } from './limiter.ts';
import { findWindow } from './periodicity.ts';
import { bestPhase, replay } from './replay.ts';
import type { Saturation } from './saturation.ts';
import { fitFixedWindow, fitSlidingWindow } from './window-fit.ts';

/** A limiter that was fitted. `rate` per second; `off` in accepts. */
export interface Explanation {
  readonly kind:
    | 'token-bucket'
    | 'costly-bucket'
    | 'fixed-window'
    | 'sliding-log'
    | 'sliding-counter'
    | 'concurrency-cap';
  readonly off: number;
  readonly rate?: number;
  readonly burst: number;
  readonly windowMs?: number;
  /** Between which lengths the window lies, where bunches of accepts show it. */
  readonly window?: Estimate;
}

/** What is known of a probe. The first stage begins at a full limiter, and saturates it. */
export interface Seen {
  readonly stages: readonly Decisions[];
  readonly attempts: readonly (readonly LimitedAttempt[])[];
  /** The stage that was saturated for longest, and its line. */
  readonly line: Saturation | undefined;
  /** By how much round trips differ: what is shorter than that cannot be seen. */
  readonly spreadMs: number;
}

/** Best first. What holds connections open longer and lets fewer in is a cap and nothing else. */
export function explanations(seen: Seen): readonly Explanation[] {
  const held = heldStage(seen);
  const capped = held === undefined ? [] : caps({ ...seen, stages: [held] });
  if (capped.length > 0) return capped;
  return [...buckets(seen), ...windows(seen), ...counters(seen), ...caps(seen)].toSorted(
    (a, b) => a.off - b.off,
  );
}

const HELD_MS = 200;

// The longer they stay open, the fewer are let in at the end of the stage.
function heldStage({ stages }: Seen): Decisions | undefined {
  const [first] = stages;
  const held = stages.find(({ lifetimeMs }) => lifetimeMs > HELD_MS);
  if (first === undefined || held === undefined || !held.accepted.includes(0)) return undefined;
  if (!first.accepted.includes(0)) {
    const last = stages.at(-1);
    return last === held || last?.accepted.includes(0) === true ? undefined : held;
  }
  return latePace(held) < 0.7 * latePace(first) ? held : undefined;
}

function latePace({ atMs, accepted }: Decisions): number {
  const from = Math.floor(atMs.length / 3);
  const count = accepted.subarray(from).reduce((sum, one) => sum + one, 0);
  return count / ((atMs.at(-1) ?? 0) - (atMs[from] ?? 0));
}

// With a burst of a few, jitter alone lets tokens run over; the slope of the line has that in it already.
const FEW = 6;

function buckets({ stages, line, spreadMs }: Seen): readonly Explanation[] {
  const found: Explanation[] = [];
  if (line !== undefined && line.slope > 0) {
    const burst = Math.max(1, line.burst);
    const blur = Math.min(FEW, 1 + (line.slope * spreadMs) / 1000);
    const model = { rate: line.slope, burst: Math.max(burst, blur), refusalCost: 0 };
    const off = replay(stages, tokenBucket(model));
    found.push({ kind: 'token-bucket', off, rate: line.slope, burst });
  }
  const [first] = stages;
  const rate = median(refills(stages));
  if (first !== undefined && rate > 0) {
    const burst = acceptsBeforeRefusal(first) * (1 - rate / offeredTo(first));
    const off = replay(stages, tokenBucket({ rate, burst, refusalCost: 1 }));
    found.push({ kind: 'costly-bucket', off, rate, burst });
  }
  return found;
}

// What came back per second of each pause that did not fill it, without what came while it was taken.
function refills(stages: readonly Decisions[]): readonly number[] {
  const full = acceptsBeforeRefusal(stages[0]);
  return stages.slice(1).flatMap((stage, at) => {
    const pause = ((stage.atMs[0] ?? NaN) - (stages[at]?.atMs.at(-1) ?? NaN)) / 1000;
    const got = acceptsBeforeRefusal(stage);
    if (!(pause > 0.05 && got > 2 && got < 0.9 * full)) return [];
    const offered = offeredTo(stage);
    return [(got * offered) / (pause * offered + got)];
  });
}

function offeredTo({ atMs }: Decisions): number {
  return ((atMs.length - 1) * 1000) / ((atMs.at(-1) ?? 0) - (atMs[0] ?? 0));
}

/** Before the first refusal, and what order has mixed with it. */
function acceptsBeforeRefusal(stage: Decisions | undefined): number {
  if (stage === undefined) return 0;
  const { accepted } = stage;
  const ahead = Math.max(10, accepted.length / 50);
  const first = accepted.indexOf(0);
  if (first < 0) return accepted.reduce((sum, one) => sum + one, 0);
  return accepted.subarray(0, first + ahead).reduce((sum, one) => sum + one, 0);
}

function windows({ stages, spreadMs }: Seen): readonly Explanation[] {
  const window = stages.map(findWindow).find((one) => one !== undefined);
  if (window === undefined || window.windowMs < 4 * spreadMs) return [];
  const rough = { windowMs: window.windowMs, spreadMs };
  const plain = { windowMs: undefined, limit: window.limit };
  return [
    fixedWindowOf(stages, window.windowMs, fitFixedWindow(stages, rough) ?? plain),
    slidingLogOf(stages, window.windowMs, fitSlidingWindow(stages, rough) ?? plain),
  ];
}

interface Fitted {
  readonly windowMs: Estimate | undefined;
  readonly limit: number;
}

function fixedWindowOf(
  stages: readonly Decisions[],
  roughMs: number,
  { windowMs: window, limit }: Fitted,
): Explanation {
  const windowMs = window?.value ?? roughMs;
  const { off } = bestPhase(stages, windowMs, (phaseMs) =>
    fixedWindow({ limit, windowMs, phaseMs }),
  );
  return windowed('fixed-window', { off, windowMs, limit, window });
}

function slidingLogOf(
  stages: readonly Decisions[],
  roughMs: number,
  { windowMs: window, limit }: Fitted,
): Explanation {
  const logs = logWindows(stages, window?.high ?? roughMs).map((windowMs) => ({
    windowMs,
    off: replay(stages, slidingLog({ limit, windowMs })),
  }));
  const [log = { windowMs: roughMs, off: Infinity }] = logs.toSorted((a, b) => a.off - b.off);
  return windowed('sliding-log', { ...log, limit, window });
}

function windowed(
  kind: Explanation['kind'],
  found: {
    readonly off: number;
    readonly windowMs: number;
    readonly limit: number;
    readonly window: Estimate | undefined;
  },
): Explanation {
  const { off, windowMs, limit, window } = found;
  return {
    kind,
    off,
    windowMs,
    rate: (limit * 1000) / windowMs,
    burst: limit,
    ...(window !== undefined && { window }),
  };
}

// What a log lets in again is a little later each time: nobody asks at the very moment.
function logWindows([first]: readonly Decisions[], windowMs: number): readonly number[] {
  const stepMs = first === undefined ? 0 : 1000 / offeredTo(first) / 32;
  return Array.from({ length: 97 }, (_, at) => windowMs - at * stepMs);
}

// Accepts lie on a line once the first window is over; until then there is a gap.
function counters({ stages, line, spreadMs }: Seen): readonly Explanation[] {
  if (line === undefined || line.slope <= 0) return [];
  const firsts = stages.slice(0, 6).map(({ accepted }) => accepted.indexOf(0));
  const limits = [...new Set(firsts.filter((one) => one >= 3))];
  const fits = limits.map((limit) => {
    const windowMs = (limit * 1000) / line.slope;
    const { off } = bestPhase(stages, windowMs, (phaseMs) =>
      slidingCounter({ limit, windowMs, phaseMs }),
    );
    return { kind: 'sliding-counter', off, rate: line.slope, burst: limit, windowMs } as const;
  });
  return fits
    .filter(({ windowMs }) => windowMs >= 4 * spreadMs)
    .toSorted((a, b) => a.off - b.off)
    .slice(0, 1);
}

function caps({ stages, attempts }: Seen): readonly Explanation[] {
  const open = attempts.flatMap((own) => openAtRefusals(own));
  const cap = Math.round(median(open));
  const lives = stages.map(({ lifetimeMs }) => lifetimeMs);
  if (!(cap >= 1) || lives.every(Number.isNaN)) return [];
  const begins = stages.map(({ atMs }) => atMs[0] ?? NaN);
  const lifetime = (atMs: number): number => {
    const stage = begins.findLastIndex((begin) => begin <= atMs);
    const own = lives[stage];
    return own === undefined || Number.isNaN(own) ? 0 : own;
  };
  return [
    { kind: 'concurrency-cap', off: replay(stages, concurrencyCap(cap, lifetime)), burst: cap },
  ];
}

// How many of ours were open when each refusal was answered.
function openAtRefusals(attempts: readonly LimitedAttempt[]): readonly number[] {
  const changes = attempts.flatMap((one): readonly (readonly [number, number])[] => {
    const middleMs = (one.sentMs + one.answeredMs) / 2;
    if (one.outcome === 'refused') return [[middleMs, 0]];
    if (one.outcome !== 'accepted' || one.endedMs === undefined) return [];
    return [
      [middleMs, 1],
      [one.endedMs, -1],
    ];
  });
  let open = 0;
  const found: number[] = [];
  for (const [, change] of changes.toSorted(([a], [b]) => a - b)) {
    open += change;
    if (change === 0) found.push(open);
  }
  return found;
}
