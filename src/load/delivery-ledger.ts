// $disconnect counted: each connection that ended against each event that told of it, in any order and
// more than once. What is settled is folded into counters; only what is still awaited is kept.
import type { DeliveryResult } from '../result/load-result.ts';
import { createAttemptMarks, MARK } from './attempt-marks.ts';
import { type BlindSpan, createCanaries } from './blind-span.ts';
import { createStratumTally, type Outstanding, type StratumTally } from './stratum-tally.ts';

/** An attempt that is over. Times in milliseconds from the start of the load. */
export interface AttemptEnd {
  /** Its place in the schedule, from 0. */
  readonly number: number;
  /** The client saw 101. */
  readonly opened: boolean;
  /** It got an answer that was no 101: its $connect may have refused it, and is no orphan. */
  readonly refused?: boolean;
  /** How it ended, the name of its stratum; of one that did not open it does not matter. */
  readonly ending: string;
  /** The moment `closing`: from here on the backend can be told. */
  readonly endedMs: number;
}

/** An event of the backend, given to its attempt. */
export interface SeenEvent {
  readonly number: number;
  readonly type: 'CONNECT' | 'DISCONNECT';
  /** When it happened, as well as is known on the clock of the load; ties are no violation of an order. */
  readonly atMs: number;
  /** The same for each copy of one delivery; undefined: every event is a delivery of its own. */
  readonly delivery?: string | undefined;
}

/** The account of one load. */
export interface DeliveryLedger {
  /** Once for each attempt. */
  end(end: AttemptEnd): void;
  event(event: SeenEvent): void;
  canarySent(id: string, atMs: number): void;
  canarySeen(id: string): void;
  /** The observer could not see. */
  gap(span: BlindSpan): void;
  /** When it could not, or was seen not to; canaries that are on their way are missing. */
  blind(nowMs: number): readonly BlindSpan[];
  /** Connections that ended and whose $disconnect was not seen. */
  readonly outstanding: number;
  /** Of the last ending, and of the last $disconnect that was no duplicate; -Infinity: none yet. */
  readonly lastEndedMs: number;
  readonly lastSeenMs: number;
  /** Copies of one delivery, which a sink may make. */
  readonly copies: number;
  result(nowMs: number): DeliveryResult;
}

interface Pending {
  end?: AttemptEnd;
  connectMs?: number;
  disconnectMs?: number;
}

