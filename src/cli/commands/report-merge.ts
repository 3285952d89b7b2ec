// `ws-assay report merge`: the parts of a run (`--shard`) become one result and one set of reports.
import { join, resolve } from 'node:path';
import { renderSummary } from '../../report/summary.ts';
import { writeReports } from '../../report/write.ts';
import { mergeShards } from '../../result/merge-shards.ts';
import type { Io } from '../io.ts';
import { readRun } from '../read-run.ts';
import { reportLines } from '../report-lines.ts';
import { quoted } from '../rerun.ts';
import type { ReportOptions } from './report.ts';

/** Writes the reports and resolves with the exit code that the whole run would have had. */
export async function reportMergeCommand(
  io: Io,
  given: readonly string[],
  { out, junitDialect }: ReportOptions,
): Promise<number> {
  const parts = given.map((one) => readRun(io, one));
  const result = mergeShards(parts, ['ws-assay', ...io.argv].map(quoted).join(' '));
  const folder = resolve(io.cwd, out ?? join('reports', result.runId));
  const paths = await writeReports(result, folder, { junitDialect });
  io.stderr(renderSummary(result, { color: io.terminal.color }));
  io.stderr(reportLines(io.cwd, paths));
  return result.exitCode;
}
