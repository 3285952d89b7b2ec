// One process of k6: its points become attempts of the schedule, and sums by second.
import type { LoadPlan } from '../load/plan.ts';
import type { WorkerHealth, WorkerTick } from '../load/worker-messages.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';
import type { K6Phase } from './executor.ts';
import type { NumberSet } from './number-set.ts';
import { createBegins } from './phase-begin.ts';
import type { K6Point } from './point.ts';
import { createSecondSums, type SecondSums } from './second-sum.ts';
import { type Done, failureOf, isDone, readTold } from './told.ts';

/** What a runner's points are read as. */
export interface Reading {
  readonly plan: LoadPlan;
  readonly phases: readonly K6Phase[];
  /** The numbers of all attempts that any runner told of. */
  readonly seen: NumberSet;
}

/** One process of k6, as its points tell of it. */
export interface K6Runner {
  take(point: K6Point): void;
  /** Attempts that are over since the last time. */
  attempts(): readonly LoadAttempt[];
  ticks(before: number, health: WorkerHealth): readonly WorkerTick[];
  /** Nothing more comes: what is still open was open when its output ended. */
  end(): void;
  /** When its schedule began, in ms since the epoch; undefined until it has told of an attempt. */
  readonly zeroMs: number | undefined;
  readonly last: number;
  /** Attempts it told of, those that other runners told of too, and arrivals it dropped. */
  readonly counted: { readonly told: number; readonly twice: number; readonly dropped: number };
}

interface Connecting {
  readonly attempt: LoadAttempt;
  readonly answered: boolean;
}

/** Reads the points of one process. */
export function createRunner({ plan, phases, seen }: Reading): K6Runner {
  const sums = createSecondSums();
  const byName = new Map(phases.map((one) => [one.name, one]));
  const connecting = new Map<number, Connecting>();
  const counted = { told: 0, twice: 0, dropped: 0 };
  const begins = createBegins();
  let over: LoadAttempt[] = [];
  let zeroMs: number | undefined;

  const zeroOf = ({ at }: Done | { readonly at: number }, startMs: number): number => {
    zeroMs ??= at - startMs;
    return zeroMs;
  };
  const isNew = (number: number): boolean => {
    if (seen.add(number)) {
      counted.told += 1;
      return true;
    }
    counted.twice += 1;
    return false;
  };
  const connected = (point: K6Point): void => {
    const told = readTold(point.told ?? '');
    const phase = byName.get(point.tags['scenario'] ?? '');
    // It was given up before it was answered, and that was told.
    if (told === undefined || isDone(told) || !isOf(phase, told.n) || !isNew(told.n)) return;
    const startMs = point.atMs - zeroOf(told, phase.startMs);
    const status = Number(point.tags['status'] ?? 0);
    const attempt = begun({
      told,
      phase,
      plan,
      dueMs: begins.dueMs(phase, { number: told.n, startMs }),
      startMs,
      answeredMs: startMs + point.value,
      status,
    });
    count(sums, attempt);
    connecting.set(told.n, { attempt, answered: status > 0 });
  };
  const done = (point: K6Point): void => {
    const told = readTold(point.told ?? '');
    const phase = byName.get(point.tags['scenario'] ?? '');
    if (told === undefined || !isDone(told) || !isOf(phase, told.n)) return;
    const zero = zeroOf(told, phase.startMs);
    const known = connecting.get(told.n);
    connecting.delete(told.n);
    // Another runner's: counted when that one told of connecting.
    if (known === undefined && (seen.has(told.n) || !isNew(told.n))) return;
    const startMs = told.startMs - zero;
    const attempt =
      known?.attempt ??
      begun({
        told,
        phase,
        plan,
        dueMs: begins.dueMs(phase, { number: told.n, startMs }),
        startMs,
        answeredMs: Number.NaN,
        status: 0,
      });
    if (known === undefined) count(sums, attempt);
    const ended = finished(attempt, told, zero);
    conclude(sums, { attempt: ended, told });
    over.push(ended);
  };
  return {
    take: (point) => {
      if (point.metric === 'ws_connecting') connected(point);
      else if (point.metric === 'assay_attempts') done(point);
      else {
        const phase = byName.get(point.tags['scenario'] ?? '');
        if (phase === undefined || point.value === 0) return;
        counted.dropped += point.value;
        drop(sums, phase, { count: point.value, atMs: point.atMs - (zeroMs ?? point.atMs) });
      }
    },
    attempts: () => {
      const taken = over;
      over = [];
      return taken;
    },
    ticks: (before, health) => sums.take(before, health),
    end: () => {
      for (const { attempt } of connecting.values()) over.push(attempt);
      connecting.clear();
    },
    get zeroMs() {
      return zeroMs;
    },
    get last() {
      return sums.last;
    },
    get counted() {
      return counted;
    },
  };
}

