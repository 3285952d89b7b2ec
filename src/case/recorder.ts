// Collects the evidence of one case: numbers the records in order of arrival and tells who waits.
import type { Clock } from '../base/clock.ts';
import type { Enrolment } from '../observe/attempt.ts';
import type { Backend } from '../observe/backend.ts';
import type {
  ConnectionInfo,
  Evidence,
  EvidenceRecord,
  Interruption,
  InvocationRecord,
  OfConnection,
} from '../result/evidence.ts';

/** A record before it is numbered. */
type Unnumbered = EvidenceRecord extends infer R
  ? R extends EvidenceRecord
    ? Omit<R, 'seq'>
    : never
  : never;

/** The evidence of one case while it grows. */
export interface Recorder {
  /** What comes when it is frozen is no evidence: of invocations whoever listens is told. */
  add(record: Unnumbered): void;
  addConnection(info: ConnectionInfo): void;
  /** Whose events these are can be asked as the case goes on. */
  addEnrolment(place: OfConnection, enrolment: Pick<Enrolment, 'isRecognisable'>): void;
  /** A scripted hold was over before what it was meant for; said with every check. */
  noteShortHold(message: string): void;
  /** The steps are over; `interruption` says why, when it was not by reaching the last one. */
  endSteps(interruption: Interruption | undefined): void;
  /** Nothing that comes later is evidence. */
  freeze(): void;
  snapshot(): Evidence;
  /** Resolves at the next record, at `untilUs`, or when `signal` aborts. */
  whenChanged(untilUs: number, signal: AbortSignal): Promise<void>;
}

/**
 * Makes an empty recorder; `backend` says whose clock stamps its events, `onLate` hears of invocations
 * that come when it is frozen.
 */
export function createRecorder(
  clock: Clock,
  backend?: Pick<Backend, 'isPlatform' | 'clockBoundUs' | 'clockTickUs'>,
  onLate?: (late: Unnumbered & InvocationRecord) => void,
): Recorder {
  const records: EvidenceRecord[] = [];
  const connections: ConnectionInfo[] = [];
  const waiting = new Set<() => void>();
  const enrolments: (readonly [OfConnection, Pick<Enrolment, 'isRecognisable'>])[] = [];
  let shortHold: string | undefined;
  let stepsEndedAtUs: number | undefined;
  let interruption: Interruption | undefined;
  let frozen = false;
  const wakeAll = (): void => {
    for (const wake of waiting) wake();
  };
  return {
    add: (record) => {
      if (frozen) {
        if (record.kind === 'invocation') onLate?.(record);
        return;
      }
      records.push({ ...record, seq: records.length + 1 });
      wakeAll();
    },
    addConnection: (info) => {
      connections.push(info);
    },
    addEnrolment: (place, enrolment) => {
      enrolments.push([place, enrolment]);
    },
    noteShortHold: (message) => {
      shortHold ??= message;
    },
    endSteps: (why) => {
      stepsEndedAtUs = clock.nowUs();
      interruption = why;
      wakeAll();
    },
    freeze: () => {
      frozen = true;
    },
    snapshot: () => ({
      connections: [...connections],
      records: [...records],
      stepsEndedAtUs,
      interruption,
      ...(backend?.isPlatform === true && { isPlatform: true }),
      ...(backend?.clockBoundUs !== undefined && { clockBoundUs: backend.clockBoundUs }),
      ...(backend?.isPlatform === true && { clockTickUs: backend.clockTickUs }),
      ...(shortHold !== undefined && { shortHold }),
      ...unrecognisedIn(enrolments),
    }),
    whenChanged: (untilUs, signal) => waitForWake({ clock, waiting, untilUs, signal }),
  };
}

function unrecognisedIn(
  enrolments: readonly (readonly [OfConnection, Pick<Enrolment, 'isRecognisable'>])[],
): Pick<Evidence, 'unrecognised'> {
  const unrecognised = enrolments.flatMap(([place, one]) => (one.isRecognisable ? [] : [place]));
  return unrecognised.length === 0 ? {} : { unrecognised };
}

/** Where a record belongs. */
export function ofConnection(connection: string, member: number): OfConnection {
  return { connection, member };
}

interface Waiting {
  readonly clock: Clock;
  readonly waiting: Set<() => void>;
  readonly untilUs: number;
  readonly signal: AbortSignal;
}

function waitForWake({ clock, waiting, untilUs, signal }: Waiting): Promise<void> {
  // A turn of the event loop at least: who asks again at once must not keep events from coming.
  if (signal.aborted || untilUs <= clock.nowUs()) return clock.sleep(0);
  return new Promise((resolve) => {
    const wake = (): void => {
      waiting.delete(wake);
      cancel();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    // A judge says "until t": the next look must not fall just before it.
    const dueMs = Number.isFinite(untilUs) ? (untilUs - clock.nowUs()) / 1000 + 1 : undefined;
    const cancel = dueMs === undefined ? (): void => {} : clock.after(dueMs, wake);
    waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
  });
}
