// The journal of a run: one event a line, written synchronously, so that what was acknowledged
// survives a kill. Reading ignores a torn last line.
import { closeSync, openSync, writeSync } from 'node:fs';
import { messageOf, ToolError } from '../base/errors.ts';
import { visibleJson } from '../base/visible.ts';
import type { RunEvent } from '../result/run-event.ts';

/** An open journal. */
export interface Journal {
  /** @throws {ToolError} REPORT_NOT_WRITABLE when the line could not be written whole */
  append(event: RunEvent): void;
  close(): void;
}

/**
 * Creates the file; it must not exist.
 *
 * @throws {ToolError} REPORT_NOT_WRITABLE
 */
export function createJournal(path: string): Journal {
  const file = openNew(path);
  return {
    append: (event) => writeWhole(file, path, `${visibleJson(event)}\n`),
    close: () => closeSync(file),
  };
}

/** The events of a journal's text, up to the first line that is not whole. */
export function parseJournal(text: string): readonly RunEvent[] {
  const events: RunEvent[] = [];
  for (const line of text.split('\n')) {
    const event = parseLine(line);
    if (event === undefined) break;
    events.push(event);
  }
  return events;
}

function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o644);
  } catch (thrown) {
    throw notWritable(path, thrown);
  }
}

function writeWhole(file: number, path: string, line: string): void {
  const bytes = Buffer.from(line, 'utf8');
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
  } catch (thrown) {
    throw notWritable(path, thrown);
  }
}

function notWritable(path: string, cause: unknown): ToolError {
  return new ToolError('REPORT_NOT_WRITABLE', `Cannot write ${path}: ${messageOf(cause)}.`, {
    cause,
    hint: 'Choose another folder with --out, or free some space.',
  });
}

function parseLine(line: string): RunEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isEvent = typeof value === 'object' && value !== null && 'event' in value;
    return isEvent ? (value as RunEvent) : undefined; // our own file; its shape is versioned in the head
  } catch {
    return undefined;
  }
}
