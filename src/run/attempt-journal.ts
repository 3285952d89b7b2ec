// Every attempt of a load and what the backend was told of it, a line each, written as it becomes known: what a kill
// leaves, and what may be counted again. A mapping begins each load; the lists after it are about that load.
import { closeSync, openSync, writeSync } from 'node:fs';
import { messageOf } from '../base/errors.ts';
import type { Redactor } from '../base/redact.ts';
import type { BlindSpan } from '../load/blind-span.ts';
import type { InvocationType } from '../result/evidence.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';

/** What stands above the lines of a load. */
export interface AttemptsHead {
  /** Id of the case. */
  readonly load: string;
  /** What the nonces of its attempts begin with. */
  readonly nonce: string;
  /** When times count from, ISO 8601. */
  readonly startedAt: string;
  readonly phases: readonly string[];
  readonly endings: readonly string[];
  /** What came within it after an ending was on time. */
  readonly watchMs: number;
  /** How far the clock of the backend may be off; null: not known, or it is ours. */
  readonly boundMs: number | null;
}

/** An event of the backend that was given to an attempt; `atMs` counts as times of attempts do. */
export interface ToldEvent {
  readonly number: number;
  readonly type: InvocationType;
  readonly atMs: number;
  readonly invocationId: string;
}

/** The lines of one load. */
export interface AttemptLines {
  take(batch: readonly LoadAttempt[]): void;
  /** Waits for others, at most until `flush`. */
  event(told: ToldEvent): void;
  /** A canary that was sent; times as those of attempts. Likewise. */
  canary(id: string, atMs: number): void;
  /** When the observer's store may have taken nothing in. Likewise. */
  gap(span: BlindSpan): void;
  flush(): void;
}

/** The file of a run. */
export interface AttemptJournal {
  begin(head: AttemptsHead): AttemptLines;
  close(): void;
}

/** Columns of a line that begins with "attempt", in order; times in milliseconds, null where it never came to that. */
export const ATTEMPT_COLUMNS = [
  'number',
  'outcome',
  'phase',
  'endpoint',
  'ending',
  'status',
  'subprotocol',
  'dueMs',
  'startMs',
  'connectedMs',
  'securedMs',
  'sentMs',
  'firstByteMs',
  'answeredMs',
  'closingMs',
  'closedMs',
  'closedBy',
  'closedHow',
  'closeCode',
  'endedByUs',
] as const satisfies readonly (keyof LoadAttempt)[];

/** Columns of lines that begin with "event", "canary" and "gap". */
const EVENT_COLUMNS = ['number', 'type', 'atMs', 'invocationId'] as const;
const CANARY_COLUMNS = ['id', 'atMs'] as const;
const GAP_COLUMNS = ['fromMs', 'toMs', 'why'] as const;

/**
 * Makes the file when the first load begins, in place of an older one. A disk that is full ends it, not the run: `onFailure`
 * is told once.
 */
export function createAttemptJournal(
  path: string,
  {
    redactor,
    onFailure,
  }: { readonly redactor: Redactor; readonly onFailure: (why: string) => void },
): AttemptJournal {
  let file: number | undefined;
  let broken = false;
  const write = (lines: readonly string[]): void => {
    if (broken || lines.length === 0) return;
    try {
      file ??= openSync(path, 'w', 0o644);
      writeWhole(file, redactor.text(`${lines.join('\n')}\n`));
    } catch (thrown) {
      broken = true;
      onFailure(`Cannot write ${path}: ${messageOf(thrown)}.`);
    }
  };
  return {
    begin: (head) => {
      const columns = {
        attempt: ATTEMPT_COLUMNS,
        event: EVENT_COLUMNS,
        canary: CANARY_COLUMNS,
        gap: GAP_COLUMNS,
      };
      write([JSON.stringify({ v: 1, ...head, columns })]);
      return linesInto(write);
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

// More are not kept waiting, however long nothing else comes.
const MOST_WAITING = 500;

function linesInto(write: (lines: readonly string[]) => void): AttemptLines {
  let waiting: string[] = [];
  const flush = (): void => {
    const lines = waiting;
    waiting = [];
    write(lines);
  };
  const later = (cells: readonly unknown[]): void => {
    waiting.push(JSON.stringify(cells));
    if (waiting.length >= MOST_WAITING) flush();
  };
  return {
    take: (batch) => {
      for (const attempt of batch) waiting.push(lineOf(attempt));
      flush();
    },
    event: ({ number, type, atMs, invocationId }) =>
      later(['event', number, type, toMicros(atMs), invocationId]),
    canary: (id, atMs) => later(['canary', id, toMicros(atMs)]),
    gap: ({ fromMs, toMs, why }) => later(['gap', toMicros(fromMs), toMicros(toMs), why]),
    flush,
  };
}

function lineOf(attempt: LoadAttempt): string {
  const cells = ATTEMPT_COLUMNS.map((column) => {
    const cell = attempt[column];
    return typeof cell === 'number' ? toMicros(cell) : cell;
  });
  return JSON.stringify(['attempt', ...cells]);
}

function toMicros(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
