// One connection outside all cases, and what both witnesses see of it.

import { Buffer } from 'node:buffer';
import { settlesWithin } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { openMember } from '../case/member.ts';
import { createRecorder, type Recorder } from '../case/recorder.ts';
import type { EvidenceRecord } from '../result/evidence.ts';
import type { ConnectSpec, Plan } from '../scenario/model.ts';
import { OPCODE } from '../wire/frame.ts';
import type { Knocking } from './knock.ts';
import type { Station } from './station.ts';

/** What making one needs of a run. */
export interface Travelling extends Knocking {
  readonly station: Pick<Station, 'target' | 'backend' | 'observer'>;
}

/** One connection, and what both witnesses saw of it. */
export interface Trip {
  readonly records: readonly EvidenceRecord[];
  /** When each record of the backend was read, in their order. */
  readonly readAtUs: readonly number[];
  /** What a scripted probe was told to answer. */
  readonly status: number | undefined;
}

/** How long events are waited for. */
export interface Patience {
  readonly random: Random;
  readonly patienceMs: number;
  /** Of a connection that was not let in; the same without it. */
  readonly refusedMs?: number;
}

/** Connects, waits for an event of it, and leaves. */
export async function makeTrip(
  run: Travelling,
  plain: ConnectSpec,
  { random, patienceMs, refusedMs = patienceMs }: Patience,
): Promise<Trip> {
  const { station, clock, redactor, signal } = run;
  const scripted = station.target.probe?.kind === 'scripted';
  const status = scripted ? 450 + random.integer(50) : undefined;
  const connect =
    status === undefined ? plain : { ...plain, backend: { $connect: answering(status) } };
  const readAtUs: number[] = [];
  const inner = createRecorder(clock);
  const recorder: Recorder = {
    ...inner,
    add: (record) => {
      if (record.kind === 'invocation') readAtUs.push(clock.nowUs());
      inner.add(record);
    },
  };
  const context = { ...station, clock, random, redactor, recorder, signal };
  const member = openMember(context, { connection: 'preflight', connect, withinMs: patienceMs }, 0);
  const { connection, enrolment } = member;
  let untilUs = clock.nowUs() + patienceMs * 1000;
  await settlesWithin(clock, connection.answered, patienceMs, signal);
  if (connection.state !== 'open') {
    untilUs = Math.min(untilUs, clock.nowUs() + refusedMs * 1000);
  }
  const { correlate } = station.target;
  if (correlate.kind === 'connection-id' && correlate.ask !== undefined) {
    connection.send([textFrame(correlate.ask)]);
  }
  const heard = (): boolean => isHeard(inner.snapshot().records, scripted);
  // By its close reason nothing is recognised before the end.
  const openMs = correlate.kind === 'close-reason' ? 0 : OPEN_MS;
  const openUntilUs = Math.min(untilUs, clock.nowUs() + openMs * 1000);
  await until(heard, { recorder: inner, untilUs: openUntilUs, run });
  if (connection.state === 'open') {
    connection.close(1000, correlate.kind === 'close-reason' ? member.nonce : '', 500);
  }
  await until(heard, { recorder: inner, untilUs, run });
  await settlesWithin(clock, connection.closed, 500);
  connection.dispose();
  enrolment?.withdraw();
  return { records: inner.snapshot().records, readAtUs, status };
}

// A backend that only tells of endings is heard when the connection has ended.
const OPEN_MS = 1000;

// A status that nothing but the probe can have chosen, so that the answer proves that it was asked.
function answering(status: number): Plan {
  return {
    when: { kind: 'now' },
    answer: { kind: 'integration', status, headers: {}, body: undefined, echo: false },
  };
}

function textFrame(
  text: string,
): Parameters<ReturnType<typeof openMember>['connection']['send']>[0][0] {
  return { opcode: OPCODE.text, fin: true, rsv: 0, masked: true, payload: Buffer.from(text) };
}

/** A scripted probe also says what it has answered. */
function isHeard(records: readonly EvidenceRecord[], scripted: boolean): boolean {
  return records.some(
    (record) =>
      record.kind === 'invocation' &&
      (!scripted || (record.type === 'CONNECT' && record.phase === 'ended')),
  );
}

async function until(
  heard: () => boolean,
  waiting: { readonly recorder: Recorder; readonly untilUs: number; readonly run: Travelling },
): Promise<void> {
  const { recorder, untilUs, run } = waiting;
  const isOver = (): boolean =>
    run.signal.aborted ||
    run.clock.nowUs() >= untilUs ||
    run.station.observer?.failure !== undefined;
  while (!heard() && !isOver()) {
    // Looks again now and then: an observer that fails tells no recorder.
    await recorder.whenChanged(Math.min(untilUs, run.clock.nowUs() + 250_000), run.signal);
  }
}
