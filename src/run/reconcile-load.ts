// Counts a load again with what the backend's log says now: what came after the watch was over is no longer missing.
import { ToolError } from '../base/errors.ts';
import type { Redactor } from '../base/redact.ts';
import { createLoadJudge, type LoadJudge } from '../check/load-judge.ts';
import { runOf } from '../observe/backend.ts';
import { type Correlation, recordKeys } from '../observe/correlate.ts';
import type { Place } from '../observe/observer.ts';
import type { EventRecord } from '../probe/event-record.ts';
import type { InvocationType } from '../result/evidence.ts';
import type { Finding } from '../result/finding.ts';
import type { LoadResult } from '../result/load-result.ts';
import type { LoadSpec } from '../scenario/load-model.ts';
import type { CaseSpec, CheckSpec, Invocation, Level } from '../scenario/model.ts';
import type { AttemptsOfLoad } from './attempt-file.ts';
import type { ToldEvent } from './attempt-journal.ts';
import { createLoadDelivery, type LoadDelivery } from './load-delivery.ts';
import { createLoadEvents, INVOCATIONS } from './load-events.ts';
import { blindAround } from './load-watch.ts';
import { redacted } from './run-load-case.ts';

/** A record of the log, and where in it it stands. */
export interface PlacedRecord {
  readonly record: EventRecord;
  readonly place: Place;
}

/** What was concluded, what was written down, and what the log says now. */
export interface Reconciling {
  readonly spec: CaseSpec & { readonly load: LoadSpec };
  readonly before: { readonly load: LoadResult; readonly findings: readonly Finding[] };
  readonly written: AttemptsOfLoad;
  readonly records: readonly PlacedRecord[];
  readonly correlate: Correlation;
  /** Now, epoch milliseconds. */
  readonly nowMs: number;
  readonly features: ReadonlySet<string>;
  readonly levelOf: (check: Pick<CheckSpec, 'level' | 'requirement'>) => Level;
  /** Of the plan: what was written down went through one like it. */
  readonly redactor: Redactor;
}

/**
 * The load as it is now known, judged again by the checks that it was judged by.
 *
 * @throws {ToolError} FILE_INVALID where the scenario is another one now, or the log has lost what the run saw in it
 */
export function reconcileLoad(asked: Reconciling): {
  readonly load: LoadResult;
  readonly findings: readonly Finding[];
} {
  const { spec, before, written, nowMs, redactor } = asked;
  demandSamePlan(spec, written.head);
  const { told, boundMs } = withLater(written, eventsOf(asked));
  const sinceMs = nowMs - Date.parse(written.head.startedAt);
  const delivery = countAgain(asked, told);
  const now = delivery.result(sinceMs);
  const whole = {
    ...before.load,
    delivery: now,
    reconciled: {
      at: new Date(nowMs).toISOString(),
      missingBefore: missingOf(before.load.delivery),
      missing: missingOf(now),
    },
  };
  const judged = judgeAgain(asked, { told, sinceMs, boundMs, delivery }).conclude(whole);
  const findings = redactor.json(judged);
  demandSameChecks(spec.id, before.findings, findings);
  return { load: redacted(whole, redactor), findings };
}

/** Why it cannot be judged again. */
export function changed(id: string): ToolError {
  return new ToolError('FILE_INVALID', `${id} is not what it was when it ran.`, {
    hint: 'Take the scenario, the variables (--var) and the target (--target) of that run.',
  });
}

function demandSamePlan(
  { id, load }: Reconciling['spec'],
  { phases, endings }: AttemptsOfLoad['head'],
): void {
  const now = [load.phases.map(({ name }) => name), load.endings.map(({ kind }) => kind)];
  if (JSON.stringify(now) !== JSON.stringify([phases, endings])) throw changed(id);
}

function demandSameChecks(id: string, before: readonly Finding[], now: readonly Finding[]): void {
  const asked = new Map(now.map(({ check, expected }) => [check, expected]));
  if (before.length !== now.length) throw changed(id);
  for (const { check, expected } of before) {
    if (asked.get(check) !== expected) throw changed(id);
  }
}

