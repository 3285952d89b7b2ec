// What an import of results ends with: a journal, a result, reports, as of a run.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, ToolError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import type { JUnitDialect } from '../report/junit-document.ts';
import { renderSummary } from '../report/summary.ts';
import { writeReports } from '../report/write.ts';
import { foldRun } from '../result/fold.ts';
import type { RunEvent, RunHead } from '../result/run-event.ts';
import type { CaseResult } from '../result/run-result.ts';
import { createJournal } from '../run/journal.ts';
import type { Io } from './io.ts';
import { reportLines } from './report-lines.ts';

/** Makes the folder, without what an earlier import left there, and returns it. */
export function makeOut(out: string): string {
  try {
    makeFolder(out);
    for (const name of ['journal.ndjson', 'attempts.ndjson'])
      rmSync(join(out, name), { force: true });
    return out;
  } catch (thrown) {
    throw new ToolError('REPORT_NOT_WRITABLE', `Cannot write to ${out}: ${messageOf(thrown)}.`, {
      cause: thrown,
      hint: 'Choose another folder with --out.',
    });
  }
}

/** Writes the reports and resolves with the exit code. */
export async function finishImport(
  io: Io,
  {
    head,
    cases,
    out,
    junitDialect,
  }: {
    readonly head: RunHead;
    readonly cases: readonly CaseResult[];
    readonly out: string;
    readonly junitDialect: JUnitDialect;
  },
): Promise<number> {
  const durationMs = Math.max(0, ...cases.map((one) => one.durationUs / 1000));
  const events: readonly RunEvent[] = [
    { event: 'run-started', head, planned: cases.map(({ id }) => id) },
    ...cases.map((result) => ({ event: 'case-ended', result }) as const),
    { event: 'run-ended', durationMs, interrupted: false },
  ];
  const journal = createJournal(join(out, 'journal.ndjson'));
  for (const event of events) journal.append(event);
  journal.close();
  const result = foldRun(events);
  if (result === undefined) throw new ToolError('INTERNAL', 'a run without a result');
  const paths = await writeReports(result, out, { junitDialect });
  io.stderr(renderSummary(result, { color: io.terminal.color }));
  io.stderr(reportLines(io.cwd, paths));
  return result.exitCode;
}
