// An attempt as a row of numbers: what a worker sends by the hundred.
import type { LoadAttempt, LoadOutcome } from '../result/load-attempt.ts';
import type { LoadEndpoint } from './plan.ts';

/** How many numbers a row has. */
export const ROW_WIDTH = 20;

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

/** Appends an attempt to `rows`. */
export function pushRow(rows: number[], one: LoadAttempt, { subprotocols }: LoadEndpoint): void {
  rows.push(
    one.number,
    one.phase,
    one.endpoint,
    one.ending,
    OUTCOMES.indexOf(one.outcome),
    one.status,
    one.subprotocol === undefined ? 0 : subprotocols.indexOf(one.subprotocol) + 1,
    one.dueMs,
    one.startMs,
    one.connectedMs,
    one.securedMs,
    one.sentMs,
    one.firstByteMs,
    one.answeredMs,
    one.closingMs,
    one.closedMs,
    PARTIES.indexOf(one.closedBy),
    WAYS.indexOf(one.closedHow),
    one.closeCode ?? 0,
    one.endedByUs ? 1 : 0,
  );
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
