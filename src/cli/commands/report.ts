// `ws-assay report`: makes every report again from a saved run, also from the journal of a run that
// was killed.
import { dirname, resolve } from 'node:path';
import { renderSummary } from '../../report/summary.ts';
import { writeReports } from '../../report/write.ts';
import type { Io } from '../io.ts';
import { readRun } from '../read-run.ts';
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
  const { file, result } = readRun(io, given);
  const out = options.out === undefined ? dirname(file) : resolve(io.cwd, options.out);
  const paths = await writeReports(result, out, { junitDialect: options.junitDialect });
  io.stderr(renderSummary(result, { color: io.terminal.color }));
  io.stderr(reportLines(io.cwd, paths));
  return result.exitCode;
}
