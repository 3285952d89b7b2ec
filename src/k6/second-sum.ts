// What one runner of k6 did in each second, in the shape in which the built-in workers tell it.
import { addEach, type GrowingCounts, noCounts } from '../load/counts.ts';
import { createSamples, type Samples } from '../load/samples.ts';
import type { Metric, SeenRefusal, WorkerHealth, WorkerTick } from '../load/worker-messages.ts';

/** Sums by second. Instants in ms from the start of the first phase. */
export interface SecondSums {
  counts(atMs: number, phase: number): GrowingCounts;
  sample(atMs: number, metric: Metric, ms: number): void;
  opened(atMs: number, by: 1 | -1): void;
  ended(atMs: number, how: string): void;
  unsent(atMs: number, why: string, count: number): void;
  refused(atMs: number, status: number): void;
  messages(atMs: number, told: WorkerTick['messages']): void;
  /** The seconds before this one that were not told yet, those without anything among them. */
  take(before: number, health: WorkerHealth): readonly WorkerTick[];
  /** The last second in which something happened; -1 if nothing did. */
  readonly last: number;
}

interface Sum {
  readonly counts: Record<number, GrowingCounts>;
  readonly samples: Partial<Record<Metric, Samples>>;
  readonly ends: Record<string, number>;
  readonly unsentBy: Record<string, number>;
  readonly messages: { sent: number; received: number; pongs: number };
  readonly refusals: Map<number, { -readonly [K in keyof SeenRefusal]: SeenRefusal[K] }>;
  opened: number;
}

/** Sums of nothing. */
export function createSecondSums(): SecondSums {
  const sums = new Map<number, Sum>();
  let told = 0;
  let open = 0;
  let last = -1;
  // What is heard of too late is counted in the first second that is not told yet.
  const of = (atMs: number): Sum => {
    const second = Math.max(told, Math.floor(atMs / 1000));
    last = Math.max(last, second);
    const sum = sums.get(second) ?? nothing();
    sums.set(second, sum);
    return sum;
  };
  return {
    counts: (atMs, phase) => {
      const { counts } = of(atMs);
      counts[phase] ??= noCounts();
      return counts[phase];
    },
    sample: (atMs, metric, ms) => {
      const { samples } = of(atMs);
      samples[metric] ??= createSamples();
      samples[metric].add(ms);
    },
    opened: (atMs, by) => {
      of(atMs).opened += by;
    },
    ended: (atMs, how) => addEach(of(atMs).ends, { [how]: 1 }),
    unsent: (atMs, why, count) => addEach(of(atMs).unsentBy, { [why]: count }),
    refused: (atMs, status) => {
      const { refusals } = of(atMs);
      const seen = refusals.get(status) ?? { ...UNSEEN, status };
      seen.count += 1;
      refusals.set(status, seen);
    },
    messages: (atMs, more) => addEach(of(atMs).messages, { ...more }),
    take: (before, health) => {
      const ticks: WorkerTick[] = [];
      for (; told < before; told += 1) {
        const sum = sums.get(told) ?? nothing();
        sums.delete(told);
        const earlier = open;
        open += sum.opened;
        ticks.push(tickOf(sum, { second: told, open, peakOpen: Math.max(earlier, open), health }));
      }
      return ticks;
    },
    get last() {
      return last;
    },
  };
}

// Of a refusal k6 tells the status and nothing else.
const UNSEEN: SeenRefusal = { status: 0, count: 0, statusText: '', headers: [], body: '' };

function nothing(): Sum {
  return {
    counts: {},
    samples: {},
    ends: {},
    unsentBy: {},
    messages: { sent: 0, received: 0, pongs: 0 },
    refusals: new Map(),
    opened: 0,
  };
}

function tickOf(
  { counts, samples, ends, unsentBy, messages, refusals }: Sum,
  rest: Pick<WorkerTick, 'second' | 'open' | 'peakOpen' | 'health'>,
): WorkerTick {
  const taken = Object.entries(samples).flatMap(([metric, one]) => {
    const values = one.take();
    return values === undefined ? [] : [[metric, values] as const];
  });
  return {
    ...rest,
    counts,
    samples: Object.fromEntries(taken),
    ends,
    unsentBy,
    messages,
    tls: { resumed: 0, full: 0 },
    refusals: [...refusals.values()],
  };
}