/** Opens one. `deadlineMs`: what came within it is on time. `confidence` above 0, below 1. */
export function createDeliveryLedger(options: {
  readonly deadlineMs: number;
  readonly confidence: number;
  readonly exact: boolean;
}): DeliveryLedger {
  const marks = createAttemptMarks();
  const pending = new Map<number, Pending>();
  const strata = createStrata(options);
  const canaries = createCanaries();
  const gaps: BlindSpan[] = [];
  const unordered = createLatest();
  let outstanding = 0;
  let orphaned = 0;
  let copies = 0;
  let lastEndedMs = -Infinity;
  let lastSeenMs = -Infinity;

  const pendingOf = (number: number): Pending => {
    const known = pending.get(number) ?? {};
    pending.set(number, known);
    return known;
  };
  const has = (number: number, bit: number): boolean => (marks.get(number) & bit) !== 0;

  const settle = (number: number, one: Pending): void => {
    const { end, connectMs, disconnectMs } = one;
    if (end !== undefined && disconnectMs !== undefined && !has(number, MARK.ended)) {
      marks.add(number, MARK.ended);
      const stratum = strata.byIndex(marks.stratum(number));
      stratum.arrived(end.endedMs, disconnectMs - end.endedMs);
      if (has(number, MARK.twice)) stratum.duplicated += 1;
      outstanding -= 1;
      lastSeenMs = Math.max(lastSeenMs, disconnectMs);
    }
    if (end === undefined || disconnectMs === undefined) return;
    pending.delete(number);
    if (connectMs === undefined) unordered.put(number, disconnectMs);
    else if (disconnectMs < connectMs) strata.byIndex(marks.stratum(number)).outOfOrder += 1;
  };
  const order = (number: number, connectMs: number): void => {
    const disconnectMs = unordered.take(number) ?? Infinity;
    if (disconnectMs < connectMs) strata.byIndex(marks.stratum(number)).outOfOrder += 1;
  };
  const orphan = (number: number): void => {
    const strange =
      has(number, MARK.over) && !has(number, MARK.opened) && has(number, MARK.connect);
    if (!strange || has(number, MARK.orphan)) return;
    marks.add(number, MARK.orphan);
    orphaned += 1;
  };

  const end = (ended: AttemptEnd): void => {
    const { number } = ended;
    if (has(number, MARK.over)) return;
    marks.add(number, MARK.over | (ended.opened ? MARK.opened : 0));
    if (!ended.opened) {
      pending.delete(number);
      if (ended.refused === true) marks.add(number, MARK.orphan);
      orphan(number);
      return;
    }
    const index = strata.indexOf(ended.ending);
    marks.setStratum(number, index);
    strata.byIndex(index).ended(ended.endedMs);
    outstanding += 1;
    lastEndedMs = Math.max(lastEndedMs, ended.endedMs);
    const one = pendingOf(number);
    one.end = ended;
    settle(number, one);
  };
  const again = (number: number, hash: number): void => {
    if (hash !== 0 && hash === marks.delivery(number)) {
      copies += 1;
      return;
    }
    if (has(number, MARK.twice)) return;
    marks.add(number, MARK.twice);
    if (has(number, MARK.ended)) strata.byIndex(marks.stratum(number)).duplicated += 1;
  };
  const event = ({ number, type, atMs, delivery }: SeenEvent): void => {
    const bit = type === 'CONNECT' ? MARK.connect : MARK.disconnect;
    const hash = delivery === undefined ? 0 : hashOf(delivery);
    if (has(number, bit)) {
      if (type === 'DISCONNECT') again(number, hash);
      return;
    }
    marks.add(number, bit);
    if (type === 'DISCONNECT') marks.setDelivery(number, hash);
    if (has(number, MARK.over) && !has(number, MARK.opened)) return orphan(number);
    if (type === 'CONNECT' && has(number, MARK.ended) && !pending.has(number)) {
      order(number, atMs);
      return;
    }
    const one = pendingOf(number);
    if (type === 'CONNECT') one.connectMs = atMs;
    else one.disconnectMs = atMs;
    settle(number, one);
  };
  const awaited = (): readonly Outstanding[] =>
    [...pending].flatMap(([number, { end: ended, disconnectMs }]) =>
      ended === undefined || disconnectMs !== undefined
        ? []
        : [{ stratum: marks.stratum(number), endedMs: ended.endedMs }],
    );

  const blind = (nowMs: number): readonly BlindSpan[] =>
    [...gaps, ...canaries.blind(nowMs)].toSorted((a, b) => a.fromMs - b.fromMs);

  return {
    end,
    event,
    blind,
    canarySent: (id, atMs) => canaries.sent(id, atMs),
    canarySeen: (id) => canaries.seen(id),
    gap: (span) => gaps.push(span),
    get outstanding() {
      return outstanding;
    },
    get lastEndedMs() {
      return lastEndedMs;
    },
    get lastSeenMs() {
      return lastSeenMs;
    },
    get copies() {
      return copies;
    },
    result: (nowMs) => {
      const spans = blind(nowMs);
      const watchedMs = Math.max(0, nowMs - Math.max(lastEndedMs, 0));
      const waiting = awaited();
      return {
        deadlineMs: options.deadlineMs,
        watchedMs,
        plateau: lastSeenMs <= nowMs - watchedMs / 2,
        strata: strata.all().map((stratum, at) => {
          const own = waiting.filter((one) => one.stratum === at + 1);
          return stratum.result({ waiting: own, blind: spans, nowMs, lastEndedMs });
        }),
        orphaned,
        canaries: canaries.counts(),
        gaps: spans,
      };
    },
  };
}

// A backend that never tells of $connect would otherwise be waited for as long as the load lasts.
const LATEST = 1 << 16;

interface Latest {
  put(number: number, disconnectMs: number): void;
  take(number: number): number | undefined;
}

function createLatest(): Latest {
  const known = new Map<number, number>();
  return {
    put: (number, disconnectMs) => {
      known.set(number, disconnectMs);
      for (const oldest of known.keys()) {
        if (known.size <= LATEST) break;
        known.delete(oldest);
      }
    },
    take: (number) => {
      const disconnectMs = known.get(number);
      known.delete(number);
      return disconnectMs;
    },
  };
}

interface Strata {
  /** From 1. */
  indexOf(ending: string): number;
  byIndex(index: number): StratumTally;
  all(): readonly StratumTally[];
}

// A byte holds the index; a plan has a handful of endings.
function createStrata(options: Parameters<typeof createStratumTally>[1]): Strata {
  const tallies: StratumTally[] = [];
  const indexes = new Map<string, number>();
  return {
    indexOf: (ending) => {
      const known = indexes.get(ending);
      if (known !== undefined) return known;
      if (tallies.length === 255) throw new RangeError('more than 255 ways of ending');
      indexes.set(ending, tallies.push(createStratumTally(ending, options)));
      return tallies.length;
    },
    byIndex: (index) => {
      const tally = tallies[index - 1];
      if (tally === undefined) throw new RangeError(`there is no stratum ${index}`);
      return tally;
    },
    all: () => tallies,
  };
}

// FNV-1a, 32 bits; 0 is kept for none.
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0 || 1;
}
