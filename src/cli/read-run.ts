// A finished run that the command line names: its result, the journal of one that was killed, or the folder of
// either.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ToolError } from '../base/errors.ts';
import { parseRunResult } from '../report/json.ts';
import { foldRun } from '../result/fold.ts';
import type { RunResult } from '../result/run-result.ts';
import { parseJournal } from '../run/journal.ts';
import type { Io } from './io.ts';
import { readText } from './read-text.ts';

/** A run and the file that it was read from. */
export interface ReadRun {
  readonly file: string;
  readonly result: RunResult;
}

/**
 * Reads it.
 *
 * @throws {ToolError} FILE_UNREADABLE, FILE_INVALID
 */
export function readRun(io: Io, given: string): ReadRun {
  const file = resultFile(resolve(io.cwd, given));
  return { file, result: readResult(file) };
}

function resultFile(path: string): string {
  if (!existsSync(path)) {
    throw new ToolError('FILE_UNREADABLE', `There is no ${path}.`, {
      hint: 'Give a result.json, a journal.ndjson, or the folder of a run.',
    });
  }
  if (!statSync(path).isDirectory()) return path;
  const [found] = ['result.json', 'journal.ndjson']
    .map((name) => join(path, name))
    .filter(existsSync);
  if (found !== undefined) return found;
  throw new ToolError('FILE_UNREADABLE', `${path} holds neither result.json nor journal.ndjson.`);
}

function readResult(file: string): RunResult {
  const text = readText(file);
  if (file.endsWith('.ndjson')) {
    const result = foldRun(parseJournal(text));
    if (result !== undefined) return result;
    throw new ToolError(
      'FILE_INVALID',
      `${file} is not the journal of a run: it does not begin with run-started.`,
    );
  }
  const parsed = parseRunResult(text);
  if (parsed.kind === 'result') return parsed.result;
  throw new ToolError('FILE_INVALID', `${file}: ${parsed.message}`);
}