function countAgain(
  { spec, written, records }: Reconciling,
  told: readonly ToldEvent[],
): LoadDelivery {
  const delivery = createLoadDelivery({
    endings: spec.load.endings,
    deadlineMs: written.head.watchMs,
    zero: { us: 0 },
  });
  delivery.take(written.attempts);
  for (const { number, type, atMs, invocationId } of told)
    delivery.event(number, { type, atUs: atMs * 1000, invocationId });
  for (const gap of written.gaps) delivery.gap(gap);
  for (const { id, atMs } of written.canaries) delivery.canaries.sent(id, atMs);
  for (const { record } of records)
    if (record.type === 'CANARY') delivery.canaries.seen(record.nonce ?? '');
  return delivery;
}

interface Known {
  readonly told: readonly ToldEvent[];
  readonly sinceMs: number;
  readonly boundMs: number | undefined;
  readonly delivery: LoadDelivery;
}

function judgeAgain(
  { spec, before, written, features, levelOf }: Reconciling,
  { told, sinceMs, boundMs, delivery }: Known,
): LoadJudge {
  const { phases, endings, reconnect } = spec.load;
  const judged = new Set(before.findings.map(({ check }) => check));
  const judge = createLoadJudge({
    checks: spec.checks.filter(({ id }) => judged.has(id)),
    levelOf,
    features,
    phases,
    comesAgain: reconnect !== undefined,
    clocks: { isPlatform: true, boundMs },
  });
  const seen = byAttempt(told);
  const spans = delivery.blind(sinceMs);
  for (const attempt of written.attempts) {
    const blind = blindAround(attempt, { spans, watchMs: written.head.watchMs });
    judge.take({
      attempt,
      phase: phases[attempt.phase]?.name ?? '',
      ending: endings[attempt.ending]?.kind ?? 'close',
      events: seen.get(attempt.number) ?? {},
      watchedMs: sinceMs,
      ...(blind === undefined ? {} : { blind }),
    });
  }
  return judge;
}

function missingOf(delivery: LoadResult['delivery']): number {
  return delivery?.strata.reduce((sum, { missing }) => sum + missing, 0) ?? 0;
}

/** What the log says of this load, on the log's clock as if that were ours. */
function eventsOf({ written, records, correlate, redactor }: Reconciling): readonly ToldEvent[] {
  const { nonce, startedAt } = written.head;
  const zeroMs = Date.parse(startedAt);
  const found: ToldEvent[] = [];
  const events = createLoadEvents(nonce, {
    planOf: () => undefined,
    onEvent: (number, { type, atUs, invocationId }) =>
      found.push({ number, type, atMs: atUs / 1000, invocationId: redactor.text(invocationId) }),
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

/**
 * With what was not known at the end of the run. The clock of the log is set by what was known in both; where there is
 * nothing, how far it is off is not known.
 */
function withLater(
  { events, head }: AttemptsOfLoad,
  logged: readonly ToldEvent[],
): { readonly told: readonly ToldEvent[]; readonly boundMs: number | undefined } {
  demandKept(head.load, events, logged);
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
  return {
    told: [...events, ...later].toSorted((a, b) => a.atMs - b.atMs),
    boundMs: offsets.length === 0 ? undefined : (head.boundMs ?? undefined),
  };
}

// A log that was rotated or cut off says nothing of what it no longer holds.
function demandKept(id: string, seen: readonly ToldEvent[], logged: readonly ToldEvent[]): void {
  const held = new Set(logged.map(keyOf));
  const lost = seen.filter((event) => !held.has(keyOf(event))).length;
  if (lost === 0) return;
  throw new ToolError(
    'FILE_INVALID',
    `The log no longer holds ${lost} of the ${seen.length} events that the run saw of ${id}: what else is missing in it is not known.`,
    { hint: 'Put back what was rotated away or cut off, and reconcile again.' },
  );
}

function keyOf({ number, type, invocationId }: ToldEvent): string {
  return `${number} ${type} ${invocationId}`;
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
