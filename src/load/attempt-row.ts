// An attempt as a row of numbers: what a worker sends by the hundred.
import type { LoadAttempt, LoadOutcome } from '../result/load-attempt.ts';
import type { LoadEndpoint } from './plan.ts';

// How many numbers a row has.
const ROW_WIDTH = 20;

const OUTCOMES: readonly LoadOutcome[] = [
  'opened',
  'refused',
  'dropped',
  'invalid',
  'timeout',
  'unreachable',
  'aborted',
  'unsent',
];
const PARTIES = [undefined, 'client', 'server'] as const;
const WAYS = [undefined, 'close-frame', 'fin', 'reset'] as const;

/** Rows that are filled one after the other, in memory that garbage collection does not move. */
export interface RowBatch {
  readonly isFull: boolean;
  push(one: LoadAttempt, endpoint: LoadEndpoint): void;
  /** What was pushed since the last time; undefined of nothing. */
  take(): Float64Array | undefined;
}

/** An empty batch for so many attempts. */
export function createRowBatch(most: number): RowBatch {
  const rows = new Float64Array(most * ROW_WIDTH);
  let count = 0;
  return {
    get isFull() {
      return count === most;
    },
    push: (one, endpoint) => {
      writeRow(rows, count * ROW_WIDTH, one, endpoint);
      count += 1;
    },
    take: () => {
      if (count === 0) return undefined;
      const taken = rows.slice(0, count * ROW_WIDTH);
      count = 0;
      return taken;
    },
  };
}

function writeRow(
  rows: Float64Array,
  at: number,
  one: LoadAttempt,
  { subprotocols }: LoadEndpoint,
): void {
  rows[at] = one.number;
  rows[at + 1] = one.phase;
  rows[at + 2] = one.endpoint;
  rows[at + 3] = one.ending;
  rows[at + 4] = OUTCOMES.indexOf(one.outcome);
  rows[at + 5] = one.status;
  rows[at + 6] = one.subprotocol === undefined ? 0 : subprotocols.indexOf(one.subprotocol) + 1;
  rows[at + 7] = one.dueMs;
  rows[at + 8] = one.startMs;
  rows[at + 9] = one.connectedMs;
  rows[at + 10] = one.securedMs;
  rows[at + 11] = one.sentMs;
  rows[at + 12] = one.firstByteMs;
  rows[at + 13] = one.answeredMs;
  rows[at + 14] = one.closingMs;
  rows[at + 15] = one.closedMs;
  rows[at + 16] = PARTIES.indexOf(one.closedBy);
  rows[at + 17] = WAYS.indexOf(one.closedHow);
  rows[at + 18] = one.closeCode ?? 0;
  rows[at + 19] = one.endedByUs ? 1 : 0;
}

/** The attempts of a batch of rows. */
export function readRows(
  rows: Float64Array,
  endpoints: readonly LoadEndpoint[],
): readonly LoadAttempt[] {
  return Array.from({ length: rows.length / ROW_WIDTH }, (_, index) =>
    readRow(rows.subarray(index * ROW_WIDTH, (index + 1) * ROW_WIDTH), endpoints),
  );
}

function readRow(row: Float64Array, endpoints: readonly LoadEndpoint[]): LoadAttempt {
  const at = (column: number): number => row[column] ?? Number.NaN;
  return {
    number: at(0),
    phase: at(1),
    endpoint: at(2),
    ending: at(3),
    outcome: OUTCOMES[at(4)] ?? 'unsent',
    status: at(5),
    subprotocol: endpoints[at(2)]?.subprotocols[at(6) - 1],
    dueMs: at(7),
    startMs: at(8),
    connectedMs: at(9),
    securedMs: at(10),
    sentMs: at(11),
    firstByteMs: at(12),
    answeredMs: at(13),
    closingMs: at(14),
    closedMs: at(15),
    closedBy: PARTIES[at(16)],
    closedHow: WAYS[at(17)],
    closeCode: at(18) === 0 ? undefined : at(18),
    endedByUs: at(19) === 1,
  };
}
