// Counts a load again with what the backend's log says now: what came after the watch was over is no longer missing.
import { createLoadJudge } from '../check/load-judge.ts';
import { runOf } from '../observe/backend.ts';
import { type Correlation, recordKeys } from '../observe/correlate.ts';
import type { EventRecord } from '../probe/event-record.ts';
import type { InvocationType } from '../result/evidence.ts';
import type { Finding } from '../result/finding.ts';
import type { LoadResult } from '../result/load-result.ts';
import type { LoadSpec } from '../scenario/load-model.ts';
import type { CaseSpec, CheckSpec, Invocation, Level } from '../scenario/model.ts';
import type { AttemptsOfLoad } from './attempt-file.ts';
import type { ToldEvent } from './attempt-journal.ts';
import { createLoadDelivery } from './load-delivery.ts';
import { createLoadEvents, INVOCATIONS } from './load-events.ts';

/** A record of the log, and where in it the line begins. */
export interface PlacedRecord {
  readonly record: EventRecord;
  readonly place: number;
}

/** What was concluded, what was written down, and what the log says now. */
export interface Reconciling {
  readonly spec: CaseSpec & { readonly load: LoadSpec };
  readonly load: LoadResult;
  readonly written: AttemptsOfLoad;
  readonly records: readonly PlacedRecord[];
  readonly correlate: Correlation;
  /** Now, epoch milliseconds. */
  readonly nowMs: number;
  readonly features: ReadonlySet<string>;
  readonly levelOf: (check: Pick<CheckSpec, 'level' | 'requirement'>) => Level;
}

/** The load as it is now known, judged again. */
export function reconcileLoad(asked: Reconciling): {
  readonly load: LoadResult;
  readonly findings: readonly Finding[];
} {
  const { spec, load, written, nowMs, features, levelOf } = asked;
  const { head, attempts } = written;
  const told = withLater(written, eventsOf(asked));
  const sinceMs = nowMs - Date.parse(head.startedAt);
  const delivery = createLoadDelivery({
    endings: spec.load.endings,
    deadlineMs: head.watchMs,
    zero: { us: 0 },
  });
  delivery.take(attempts);
  for (const { number, type, atMs, invocationId } of told)
    delivery.event(number, { type, atUs: atMs * 1000, invocationId });
  const judge = createLoadJudge({
    checks: spec.checks,
    levelOf,
    features,
    phases: spec.load.phases,
    comesAgain: spec.load.reconnect !== undefined,
    clocks: { isPlatform: true, boundMs: head.boundMs ?? undefined },
  });
  const seen = byAttempt(told);
  for (const attempt of attempts) {
    judge.take({
      attempt,
      phase: spec.load.phases[attempt.phase]?.name ?? '',
      ending: spec.load.endings[attempt.ending]?.kind ?? 'close',
      events: seen.get(attempt.number) ?? {},
      watchedMs: sinceMs,
    });
  }
  const now = delivery.result(sinceMs, undefined);
  const whole = {
    ...load,
    delivery: now,
    reconciled: {
      at: new Date(nowMs).toISOString(),
      missingBefore: missingOf(load.delivery),
      missing: missingOf(now),
    },
  };
  return { load: whole, findings: judge.conclude(whole) };
}

function missingOf(delivery: LoadResult['delivery']): number {
  return delivery?.strata.reduce((sum, { missing }) => sum + missing, 0) ?? 0;
}

/** What the log says of this load, on the log's clock as if that were ours. */
function eventsOf({ written, records, correlate }: Reconciling): readonly ToldEvent[] {
  const { nonce, startedAt } = written.head;
  const zeroMs = Date.parse(startedAt);
  const found: ToldEvent[] = [];
  const events = createLoadEvents(nonce, {
    planOf: () => undefined,
    onEvent: (number, { type, atUs, invocationId }) =>
      found.push({ number, type, atMs: atUs / 1000, invocationId }),
  });
  for (const { record, place } of records) {
    const { type, phase, at } = record;
    if (type === 'CANARY' || phase !== 'started') continue;
    const { invocationId, delivery = '' } = runOf(record, place);
    const keys = recordKeys(record, correlate);
    const atUs = (at - zeroMs) * 1000;
    events.take({ type, keys, atUs, invocationId: `${invocationId} ${delivery}` });
  }
  return found;
}

/** With what was not known at the end of the run; the clock of the log is set by what was known in both. */
function withLater({ events }: AttemptsOfLoad, logged: readonly ToldEvent[]): readonly ToldEvent[] {
  const keyOf = ({ number, type, invocationId }: ToldEvent): string =>
    `${number} ${type} ${invocationId}`;
  const known = new Map(events.map((event) => [keyOf(event), event]));
  const offsets = logged
    .flatMap((event) => {
      const before = known.get(keyOf(event));
      return before === undefined ? [] : [before.atMs - event.atMs];
    })
    .toSorted((a, b) => a - b);
  const offsetMs = offsets[offsets.length >> 1] ?? 0;
  const later = logged
    .filter((event) => !known.has(keyOf(event)))
    .map((event) => ({ ...event, atMs: event.atMs + offsetMs }));
  return [...events, ...later].toSorted((a, b) => a.atMs - b.atMs);
}

type Seen = Partial<Record<Invocation, number[]>>;

function byAttempt(told: readonly ToldEvent[]): ReadonlyMap<number, Seen> {
  const all = new Map<number, Seen>();
  for (const { number, type, atMs } of told) {
    const own = all.get(number) ?? {};
    const invocation = INVOCATIONS[type satisfies InvocationType];
    own[invocation] = [...(own[invocation] ?? []), atMs];
    all.set(number, own);
  }
  return all;
}
