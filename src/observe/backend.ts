// The second witness: gives each invocation of the backend to the attempt that caused it, answers it
// as that attempt planned, and hands its records over. What belongs to nobody is answered as without
// a plan, counted, and kept for a while, because events come in any order.
import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Json } from '../base/json.ts';
import type { Redactor } from '../base/redact.ts';
import { buildAnswer } from '../probe/answer.ts';
import type { Arrival } from '../probe/arrival.ts';
import type { ProbeAnswer } from '../probe/contract.ts';
import type { EventRecord } from '../probe/event-record.ts';
import type { ProbeListener } from '../probe/listener.ts';
import type { InvocationType } from '../result/evidence.ts';
import type { Plan } from '../scenario/model.ts';
import { type AttemptSpec, createAttempt, type Enrolment } from './attempt.ts';
import { captureEvent } from './capture.ts';
import { type Correlation, type EventKeys, readEventKeys, recordKeys } from './correlate.ts';
import { launchFlight } from './flight.ts';
import type { Place } from './observer.ts';
import { type Bracket, createPlatformClock } from './platform-clock.ts';
import { createRegistry } from './registry.ts';

/** Something that an event says happened to a connection of a load. */
export interface LoadSighting {
  readonly type: InvocationType;
  readonly keys: EventKeys;
  /** On the runner's clock. */
  readonly atUs: number;
  /** One run of a handler: a second one with the same is a duplicate on its way to us. */
  readonly invocationId: string;
}

/** Takes the events of a load. */
export interface LoadTap {
  /** True where it is about a connection of the load, or may yet turn out to be. */
  take(sighting: LoadSighting): boolean;
  /** True where the keys are those of a connection of the load. */
  knows(keys: EventKeys): boolean;
  /** What the backend shall do then. */
  planOf(sighting: LoadSighting): Plan | undefined;
  /** Told of each canary that came through. */
  canary?(id: string): void;
}

/** What the case driver needs of the backend. */
export interface Backend {
  /** Announces an attempt before its request is written. */
  enrol(attempt: AttemptSpec): Enrolment;
  /**
   * Takes one record of an observer. `readAtUs`: when it was read, on the runner's clock; `place` as
   * `Watch.onRecord` has it.
   */
  readonly take: (record: EventRecord, readAtUs: number, place?: Place) => void;
  /** Learns from events whose instant is bracketed on the runner's clock; see `PlatformClock`. */
  readonly calibrate: (brackets: readonly Bracket[]) => void;
  /**
   * While a load runs: what it claims is its own, counted and not recorded. `undefined`: no load runs.
   */
  divert(tap: LoadTap | undefined): void;
  /** When an observer's record was last read, on the runner's clock; undefined: none was. */
  readonly lastReadAtUs: number | undefined;
  /** Invocations that no case waits for: answered as without a plan, never judged. */
  readonly strays: number;
  /** Its events carry the stamps of another clock: they may come late and in any order. */
  readonly isPlatform: boolean;
  /** How far that clock may be off after `calibrate`, in microseconds; undefined: not measured. */
  readonly clockBoundUs: number | undefined;
  /** How coarse its stamps are, in microseconds. */
  readonly clockTickUs: number;
}

/**
 * With the listener of a remote probe it takes that over: from here on every invocation is answered as
 * its attempt planned. Without one it is told by observers what happened.
 */
