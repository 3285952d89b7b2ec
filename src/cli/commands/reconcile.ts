// `ws-assay reconcile`: counts the events of finished loads again, from the log that their backend keeps.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ToolError } from '../../base/errors.ts';
import { createRedactor, type Redactor } from '../../base/redact.ts';
import { fitToK6 } from '../../k6/gap.ts';
import { renderSummary } from '../../report/summary.ts';
import { writeReports } from '../../report/write.ts';
import { foldRun } from '../../result/fold.ts';
import type { LoadResult } from '../../result/load-result.ts';
import { overlayCase } from '../../result/overlay.ts';
import type { RunEvent, RunHead } from '../../result/run-event.ts';
import type { CaseResult, RunResult } from '../../result/run-result.ts';
import { type AttemptsOfLoad, parseAttempts } from '../../run/attempt-file.ts';
import { parseJournal } from '../../run/journal.ts';
import { changed, type PlacedRecord, reconcileLoad } from '../../run/reconcile-load.ts';
import type { LoadSpec } from '../../scenario/load-model.ts';
import type { CaseSpec } from '../../scenario/model.ts';
import type { Io } from '../io.ts';
import { readLog } from '../read-log.ts';
import { readText } from '../read-text.ts';
import { reportLines } from '../report-lines.ts';
import { planRun, type RunPlan } from '../run-plan.ts';
import { findScenarios } from '../workspace.ts';

/** Options of the command. */
export interface ReconcileOptions {
  readonly target?: string;
  readonly var: readonly string[];
  readonly out?: string;
  readonly junitDialect: 'ci' | 'xunit-strict';
}

/** Writes the reports anew and resolves with the exit code of what is known now. */
export async function reconcileCommand(
  io: Io,
  given: string,
  options: ReconcileOptions,
): Promise<number> {
  const folder = resolve(io.cwd, given);
  const events = parseJournal(
    readText(join(folder, 'journal.ndjson'), 'Give the folder of a run.'),
  );
  const written = readAttempts(join(folder, 'attempts.ndjson'));
  const redactor = createRedactor();
  const loads = loadsOf(events, written);
  const plan = await planOf(io, loads, { options, redactor });
  const sinceMs = Math.min(...written.map(({ head }) => Date.parse(head.startedAt)));
  const records = await readLog(io, plan.target.preview, sinceMs);
  const about = { io, plan, written, records, redactor, head: headOf(events) };
  const anew = new Map(loads.map((load) => [load, reconciled(load, about)]));
  const result = foldRun(events.map((event) => withResult(event, anew)));
  if (result === undefined) throw notARun(folder);
  const out = options.out === undefined ? join(folder, 'reconciled') : resolve(io.cwd, options.out);
  const paths = await writeReports(result, out, { junitDialect: options.junitDialect });
  io.stderr(renderSummary(result, { color: io.terminal.color }));
  io.stderr(`${changeLines(result).join('\n')}\n`);
  io.stderr(reportLines(io.cwd, paths));
  return result.exitCode;
}

function changeLines({ cases }: RunResult): readonly string[] {
  return cases.flatMap(({ id, load }) => {
    if (load?.reconciled === undefined) return [];
    const { missing, missingBefore } = load.reconciled;
    return [`${id}: ${missingBefore} $disconnect were missing when it ended, ${missing} are now`];
  });
}

function headOf([first]: readonly RunEvent[]): RunHead {
  if (first?.event === 'run-started') return first.head;
  throw notARun('the folder');
}

function notARun(folder: string): ToolError {
  return new ToolError(
    'FILE_INVALID',
    `${folder} has no journal of a run: journal.ndjson does not begin with run-started.`,
  );
}

