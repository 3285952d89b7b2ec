// Collects the evidence of one case: numbers the records in order of arrival and tells who waits.
import type { Clock } from '../base/clock.ts';
import type {
  ConnectionInfo,
  Evidence,
  EvidenceRecord,
  Interruption,
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
  add(record: Unnumbered): void;
  addConnection(info: ConnectionInfo): void;
  /** The steps are over; `interruption` says why, when it was not by reaching the last one. */
  endSteps(interruption: Interruption | undefined): void;
  /** Nothing that comes later is evidence. */
  freeze(): void;
  snapshot(): Evidence;
  /** Resolves at the next record, at `untilUs`, or when `signal` aborts. */
  whenChanged(untilUs: number, signal: AbortSignal): Promise<void>;
}

/** Makes an empty recorder. */
export function createRecorder(clock: Clock): Recorder {
  const records: EvidenceRecord[] = [];
  const connections: ConnectionInfo[] = [];
  const waiting = new Set<() => void>();
  let stepsEndedAtUs: number | undefined;
  let interruption: Interruption | undefined;
  let frozen = false;
  const wakeAll = (): void => {
    for (const wake of waiting) wake();
  };
  return {
    add: (record) => {
      if (frozen) return;
      records.push({ ...record, seq: records.length + 1 });
      wakeAll();
    },
    addConnection: (info) => {
      connections.push(info);
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
    }),
    whenChanged: (untilUs, signal) => waitForWake({ clock, waiting, untilUs, signal }),
  };
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