// Numbers beyond the schedule are of another one.
function isOf(phase: K6Phase | undefined, number: number): phase is K6Phase {
  return phase !== undefined && number >= phase.first && number < phase.first + phase.count;
}

function begun({
  told,
  phase,
  plan,
  dueMs,
  startMs,
  answeredMs,
  status,
}: {
  readonly told: { readonly n: number; readonly x: number; readonly e: number };
  readonly phase: K6Phase;
  readonly plan: LoadPlan;
  readonly dueMs: number;
  readonly startMs: number;
  readonly answeredMs: number;
  readonly status: number;
}): LoadAttempt {
  const answer = status > 0 ? answeredMs : Number.NaN;
  const late = status > 0 && answeredMs - startMs > plan.timeoutMs;
  return {
    number: told.n,
    phase: phase.phase,
    endpoint: told.e,
    ending: told.x,
    outcome: late ? 'timeout' : status === 101 ? 'opened' : status > 0 ? 'refused' : 'unreachable',
    status: late ? 0 : status,
    subprotocol: undefined,
    dueMs,
    startMs,
    connectedMs: Number.NaN,
    securedMs: Number.NaN,
    // k6 does not say when it has written the request: not before it began.
    sentMs: status > 0 ? startMs : Number.NaN,
    firstByteMs: answer,
    answeredMs: late ? Number.NaN : answer,
    closingMs: Number.NaN,
    closedMs: Number.NaN,
    closedBy: undefined,
    closedHow: undefined,
    closeCode: undefined,
    endedByUs: false,
  };
}

/** Counted once, when its answer is known or that none came. */
function count(sums: SecondSums, attempt: LoadAttempt): void {
  const { phase, startMs, dueMs, answeredMs, outcome } = attempt;
  const counts = sums.counts(startMs, phase);
  counts.offered += 1;
  counts.started += 1;
  sums.sample(startMs, 'lateness', startMs - dueMs);
  if (outcome === 'opened') {
    sums.counts(answeredMs, phase).opened += 1;
    sums.opened(answeredMs, 1);
    sums.sample(answeredMs, 'upgrade', answeredMs - startMs);
    sums.sample(answeredMs, 'intended', answeredMs - dueMs);
  }
  if (outcome === 'refused') {
    const { refused } = sums.counts(answeredMs, phase);
    refused[attempt.status] = (refused[attempt.status] ?? 0) + 1;
    sums.refused(answeredMs, attempt.status);
    sums.sample(answeredMs, 'refusal', answeredMs - startMs);
  }
}

function finished(attempt: LoadAttempt, told: Done, zeroMs: number): LoadAttempt {
  if (attempt.outcome !== 'opened') {
    const outcome = told.outcome === 'timeout' ? 'timeout' : attempt.outcome;
    return { ...attempt, outcome };
  }
  const byUs = told.closingMs > 0;
  const closedMs = told.endMs - zeroMs;
  return {
    ...attempt,
    // An end that the server began has no other beginning than its arrival.
    closingMs: byUs ? told.closingMs - zeroMs : closedMs,
    closedMs,
    closedBy: byUs ? 'client' : 'server',
    closedHow: wayOf(told.code),
    closeCode: told.code > 0 ? told.code : undefined,
    endedByUs: byUs,
  };
}

// k6 tells FIN without a close frame as 1006, and RST as an end without a code.
function wayOf(code: number): LoadAttempt['closedHow'] {
  if (code < 0) return undefined;
  if (code === 0) return 'reset';
  return code === 1006 ? 'fin' : 'close-frame';
}

function conclude(
  sums: SecondSums,
  { attempt, told }: { readonly attempt: LoadAttempt; readonly told: Done },
): void {
  const { phase, outcome, startMs, closingMs, closedMs, endedByUs, closedHow } = attempt;
  if (outcome === 'opened') {
    sums.opened(closedMs, -1);
    sums.ended(closedMs, endedByUs ? 'close' : `server ${closedHow ?? 'not told how'}`);
    if (endedByUs) sums.sample(closedMs, 'close', closedMs - closingMs);
    const { sent, received, pongs } = told;
    sums.messages(closedMs, { sent, received, pongs });
  } else if (outcome === 'timeout') sums.counts(startMs, phase).timedOut += 1;
  else if (outcome === 'unreachable') {
    const { failed } = sums.counts(startMs, phase);
    const why = failureOf(told.error);
    failed[why] = (failed[why] ?? 0) + 1;
  }
}

function drop(
  sums: SecondSums,
  { phase }: K6Phase,
  { count: dropped, atMs }: { readonly count: number; readonly atMs: number },
): void {
  const counts = sums.counts(atMs, phase);
  counts.offered += dropped;
  counts.unsent += dropped;
  sums.unsent(atMs, 'no virtual user of k6 was free (raise maxVUs)', dropped);
}