/** The loads that ended, asked the backend for its events and were written down: of each the last time it ran. */
function loadsOf(
  events: readonly RunEvent[],
  written: readonly AttemptsOfLoad[],
): readonly LoadCaseResult[] {
  headOf(events);
  const ids = new Set(written.map(({ head }) => head.load));
  const ended = new Map(
    events.flatMap((event) =>
      event.event === 'case-ended' && isCounted(event.result) && ids.has(event.result.id)
        ? [[event.result.id, event.result] as const]
        : [],
    ),
  );
  if (ended.size > 0) return [...ended.values()];
  throw new ToolError(
    'FILE_INVALID',
    'No load of this run that asks for events of the backend came to its end: there is nothing to correct.',
  );
}

type LoadCaseResult = CaseResult & { readonly load: LoadResult };

function isCounted(result: CaseResult): result is LoadCaseResult {
  return result.load?.delivery !== undefined;
}

async function planOf(
  io: Io,
  loads: readonly CaseResult[],
  {
    options: { target, var: vars },
    redactor,
  }: { readonly options: ReconcileOptions; readonly redactor: Redactor },
): Promise<RunPlan> {
  const known = findScenarios(io);
  const given = new Set(loads.map(({ scenario, file }) => (known.has(scenario) ? scenario : file)));
  return planRun(io, [...given], {
    options: {
      failOn: 'must',
      tag: [],
      excludeTag: [],
      tier: 'hours',
      var: vars,
      ...(target === undefined ? {} : { target }),
    },
    redactor,
    carriesLoads: true,
  });
}

interface Reconciliation {
  readonly io: Io;
  readonly plan: RunPlan;
  readonly written: readonly AttemptsOfLoad[];
  readonly records: readonly PlacedRecord[];
  readonly redactor: Redactor;
  readonly head: RunHead;
}

function reconciled(
  result: LoadCaseResult,
  { io, plan, written, records, redactor, head }: Reconciliation,
): CaseResult {
  const own = written.findLast((one) => one.head.load === result.id);
  const asked = plan.runnable.find(({ id }) => id === result.id);
  if (own === undefined || asked === undefined || !isLoad(asked)) throw changed(result.id);
  const spec = asSent(asked, own.head);
  demandWhole(result.id, own, result.load);
  const { features, levelOf } = plan;
  const { correlate } = plan.target.preview;
  const nowMs = io.clock.wallMs();
  const before = { load: result.load, findings: result.findings };
  const known = { spec, before, written: own, records, correlate, nowMs, redactor };
  const now = reconcileLoad({ ...known, features, levelOf });
  return overlayCase({ ...result, ...now }, head.baseline, head.startedAt);
}

/** k6 ends connections in fewer ways than a scenario may ask for: then what it did was written down. */
function asSent(
  spec: CaseSpec & { readonly load: LoadSpec },
  { endings }: AttemptsOfLoad['head'],
): CaseSpec & { readonly load: LoadSpec } {
  const { load } = fitToK6(spec.load);
  const isFitted = load.endings.map(({ kind }) => kind).join() === endings.join();
  return isFitted ? { ...spec, load } : spec;
}

function withResult(event: RunEvent, anew: ReadonlyMap<CaseResult, CaseResult>): RunEvent {
  if (event.event !== 'case-ended') return event;
  return { ...event, result: anew.get(event.result) ?? event.result };
}

function isLoad(spec: CaseSpec): spec is CaseSpec & { readonly load: LoadSpec } {
  return spec.load !== undefined;
}

function demandWhole(id: string, { attempts }: AttemptsOfLoad, { total }: LoadResult): void {
  const sent = attempts.filter(({ outcome }) => outcome !== 'unsent').length;
  if (sent >= total.started) return;
  throw new ToolError(
    'FILE_INVALID',
    `attempts.ndjson has ${sent} of the ${total.started} attempts of ${id}: what the rest was told is not known.`,
  );
}

function readAttempts(file: string): readonly AttemptsOfLoad[] {
  if (!existsSync(file)) {
    throw new ToolError('FILE_UNREADABLE', `There is no ${file}.`, {
      hint: 'Give the folder of a run of load scenarios.',
    });
  }
  const loads = parseAttempts(readText(file));
  if (loads !== undefined) return loads;
  throw new ToolError('FILE_INVALID', `${file} is not what a run writes down of its attempts.`);
}
