// A look at the observer before the run: is it alive, are attempts recognised in what it tells, does
// the scripted probe do as it is told, and how far is the platform's clock off? Without that the
// absence of an event proves nothing.
import { seededRandom } from '../base/random.ts';
import { visible } from '../base/visible.ts';
import { isClosing } from '../check/moment.ts';
import type { Bracket } from '../observe/platform-clock.ts';
import type { RunProblem } from '../result/run-result.ts';
import type { ConnectSpec } from '../scenario/model.ts';
import type { PreflightRun } from './preflight.ts';
import { makeTrip, type Trip } from './trip.ts';

/** What the observer has shown. */
export interface Heard {
  /** Why the backend cannot be relied on. */
  readonly problem?: RunProblem | undefined;
  /** How late it told of an event in each round, in milliseconds. */
  readonly delaysMs: readonly number[];
}

/** Connects a few times and waits for the events of it. Calibrates the backend's clock if it can. */
export async function hearFromObserver(run: PreflightRun, connect: ConnectSpec): Promise<Heard> {
  const random = seededRandom(`${run.seed}/preflight`);
  const brackets: Bracket[] = [];
  const delaysMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const trip = await makeTrip(run, connect, {
      random,
      // As slow as it was, and a little slower.
      patienceMs: round === 0 ? FIRST_MS : Math.max(NEXT_MS, 2 * (delaysMs[0] ?? 0)),
    });
    if (run.signal.aborted) return { delaysMs };
    const problem = round === 0 ? problemOf(run, connect, trip) : undefined;
    if (problem !== undefined) return { problem, delaysMs };
    brackets.push(...bracketsOf(trip));
    delaysMs.push(...delayOf(trip, run));
  }
  run.station.backend?.calibrate(brackets);
  return { delaysMs };
}

/**
 * From when nothing kept the event back to when its record was read, in milliseconds. A handler may
 * take its time before the answer; that is not the log's.
 */
function delayOf({ records, readAtUs }: Trip, { station }: PreflightRun): readonly number[] {
  const [readUs] = readAtUs;
  const first = records.find(({ kind }) => kind === 'invocation');
  if (readUs === undefined || first?.kind !== 'invocation') return [];
  const isOfEnding =
    first.type === 'DISCONNECT' || station.target.correlate.kind === 'close-reason';
  const cause = records.find((one) => (isOfEnding ? isClosing(one) : one.kind === 'response'));
  return cause === undefined ? [] : [Math.max(0, (readUs - cause.atUs) / 1000)];
}

// The best of a few is what counts; the first one may have to wake the backend up.
const ROUNDS = 4;
const FIRST_MS = 15_000;
const NEXT_MS = 2000;

function problemOf(
  { station, redactor }: PreflightRun,
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
    return silent(`${name} told of no event of a connection to the endpoint "${endpoint}"${seen}`, {
      status,
      said: lastWordsOf({ station, redactor }),
    });
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

function silent(
  what: string,
  { status, said }: { readonly status: number | undefined; readonly said: string },
): RunProblem {
  return {
    code: 'OBSERVER_SILENT',
    message: `${what[0]?.toUpperCase()}${what.slice(1)} within ${FIRST_MS / 1000} s.${said}`,
    hint:
      status === undefined
        ? 'Does the backend write there, does the map fit, does what correlate names reach it, and is the connection let in (credentials: default)? See docs/observing-your-backend.md.'
        : 'Does the handler run the probe, and does ASSAY_PROBE_SINK lead there? See docs/probe-contract.md.',
  };
}

/** What the observer's command said last, as a sentence behind another; empty where it said nothing. */
export function lastWordsOf({
  station,
  redactor,
}: Pick<PreflightRun, 'station' | 'redactor'>): string {
  const words = station.observer?.lastWords;
  if (words === undefined) return '';
  // Redacted before it is cut: half a secret is one.
  const line = visible(redactor.text(words));
  return ` Its command said last: ${line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line}`;
}

const LONGEST = 200;

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
