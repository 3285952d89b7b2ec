// Attempts of a load between their end on the wire and the end of the watch for what the backend was
// told of them; then they are judged and forgotten.
import type { LoadJudge } from '../check/load-judge.ts';
import { type BlindSpan, blindIn } from '../load/blind-span.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';
import type { LoadPhaseSpec, LoadSpec } from '../scenario/load-model.ts';
import type { Invocation } from '../scenario/model.ts';
import type { LoadEvents } from './load-events.ts';

/** What watching needs to know. */
export interface Watching {
  readonly judge: LoadJudge;
  /** Undefined: no threshold asks for events. */
  readonly events: LoadEvents | undefined;
  readonly phases: readonly LoadPhaseSpec[];
  readonly endings: LoadSpec['endings'];
  /** The longest watch that a threshold asks for, and for how long records are on their way. */
  readonly watchMs: number;
  /** How long what tells of blind spans may be on its way: so much later is judged. */
  readonly graceMs: number;
  /** When the backend was not seen, as far as is known at `nowMs`. */
  readonly blind: (nowMs: number) => readonly BlindSpan[];
}

/** The attempts that wait. */
export interface LoadWatch {
  /** The instant from which times of attempts count, on the clock of the events. */
  start(zeroUs: number): void;
  take(batch: readonly LoadAttempt[]): void;
  /** Judges those whose watch is over; `nowMs` as attempts count. */
  settle(nowMs: number): void;
  /** Judges the rest: nothing more will be watched. */
  end(nowMs: number): void;
  /** How many wait, and until when at the latest. */
  readonly waiting: number;
  readonly untilMs: number;
  /** Connections that opened and ended so far. */
  readonly ended: number;
  /** Those of them whose end the backend was told of. */
  readonly told: number;
  /** The backend was told of the end of this one, which may not have ended here yet. */
  disconnected(number: number): void;
}

/** Starts watching. */
export function createLoadWatch(watching: Watching): LoadWatch {
  // By the second in which the watch ends: attempts come in almost that order.
  const due = new Map<number, LoadAttempt[]>();
  let zeroUs = 0;
  let waiting = 0;
  let ended = 0;
  let told = 0;
  const untold = new Set<number>();
  let untilMs = 0;
  const countEnd = ({ number }: LoadAttempt): void => {
    ended += 1;
    if (watching.events?.of(number)?.$disconnect === undefined) untold.add(number);
    else told += 1;
  };
  const judge = (attempt: LoadAttempt, watchedMs: number, spans: readonly BlindSpan[]): void => {
    const { events, phases, endings } = watching;
    const blind = blindAround(attempt, { spans, watchMs: watching.watchMs });
    watching.judge.take({
      attempt,
      phase: phases[attempt.phase]?.name ?? '',
      ending: endings[attempt.ending]?.kind ?? 'close',
      events: inMs(events?.of(attempt.number) ?? {}, zeroUs),
      watchedMs,
      ...(blind === undefined ? {} : { blind }),
    });
    events?.forget(attempt.number);
    untold.delete(attempt.number);
  };
  const judgeAll = (attempts: readonly LoadAttempt[], nowMs: number): void => {
    const spans = watching.events === undefined ? [] : watching.blind(nowMs);
    for (const attempt of attempts) judge(attempt, nowMs, spans);
  };
  const settle = (nowMs: number): void => {
    for (const [second, attempts] of due) {
      if ((second + 1) * 1000 > nowMs) continue;
      due.delete(second);
      waiting -= attempts.length;
      judgeAll(attempts, nowMs);
    }
  };
  return {
    start: (us) => {
      zeroUs = us;
    },
    take: (batch) => {
      for (const attempt of batch) {
        if (attempt.outcome === 'opened' && !Number.isNaN(attempt.closingMs)) countEnd(attempt);
        const end = causeMs(attempt);
        if (watching.events === undefined || Number.isNaN(end)) {
          judge(attempt, Infinity, []);
          continue;
        }
        const until = end + watching.watchMs + watching.graceMs;
        const second = Math.floor(until / 1000);
        due.set(second, [...(due.get(second) ?? []), attempt]);
        untilMs = Math.max(untilMs, (second + 1) * 1000);
        waiting += 1;
      }
    },
    settle,
    end: (nowMs) => {
      judgeAll([...due.values()].flat(), nowMs);
      due.clear();
      waiting = 0;
    },
    get waiting() {
      return waiting;
    },
    get untilMs() {
      return untilMs;
    },
    get ended() {
      return ended;
    },
    get told() {
      return told;
    },
    disconnected: (number) => {
      if (untold.delete(number)) told += 1;
    },
  };
}

/** Why what is missing of an attempt proves nothing: the backend was not seen while it may have been told. */
export function blindAround(
  attempt: LoadAttempt,
  { spans, watchMs }: { readonly spans: readonly BlindSpan[]; readonly watchMs: number },
): string | undefined {
  if (spans.length === 0 || Number.isNaN(attempt.sentMs)) return undefined;
  return blindIn(spans, { fromMs: attempt.sentMs, toMs: causeMs(attempt) + watchMs })?.why;
}

/** The last thing on the wire of which the backend may be told; NaN: nothing was sent. */
function causeMs({ sentMs, answeredMs, closingMs, closedMs }: LoadAttempt): number {
  const known = [sentMs, answeredMs, closingMs, closedMs].filter((ms) => !Number.isNaN(ms));
  return Number.isNaN(sentMs) ? Number.NaN : Math.max(...known);
}

function inMs(
  seen: Readonly<Partial<Record<Invocation, readonly number[]>>>,
  zeroUs: number,
): Readonly<Partial<Record<Invocation, readonly number[]>>> {
  return Object.fromEntries(
    Object.entries(seen).map(([name, instants]) => [
      name,
      instants.map((us) => (us - zeroUs) / 1000),
    ]),
  );
}
