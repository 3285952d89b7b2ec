// `ws-assay report`: makes every report again from a saved run, also from the journal of a run that
// was killed.
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ToolError } from '../../base/errors.ts';
import { parseRunResult } from '../../report/json.ts';
import { renderSummary } from '../../report/summary.ts';
import { writeReports } from '../../report/write.ts';
import { foldRun } from '../../result/fold.ts';
import type { RunResult } from '../../result/run-result.ts';
import { parseJournal } from '../../run/journal.ts';
import type { Io } from '../io.ts';
import { readText } from '../read-text.ts';
import { reportLines } from '../report-lines.ts';

/** Options of the command. */
export interface ReportOptions {
  readonly out?: string;
  readonly junitDialect: 'ci' | 'xunit-strict';
}

/** Writes the reports and resolves with the run's own exit code. */
export async function reportCommand(
  io: Io,
  given: string,
  options: ReportOptions,
): Promise<number> {
  const file = resultFile(resolve(io.cwd, given));
  const result = readResult(file);
  const out = options.out === undefined ? dirname(file) : resolve(io.cwd, options.out);
  const paths = await writeReports(result, out, { junitDialect: options.junitDialect });
  io.stderr(renderSummary(result, { color: io.terminal.color }));
  io.stderr(reportLines(io.cwd, paths));
  return result.exitCode;
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
