// What a load came to, counted as it happens: in all, by phase, by second; times as histograms.
import { createTimeTally, type TimeTally } from '../../base/time-tally.ts';
import type { LoadAttempt } from '../../result/load-attempt.ts';
import type {
  AttemptCounts,
  Distribution,
  LoadSecond,
  PhaseResult,
  RefusalShape,
} from '../../result/load-result.ts';
import type { LoadEnding, LoadPhase } from '../plan.ts';
import type { Attempted } from './attempt.ts';

/** Times with what a histogram does not keep. */
interface Times {
  add(ms: number): void;
  of(): Distribution;
}

/** Makes an empty distribution. */
function createTimes(): Times {
  const tally: TimeTally = createTimeTally([]);
  let [least, most, sum] = [Infinity, 0, 0];
  return {
    add: (ms) => {
      tally.add(ms);
      least = Math.min(least, ms);
      most = Math.max(most, ms);
      sum += ms;
    },
    of: () => {
      const { count } = tally;
      const at = (share: number): number => (count === 0 ? 0 : tally.percentile(share));
      return {
        count,
        minMs: count === 0 ? 0 : least,
        maxMs: most,
        meanMs: count === 0 ? 0 : sum / count,
        p50Ms: at(0.5),
        p90Ms: at(0.9),
        p95Ms: at(0.95),
        p99Ms: at(0.99),
        p999Ms: at(0.999),
        histogram: '',
      };
    },
  };
}

interface Counts {
  offered: number;
  started: number;
  unsent: number;
  opened: number;
  refused: Record<string, number>;
  failed: Record<string, number>;
  timedOut: number;
  aborted: number;
}

function noCounts(): Counts {
  return {
    offered: 0,
    started: 0,
    unsent: 0,
    opened: 0,
    refused: {},
    failed: {},
    timedOut: 0,
    aborted: 0,
  };
}

function countIn(into: Record<string, number>, key: string): void {
  into[key] = (into[key] ?? 0) + 1;
}

/** A load that is counted. */
export interface LoadTally {
  /** An attempt is due; `startedMs` where it was started, with how late that was. */
  due(phase: number, dueMs: number, startedMs: number | undefined): void;
  ended(one: Attempted, nowMs: number): void;
  opened(phase: number, afterMs: number): void;
  closed(): void;
  /** The seconds that are over and were not asked for yet. */
  secondsUntil(nowMs: number): readonly LoadSecond[];
  readonly total: AttemptCounts;
  readonly peakOpen: number;
  readonly open: number;
  readonly lateness: Distribution;
  readonly latency: Readonly<Record<string, Distribution>>;
  readonly refusals: readonly RefusalShape[];
  readonly ends: Readonly<Record<string, number>>;
  readonly messages: { sent: number; received: number; pongs: number };
  phases(endedMs: number): readonly PhaseResult[];
}

/** Starts counting. */
export function createLoadTally(
  phases: readonly LoadPhase[],
  endings: readonly LoadEnding[],
): LoadTally {
  const total = noCounts();
  const byPhase = phases.map(noCounts);
  const lateness = createTimes();
  const latency = new Map<string, Times>();
  const refusals = new Map<number, RefusalShape>();
  const ends: Record<string, number> = {};
  const messages = { sent: 0, received: 0, pongs: 0 };
  let open = 0;
  let peakOpen = 0;
  let second = createSecond(0);
  const every = (phase: number): readonly Counts[] => {
    const own = byPhase[phase];
    return own === undefined ? [total, second.counts] : [total, second.counts, own];
  };
  const measure = (name: string, ms: number): void => {
    if (Number.isNaN(ms)) return;
    const times = latency.get(name) ?? createTimes();
    latency.set(name, times);
    times.add(Math.max(0, ms));
  };
  return {
    due: (phase, dueMs, startedMs) => {
      for (const counts of every(phase)) {
        counts.offered += 1;
        if (startedMs === undefined) counts.unsent += 1;
        else counts.started += 1;
      }
      if (startedMs === undefined) return;
      const late = Math.max(0, startedMs - dueMs);
      lateness.add(late);
      second.lateness.add(late);
    },
    ended: (one) => {
      const { attempt } = one;
      for (const counts of every(attempt.phase)) countOutcome(counts, one);
      measureAll(attempt, measure);
      if (attempt.outcome === 'refused') noteRefusal(refusals, one);
      if (attempt.outcome === 'opened') countIn(ends, endOf(attempt, endings));
      messages.sent += one.sent;
      messages.received += one.received;
      messages.pongs += one.pongs;
    },
    opened: (phase, afterMs) => {
      for (const counts of every(phase)) counts.opened += 1;
      second.intended.add(afterMs);
      open += 1;
      peakOpen = Math.max(peakOpen, open);
    },
    closed: () => {
      open -= 1;
    },
    secondsUntil: (nowMs) => {
      const over: LoadSecond[] = [];
      while (nowMs >= second.atMs + 1000) {
        over.push(second.of(open));
        second = createSecond(second.atMs + 1000);
      }
      return over;
    },
    get total() {
      return total;
    },
    get peakOpen() {
      return peakOpen;
    },
    get open() {
      return open;
    },
    get lateness() {
      return lateness.of();
    },
    get latency() {
      return Object.fromEntries([...latency].map(([name, times]) => [name, times.of()]));
    },
    get refusals() {
      return [...refusals.values()];
    },
    ends,
    messages,
    phases: (endedMs) => phaseResults(phases, byPhase, endedMs),
  };
}

