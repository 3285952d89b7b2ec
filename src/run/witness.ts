// A look at the observer before the run: is it alive, are attempts recognised in what it tells, does
// the scripted probe do as it is told, and how far is the platform's clock off? Without that the
// absence of an event proves nothing.
import { type Random, seededRandom } from '../base/random.ts';
import { openMember } from '../case/member.ts';
import { createRecorder, type Recorder } from '../case/recorder.ts';
import type { Bracket } from '../observe/platform-clock.ts';
import type { EvidenceRecord } from '../result/evidence.ts';
import type { RunProblem } from '../result/run-result.ts';
import type { ConnectSpec, Plan } from '../scenario/model.ts';
import { OPCODE } from '../wire/frame.ts';
import type { PreflightRun } from './preflight.ts';

/**
 * Connects a few times and waits for the events of it. Resolves with why the backend cannot be relied
 * on; calibrates its clock otherwise.
 */
export async function hearFromObserver(
  run: PreflightRun,
  connect: ConnectSpec,
): Promise<RunProblem | undefined> {
  const random = seededRandom(`${run.seed}/preflight`);
  const brackets: Bracket[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const trip = await makeTrip(run, connect, {
      random,
      patienceMs: round === 0 ? FIRST_MS : NEXT_MS,
    });
    if (run.signal.aborted) return undefined;
    const problem = round === 0 ? problemOf(run, connect, trip) : undefined;
    if (problem !== undefined) return problem;
    brackets.push(...bracketsOf(trip));
  }
  run.station.backend?.calibrate(brackets);
  return undefined;
}

// The best of a few is what counts; the first one may have to wake the backend up.
const ROUNDS = 4;
const FIRST_MS = 15_000;
const NEXT_MS = 2000;
// A backend that only tells of endings is heard when the connection has ended.
const OPEN_MS = 1000;

/** One connection, and what both witnesses saw of it. */
interface Trip {
  readonly records: readonly EvidenceRecord[];
  /** When each record of the backend was read, in their order. */
  readonly readAtUs: readonly number[];
  /** What a scripted probe was told to answer. */
  readonly status: number | undefined;
}

async function makeTrip(
  run: PreflightRun,
  plain: ConnectSpec,
  { random, patienceMs }: { readonly random: Random; readonly patienceMs: number },
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
  const member = openMember(context, { connection: 'preflight', connect, withinMs: FIRST_MS }, 0);
  const { connection, enrolment } = member;
  const untilUs = clock.nowUs() + patienceMs * 1000;
  const done = new AbortController();
  const late = clock.sleep(patienceMs, AbortSignal.any([done.signal, signal]));
  await Promise.race([connection.answered, late]);
  done.abort();
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
  await Promise.race([connection.closed, clock.sleep(500)]);
  connection.dispose();
  enrolment?.withdraw();
  return { records: inner.snapshot().records, readAtUs, status };
}

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
  waiting: { readonly recorder: Recorder; readonly untilUs: number; readonly run: PreflightRun },
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

function problemOf(
  { station }: PreflightRun,
  { endpoint }: ConnectSpec,
  { records, status }: Trip,
): RunProblem | undefined {
  const failure = station.observer?.failure;
  if (failure !== undefined) return observerFailed(failure);
  const name = station.observer?.name ?? 'the observer';
  const events = records.filter((record) => record.kind === 'invocation');
  const answer = records.find((record) => record.kind === 'response');
  const seen = answer?.kind === 'response' ? ` (it was answered with ${answer.head.status})` : '';
  if (events.length === 0)
    return silent(
      `${name} told of no event of a connection to the endpoint "${endpoint}"${seen}`,
      status,
    );
  const said = events.find(({ type, phase }) => type === 'CONNECT' && phase === 'ended')?.answer;
  if (status === undefined || said === undefined) return undefined;
  const answered = JSON.stringify(said);
  if (answered === JSON.stringify({ return: { statusCode: status } })) return undefined;
  return {
    code: 'PROBE_REFUSED',
    message: `The probe was told to answer ${status}, and did this instead: ${answered.slice(0, 200)}.`,
    hint: 'Is ASSAY_PROBE_SECRET the secret of the target file, and is the clock of its host right? See docs/probe-contract.md.',
  };
}

function silent(what: string, status: number | undefined): RunProblem {
  return {
    code: 'OBSERVER_SILENT',
    message: `${what[0]?.toUpperCase()}${what.slice(1)} within ${FIRST_MS / 1000} s.`,
    hint:
      status === undefined
        ? 'Does the backend write there, does the map fit, does what correlate names reach it, and is the connection let in (credentials: default)? See docs/observing-your-backend.md.'
        : 'Does the handler run the probe, and does ASSAY_PROBE_SINK lead there? See docs/probe-contract.md.',
  };
}

/** The problem of an observer that can no longer see. */
export function observerFailed(failure: string): RunProblem {
  return {
    code: 'OBSERVER_FAILED',
    message: `${failure[0]?.toUpperCase()}${failure.slice(1)}.`,
    hint: 'What was not seen from then on proves nothing: checks on the backend are errored.',
  };
}

/** What a connection shows of the platform's clock, by its first invocation. */
function bracketsOf({ records, readAtUs, status }: Trip): readonly Bracket[] {
  const sentUs = records.find(({ kind }) => kind === 'sent')?.atUs;
  if (sentUs === undefined) return [];
  const firstByteUs = records.find(({ kind }) => kind === 'firstByte')?.atUs;
  const answer = records.find((record) => record.kind === 'response');
  const proved = answer?.kind === 'response' && answer.head.status === status;
  const provedUs = proved && firstByteUs !== undefined ? firstByteUs : Number.POSITIVE_INFINITY;
  const events = records
    .filter((record) => record.kind === 'invocation')
    .map((record, index) => ({ ...record, readUs: readAtUs[index] ?? Number.POSITIVE_INFINITY }))
    .filter(({ type, clock }) => type === 'CONNECT' && clock === 'platform');
  return (['started', 'ended'] as const).flatMap((phase) => {
    const [first] = events
      .filter((event) => event.phase === phase)
      .toSorted((a, b) => a.atUs - b.atUs);
    if (first === undefined) return [];
    const beforeUs = Math.min(first.readUs, provedUs);
    return [{ placedUs: first.atUs, afterUs: sentUs, beforeUs }];
  });
}
