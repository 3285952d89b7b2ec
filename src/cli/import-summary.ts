// Summaries of k6, where there is nothing else: read for what they hold.
import { readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ToolError } from '../base/errors.ts';
import { drawSeed, seededRandom } from '../base/random.ts';
import { createRedactor, type Redactor } from '../base/redact.ts';
import { drawNonce } from '../case/nonce.ts';
import { k6Phases } from '../k6/executor.ts';
import { readSummary } from '../k6/summary.ts';
import { summaryCounts, summaryGaps } from '../k6/summary-account.ts';
import { PREFIX_LENGTH } from '../load/nonce.ts';
import type { ImportK6Options } from './commands/import-k6.ts';
import { finishImport, makeOut } from './finish-import.ts';
import type { Io } from './io.ts';
import { judgeSummary, type SummaryFile, type SummaryJudging } from './judge-summary.ts';
import { planLoad } from './k6-source.ts';
import { quoted } from './rerun.ts';
import { headOf, headWithout, newRunId } from './run-head.ts';

// A summary of some thousand metrics; attempts of a minute are more.
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * The files as summaries; undefined: none of them is one.
 *
 * @throws {ToolError} FILE_INVALID when only some are, or one has no attempt
 */
export function readSummaries(
  paths: readonly string[],
  given: readonly string[],
): readonly SummaryFile[] | undefined {
  const read = paths.map((path, index) => summaryAt(path, given[index] ?? path));
  const summaries = read.filter((one) => one !== undefined);
  const [first] = summaries;
  if (first === undefined) return undefined;
  if (summaries.length < paths.length) {
    throw new ToolError(
      'FILE_INVALID',
      `${basename(first.file)} is a summary of k6, and other files are not: they are not read together.`,
      {
        hint: 'Give what k6 run --out json=FILE wrote: it holds all that a summary does, and more.',
      },
    );
  }
  for (const [index, { summary, file }] of summaries.entries()) {
    if (paths.indexOf(paths[index] ?? '') < index) {
      throw new ToolError('USAGE', `${file} was given twice.`, { hint: 'Name each file once.' });
    }
    if (summaryCounts(summary).attempts > 0) continue;
    throw new ToolError(
      'FILE_INVALID',
      `${basename(file)} has no attempt to connect that k6 measured.`,
      { hint: 'Its script opens no WebSocket, or k6 ended before it did.' },
    );
  }
  return summaries;
}

function summaryAt(path: string, file: string): SummaryFile | undefined {
  if (path.endsWith('.gz') || statSync(path).size > MOST_BYTES) return undefined;
  const text = readFileSync(path, 'utf8');
  const summary = readSummary(text);
  return summary === undefined ? undefined : { summary, file, text };
}

/** Judges them, writes the reports and resolves with the exit code. */
export async function importSummaries(
  io: Io,
  files: readonly SummaryFile[],
  options: ImportK6Options,
): Promise<number> {
  const redactor = createRedactor();
  const seed = drawSeed();
  const by = await judgingOf(io, { options, redactor, seed });
  if (by !== undefined) for (const one of files) demandScript(one, by.planned.spec.id);
  const runId = newRunId(io.clock.wallMs(), seededRandom(`${seed}/${io.clock.wallMs()}`));
  const out = makeOut(resolve(io.cwd, options.out ?? join('reports', runId)));
  const about = { runId, seed, failOn: options.failOn, redactor };
  const head = by === undefined ? headWithout(io, about) : headOf(io, by.planned.plan, about);
  const rerun = redactor.text(['npx', 'ws-assay', ...io.argv].map(quoted).join(' '));
  const cases = files.map((one) => redactor.json(judgeSummary(one, { by, rerun })));
  for (const { file, summary } of files) {
    for (const gap of summaryGaps(summary)) {
      io.stderr(`${basename(file)} is a summary and does not hold ${gap}\n`);
    }
  }
  return finishImport(io, { head, cases, out, junitDialect: options.junitDialect });
}

async function judgingOf(
  io: Io,
  {
    options,
    redactor,
    seed,
  }: { readonly options: ImportK6Options; readonly redactor: Redactor; readonly seed: string },
): Promise<SummaryJudging | undefined> {
  if (options.scenario === undefined) return undefined;
  const nonce = drawNonce(seededRandom(seed)).slice(0, PREFIX_LENGTH);
  const planned = await planLoad(io, options.scenario, { options, redactor, seed, nonce });
  const phases = k6Phases(planned.source.plan);
  return { planned, scheduled: phases.reduce((sum, { count }) => sum + count, 0) };
}

// The machine-readable form holds its script; of the others nobody knows what they are of.
function demandScript({ file, summary }: SummaryFile, id: string): void {
  const [, of = id] = /^ +assay: '([^']+)@[0-9a-f]{12}',$/m.exec(summary.script ?? '') ?? [];
  if (of === id) return;
  throw new ToolError('FILE_INVALID', `${basename(file)} is of ${of}, and not of ${id}.`, {
    hint: `Say --scenario ${of}, or the file of it.`,
  });
}
