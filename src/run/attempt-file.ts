// What `attempts.ndjson` holds, read again. A torn last line is what a kill leaves, and is not there.
import type { BlindSpan } from '../load/blind-span.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';
import { ATTEMPT_COLUMNS, type AttemptsHead, type ToldEvent } from './attempt-journal.ts';

/** One load as it was written down. */
export interface AttemptsOfLoad {
  readonly head: AttemptsHead;
  readonly attempts: readonly LoadAttempt[];
  readonly events: readonly ToldEvent[];
  readonly canaries: readonly SentCanary[];
  /** When the store may have taken nothing in. */
  readonly gaps: readonly BlindSpan[];
}

/** A canary; `atMs` counts as times of attempts do. */
export interface SentCanary {
  readonly id: string;
  readonly atMs: number;
}

/** The loads of a file in the order in which they began; undefined: it is no such file. */
export function parseAttempts(text: string): readonly AttemptsOfLoad[] | undefined {
  const loads: Opened[] = [];
  for (const line of text.split('\n')) {
    const value = parseLine(line);
    if (value === undefined) continue;
    const load = loads.at(-1);
    if (!Array.isArray(value)) {
      if (!isHead(value)) return undefined;
      loads.push({ head: value, attempts: [], events: [], canaries: [], gaps: [] });
    } else if (load === undefined) return undefined;
    else if (value[0] === 'attempt') load.attempts.push(attemptOf(value));
    else if (value[0] === 'canary') load.canaries.push(canaryOf(value));
    else if (value[0] === 'gap') load.gaps.push(gapOf(value));
    else load.events.push(eventOf(value));
  }
  return loads.length === 0 ? undefined : loads;
}

interface Opened {
  readonly head: AttemptsHead;
  readonly attempts: LoadAttempt[];
  readonly events: ToldEvent[];
  readonly canaries: SentCanary[];
  readonly gaps: BlindSpan[];
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function isHead(value: unknown): value is AttemptsHead {
  return (
    typeof value === 'object' &&
    value !== null &&
    'load' in value &&
    'nonce' in value &&
    'startedAt' in value
  );
}

// Our own file: the head names its version and columns.
function attemptOf([, ...cells]: readonly unknown[]): LoadAttempt {
  const read = (column: string, cell: unknown): unknown => {
    if (cell !== null) return cell;
    return column.endsWith('Ms') ? Number.NaN : undefined;
  };
  const entries = ATTEMPT_COLUMNS.map((column, at) => [column, read(column, cells[at] ?? null)]);
  return Object.fromEntries(entries) as LoadAttempt;
}

function eventOf([, number, type, atMs, invocationId]: readonly unknown[]): ToldEvent {
  return { number, type, atMs, invocationId } as ToldEvent;
}

function gapOf([, fromMs, toMs, why]: readonly unknown[]): BlindSpan {
  return { fromMs, toMs, why } as BlindSpan;
}

function canaryOf([, id, atMs]: readonly unknown[]): SentCanary {
  return { id, atMs } as SentCanary;
}