interface Second {
  readonly atMs: number;
  readonly counts: Counts;
  readonly intended: Times;
  readonly lateness: Times;
  of(open: number): LoadSecond;
}

function createSecond(atMs: number): Second {
  const counts = noCounts();
  const intended = createTimes();
  const lateness = createTimes();
  return {
    atMs,
    counts,
    intended,
    lateness,
    of: (open) => {
      const times = intended.of();
      const late = lateness.of();
      return {
        ...counts,
        atMs,
        open,
        ...(times.count === 0
          ? {}
          : { p50Ms: times.p50Ms, p90Ms: times.p90Ms, p99Ms: times.p99Ms }),
        ...(late.count === 0 ? {} : { latenessP99Ms: late.p99Ms }),
      };
    },
  };
}

function countOutcome(counts: Counts, { attempt, failure }: Attempted): void {
  switch (attempt.outcome) {
    // Counted when it opened.
    case 'opened':
      return;
    case 'refused':
      countIn(counts.refused, String(attempt.status));
      return;
    case 'timeout':
      counts.timedOut += 1;
      return;
    case 'aborted':
      counts.aborted += 1;
      return;
    case 'invalid':
      countIn(counts.failed, 'protocol');
      return;
    default:
      countIn(counts.failed, KINDS[failure ?? ''] ?? failure ?? 'closed');
  }
}

const KINDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EADDRNOTAVAIL: 'local-ports',
  EMFILE: 'descriptors',
  ENFILE: 'descriptors',
};

function measureAll(one: LoadAttempt, measure: (name: string, ms: number) => void): void {
  measure('tcp', one.connectedMs - one.startMs);
  measure('tls', one.securedMs - one.connectedMs);
  measure('firstByte', one.firstByteMs - one.sentMs);
  if (one.outcome === 'opened') {
    measure('upgrade', one.answeredMs - one.startMs);
    measure('intended', one.answeredMs - one.dueMs);
    measure('close', one.closedMs - one.closingMs);
  } else if (one.outcome === 'refused') measure('refusal', one.answeredMs - one.startMs);
}

function endOf({ endedByUs, ending }: LoadAttempt, endings: readonly LoadEnding[]): string {
  return endedByUs ? (endings[ending]?.kind ?? 'close') : 'server';
}

function noteRefusal(
  refusals: Map<number, RefusalShape>,
  { attempt, head, body }: Attempted,
): void {
  const known = refusals.get(attempt.status);
  const retry = Number(head?.headers.find(([name]) => /^retry-after$/i.test(name))?.[1]);
  const { min, max } = known?.retryAfter ?? { min: retry, max: retry };
  const retryAfter = Number.isNaN(retry)
    ? known?.retryAfter
    : { min: Math.min(min, retry), max: Math.max(max, retry) };
  refusals.set(attempt.status, {
    status: attempt.status,
    statusText: head?.phrase ?? '',
    headers: (head?.headers ?? []).map(([name, value]) => ({ name, value })),
    body,
    ...known,
    count: (known?.count ?? 0) + 1,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

/** Phases of one name, the steps of a staircase, are one. */
function phaseResults(
  phases: readonly LoadPhase[],
  counts: readonly Counts[],
  endedMs: number,
): readonly PhaseResult[] {
  const results = new Map<string, PhaseResult>();
  let startMs = 0;
  for (const [index, phase] of phases.entries()) {
    const lasts = phase.kind === 'burst' ? 0 : phase.durationMs;
    const endMs = Math.min(endedMs, startMs + lasts);
    const known = results.get(phase.name);
    const own = counts[index] ?? noCounts();
    results.set(phase.name, {
      ...(known === undefined ? own : added(known, own)),
      name: phase.name,
      startMs: known?.startMs ?? Math.min(startMs, endedMs),
      endMs: Math.max(endMs, Math.min(startMs, endedMs)),
    });
    startMs += lasts;
  }
  return [...results.values()];
}

function added(a: AttemptCounts, b: AttemptCounts): AttemptCounts {
  const all = noCounts();
  for (const one of [a, b]) {
    for (const key of ['offered', 'started', 'unsent', 'opened', 'timedOut', 'aborted'] as const) {
      all[key] += one[key];
    }
    for (const key of ['refused', 'failed'] as const) {
      for (const [name, count] of Object.entries(one[key])) {
        all[key][name] = (all[key][name] ?? 0) + count;
      }
    }
  }
  return all;
}
