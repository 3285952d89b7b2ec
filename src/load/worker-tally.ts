// What one worker has counted and measured since it last told.
import type { JudgedAnswer } from '../wire/answer-memo.ts';
import { headerValues } from '../wire/header-list.ts';
import type { Attempt } from './attempt.ts';
import { addEach, type GrowingCounts, noCounts } from './counts.ts';
import { createSamples, type Samples } from './samples.ts';
import {
  METRICS,
  type Metric,
  type SeenRefusal,
  type WorkerHealth,
  type WorkerTick,
} from './worker-messages.ts';

/** Counts and measures. */
export interface WorkerTally {
  offered(phase: number): void;
  /** It was due, and the server has not heard of it. */
  unsent(phase: number, why: string): void;
  /** It was started, and the handshake is over, however. */
  decided(attempt: Attempt): void;
  /** `end`: how, as it is counted. */
  closed(attempt: Attempt, end: string): void;
  refused(attempt: Attempt, answer: JudgedAnswer, body: Buffer): void;
  count(what: 'sent' | 'received' | 'pongs' | 'resumed' | 'full'): void;
  opened(by: 1 | -1): void;
  /** What there was since the last time. */
  take(second: number, health: WorkerHealth): WorkerTick;
}

type Shape = { -readonly [K in keyof SeenRefusal]: SeenRefusal[K] };

/** A tally of nothing. */
export function createWorkerTally(): WorkerTally {
  let fresh = begin();
  let open = 0;
  let peakOpen = 0;
  const of = (phase: number): GrowingCounts => {
    fresh.counts[phase] ??= noCounts();
    return fresh.counts[phase];
  };
  const samples = createMetricSamples();
  return {
    offered: (phase) => {
      of(phase).offered += 1;
    },
    unsent: (phase, why) => {
      of(phase).unsent += 1;
      addEach(fresh.unsentBy, { [why]: 1 });
    },
    decided: (one) => {
      of(one.phase).started += 1;
      samples.lateness.add(one.startMs - one.dueMs);
      countOutcome(of(one.phase), one);
      const { startMs, connectedMs, securedMs, sentMs, answeredMs } = one;
      samples.tcp.add(connectedMs - startMs);
      samples.tls.add(securedMs - connectedMs);
      samples.connectLag.add(sentMs - (Number.isNaN(securedMs) ? connectedMs : securedMs));
      if (one.outcome === 'opened' || one.outcome === 'refused') {
        samples.firstByte.add(one.firstByteMs - startMs);
      }
      if (one.outcome === 'opened') {
        samples.upgrade.add(answeredMs - startMs);
        samples.intended.add(answeredMs - one.dueMs);
      }
      if (one.outcome === 'refused') samples.refusal.add(answeredMs - startMs);
    },
    closed: ({ closingMs, closedMs }, end) => {
      samples.close.add(closedMs - closingMs);
      fresh.ends[end] = (fresh.ends[end] ?? 0) + 1;
    },
    refused: ({ status }, answer, body) => noteRefusal(fresh.refusals, { status, answer, body }),
    count: (what) => {
      fresh.little[what] += 1;
    },
    opened: (by) => {
      open += by;
      peakOpen = Math.max(peakOpen, open);
    },
    take: (second, health) => {
      const { counts, ends, unsentBy, refusals, little } = fresh;
      const { sent, received, pongs, resumed, full } = little;
      const peak = peakOpen;
      fresh = begin();
      peakOpen = open;
      return {
        second,
        counts,
        open,
        peakOpen: peak,
        samples: takeAll(samples),
        ends,
        unsentBy,
        messages: { sent, received, pongs },
        tls: { resumed, full },
        refusals: [...refusals.values()],
        health,
      };
    },
  };
}

type MetricSamples = Readonly<Record<Metric, Samples>>;

function createMetricSamples(): MetricSamples {
  return {
    lateness: createSamples(),
    tcp: createSamples(),
    tls: createSamples(),
    firstByte: createSamples(),
    upgrade: createSamples(),
    intended: createSamples(),
    refusal: createSamples(),
    close: createSamples(),
    connectLag: createSamples(),
  };
}

function takeAll(samples: MetricSamples): WorkerTick['samples'] {
  const taken: Partial<Record<Metric, Uint32Array>> = {};
  for (const metric of METRICS) {
    const values = samples[metric].take();
    if (values !== undefined) taken[metric] = values;
  }
  return taken;
}

interface Fresh {
  readonly counts: Record<number, GrowingCounts>;
  readonly ends: Record<string, number>;
  readonly unsentBy: Record<string, number>;
  readonly refusals: Map<number, Shape>;
  readonly little: Record<'sent' | 'received' | 'pongs' | 'resumed' | 'full', number>;
}

function begin(): Fresh {
  return {
    counts: {},
    ends: {},
    unsentBy: {},
    refusals: new Map(),
    little: { sent: 0, received: 0, pongs: 0, resumed: 0, full: 0 },
  };
}

function countOutcome(counts: GrowingCounts, { outcome, status, failure }: Attempt): void {
  if (outcome === 'opened') counts.opened += 1;
  else if (outcome === 'timeout') counts.timedOut += 1;
  else if (outcome === 'aborted') counts.aborted += 1;
  else if (outcome === 'refused') addEach(counts.refused, { [String(status)]: 1 });
  else addEach(counts.failed, { [failure === '' ? 'closed' : failure]: 1 });
}

function noteRefusal(
  seen: Map<number, Shape>,
  {
    status,
    answer,
    body,
  }: { readonly status: number; readonly answer: JudgedAnswer; readonly body: Buffer },
): void {
  const { phrase, headers } = answer.head;
  const shape = seen.get(status) ?? {
    status,
    count: 0,
    statusText: phrase,
    headers: headers.map(([name, value]) => ({ name, value })),
    body: body.toString('utf8'),
  };
  shape.count += 1;
  const [after] = headerValues(headers, 'retry-after');
  const seconds = after === undefined ? Number.NaN : Number(after);
  if (!Number.isNaN(seconds)) {
    const { min = seconds, max = seconds } = shape.retryAfter ?? {};
    shape.retryAfter = { min: Math.min(min, seconds), max: Math.max(max, seconds) };
  }
  seen.set(status, shape);
}