export function createBackend(
  listener: Pick<ProbeListener, 'serve'> | undefined,
  options: {
    readonly correlate: Correlation;
    readonly clock: Clock;
    readonly redactor: Redactor;
  },
): Backend {
  const { correlate, clock, redactor } = options;
  const registry = createRegistry();
  const platform = createPlatformClock(clock);
  let lastReadAtUs: number | undefined;
  let tap: LoadTap | undefined;

  const onInvocation = (arrival: Arrival): void => {
    const { type, event, invocationId } = arrival.invocation;
    const keys = readEventKeys(event, correlate);
    const sighting = { type, keys, atUs: arrival.atUs, invocationId };
    if (tap?.take(sighting) === true) {
      const plan = tap.planOf(sighting);
      const when = plan?.when ?? { kind: 'now' };
      const answer = buildAnswer(type, event, plan?.answer);
      launchFlight({ arrival, when, answer, clock, emit: () => undefined });
      return;
    }
    const owner = registry.find({ type, begins: true, keys, atUs: arrival.atUs });
    const plan = owner.attempt?.takePlan(type);
    const head = { kind: 'invocation', type, invocationId, clock: 'runner' } as const;
    const flight = launchFlight({
      arrival,
      when: plan?.when ?? { kind: 'now' },
      answer: buildAnswer(type, event, plan?.answer),
      clock,
      emit: ({ phase, atUs, answer }) =>
        owner.record({
          ...head,
          phase,
          atUs,
          ...(phase === 'started' && {
            event: captureEvent(event, owner.attempt?.nonce, redactor),
          }),
          ...(answer !== undefined && { answer: captureAnswer(answer, redactor) }),
        }),
    });
    owner.attempt?.track(type, flight);
  };

  const onEvent = (record: EventRecord, readAtUs: number, place?: Place): void => {
    const { type, phase } = record;
    lastReadAtUs = readAtUs;
    if (type === 'CANARY') {
      tap?.canary?.(record.nonce ?? '');
      return;
    }
    platform.note({ kind: `${type} ${phase}`, atMs: record.at, readAtUs });
    const keys = recordKeys(record, correlate);
    const run = runOf(record, place);
    if (tap !== undefined) {
      const atUs = platform.toRunnerUs(record.at);
      const invocationId = `${run.invocationId} ${run.delivery ?? ''}`;
      // What goes on after the start of an invocation is not counted.
      const sighting = { type, keys, atUs, invocationId };
      if (phase === 'started' ? tap.take(sighting) : tap.knows(keys)) return;
    }
    const owner = registry.find({ type, begins: phase === 'started', keys, atUs: readAtUs });
    const { invocationId, delivery } = run;
    const seen = {
      kind: 'invocation',
      type,
      phase,
      invocationId,
      atUs: platform.toRunnerUs(record.at),
      clock: 'platform',
      ...(record.event !== undefined && {
        event: captureEvent(record.event, owner.attempt?.nonce, redactor),
      }),
      ...(record.answer !== undefined && { answer: redactor.json(record.answer) }),
      ...(record.problem !== undefined && { problem: redactor.text(record.problem) }),
    } as const;
    owner.record(seen, delivery);
  };

  listener?.serve({ onInvocation, onEvent });
  return {
    enrol: (spec) => {
      const attempt = createAttempt(spec, {
        clock,
        // What carries the nonce in its request is recognised whatever becomes of it.
        recognisable: correlate.kind === 'query' || correlate.kind === 'header',
        onIdLearned: (id) => registry.learn(attempt, id),
        onWithdraw: () => registry.remove(attempt),
      });
      registry.add(attempt);
      return attempt.enrolment;
    },
    take: onEvent,
    divert: (given) => {
      tap = given;
    },
    calibrate: platform.calibrate,
    isPlatform: listener === undefined,
    get clockBoundUs() {
      return platform.boundUs;
    },
    get clockTickUs() {
      return platform.tickUs;
    },
    get lastReadAtUs() {
      return lastReadAtUs;
    },
    get strays() {
      return registry.strays;
    },
  };
}

function captureAnswer(answer: ProbeAnswer, redactor: Redactor): Json {
  const { v: _, ...said } = answer;
  return redactor.json(said);
}

/**
 * The run of a handler that a record is about, and what tells it from another one with the same id.
 * Only an `invocationId` is one run's alone. Where there is none, an equal record of a sender is the
 * same one delivered twice, and an equal line that stands elsewhere in a stream is another run; a
 * request may be given to a handler twice, and keeps its id.
 */
export function runOf(
  record: EventRecord,
  place: Place | undefined,
): { readonly invocationId: string; readonly delivery?: string } {
  if (record.invocationId !== undefined) return { invocationId: record.invocationId };
  const text = JSON.stringify([record, place ?? null]);
  const delivery = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { invocationId: record.requestId ?? delivery, delivery };
}
