// The connections that ended in one way, and what was seen of their $disconnect.
import { type Counted, clopperPearson, type Interval, wilson } from '../base/interval.ts';
import type { DeliveryStratum, ShareEstimate } from '../result/load-result.ts';
import { type BlindSpan, blindIn } from './blind-span.ts';
import { createDelayHistogram } from './delay-histogram.ts';
import { designEffect } from './design-effect.ts';
import { survivalPercentile, type Times } from './survival.ts';

/** A connection that ended, and of which nothing was told yet. */
export interface Outstanding {
  readonly stratum: number;
  readonly endedMs: number;
}

/** Counters so far. */
export interface StratumTally {
  duplicated: number;
  outOfOrder: number;
  ended(endedMs: number): void;
  arrived(endedMs: number, delayMs: number): void;
  result(state: {
    readonly waiting: readonly Outstanding[];
    readonly blind: readonly BlindSpan[];
    readonly nowMs: number;
    readonly lastEndedMs: number;
  }): DeliveryStratum;
}

const LADDER_MS = [1000, 5000, 30_000, 60_000, 300_000];
const BLOCK_MS = 1000;

/** An empty one. */
export function createStratumTally(
  ending: string,
  options: { readonly deadlineMs: number; readonly confidence: number; readonly exact: boolean },
): StratumTally {
  const { deadlineMs } = options;
  const delays = createDelayHistogram();
  const blocks = new Map<number, { samples: number; held: number }>();
  const within = LADDER_MS.map(() => 0);
  let ended = 0;
  let onTime = 0;
  let late = 0;

  const blockOf = (endedMs: number): { samples: number; held: number } => {
    const at = Math.floor(endedMs / BLOCK_MS);
    const block = blocks.get(at) ?? { samples: 0, held: 0 };
    blocks.set(at, block);
    return block;
  };
  const tally: StratumTally = {
    duplicated: 0,
    outOfOrder: 0,
    ended: (endedMs) => {
      ended += 1;
      blockOf(endedMs).samples += 1;
    },
    arrived: (endedMs, delayMs) => {
      delays.add(delayMs);
      for (const [at, ms] of LADDER_MS.entries()) {
        if (delayMs <= ms) within[at] = (within[at] ?? 0) + 1;
      }
      if (delayMs > deadlineMs) {
        late += 1;
        return;
      }
      onTime += 1;
      blockOf(endedMs).held += 1;
    },
    result: ({ waiting, blind, nowMs, lastEndedMs }) => {
      const unknown = (until: (endedMs: number) => number) => (one: Outstanding) =>
        undecidable(one, { deadlineMs: until(one.endedMs) - one.endedMs, blind, nowMs });
      const indeterminate = waiting.filter(unknown((at) => at + deadlineMs)).length;
      const effect = designEffect(blocks.values());
      const estimate = (held: number, open: number): ShareEstimate =>
        shareOf({ held, open, samples: ended, effect, ...options });
      const watched = (ms: number): boolean => waiting.length === 0 || lastEndedMs + ms <= nowMs;
      return {
        ending,
        ended,
        onTime,
        late,
        missing: waiting.length - indeterminate,
        indeterminate,
        duplicated: tally.duplicated,
        outOfOrder: tally.outOfOrder,
        onTimeShare: estimate(onTime, indeterminate),
        ladder: LADDER_MS.flatMap((ms, at) => {
          if (!watched(ms)) return [];
          const open = waiting.filter(unknown((from) => from + ms)).length;
          return [{ deadlineMs: ms, ...estimate(within[at] ?? 0, open) }];
        }),
        survival: survivalOf(delays.times(), waiting.map(censored(blind, nowMs))),
        designEffect: effect,
      };
    },
  };
  return tally;
}

// It might have come within its deadline: nobody could see then, or nobody has watched for so long.
function undecidable(
  { endedMs }: Outstanding,
  watch: {
    readonly deadlineMs: number;
    readonly blind: readonly BlindSpan[];
    readonly nowMs: number;
  },
): boolean {
  const toMs = endedMs + watch.deadlineMs;
  return toMs > watch.nowMs || blindIn(watch.blind, { fromMs: endedMs, toMs }) !== undefined;
}

function censored(blind: readonly BlindSpan[], nowMs: number): (one: Outstanding) => Times {
  return ({ endedMs }) => {
    const from = blindIn(blind, { fromMs: endedMs, toMs: nowMs })?.fromMs ?? nowMs;
    return { ms: Math.max(0, from - endedMs), count: 1 };
  };
}

function survivalOf(ended: readonly Times[], cut: readonly Times[]): DeliveryStratum['survival'] {
  const times = { ended, censored: cut };
  return {
    p50: survivalPercentile(times, 0.5),
    p90: survivalPercentile(times, 0.9),
    p99: survivalPercentile(times, 0.99),
  };
}

// From the worst case, none of the undecided held, to the best, all of them did.
function shareOf(counted: {
  readonly held: number;
  readonly open: number;
  readonly samples: number;
  readonly effect: number;
  readonly confidence: number;
  readonly exact: boolean;
}): ShareEstimate {
  const { held, open, samples, effect, confidence, exact } = counted;
  if (samples === 0) return { held, samples, low: 0, high: 1 };
  const interval = (count: number): Interval => {
    const effective: Counted = { held: count / effect, samples: samples / effect };
    return exact ? clopperPearson(effective, confidence) : wilson(effective, confidence);
  };
  return { held, samples, low: interval(held).low, high: interval(held + open).high };
}
