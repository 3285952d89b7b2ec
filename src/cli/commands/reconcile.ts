// `ws-assay reconcile`: counts the events of finished loads again, from the log that their backend keeps.
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf, ToolError } from '../../base/errors.ts';
import { createRedactor } from '../../base/redact.ts';
import { createIntake } from '../../observe/intake.ts';
import { lineDecoder } from '../../observe/record-map.ts';
import { renderSummary } from '../../report/summary.ts';
import { writeReports } from '../../report/write.ts';
import { foldRun } from '../../result/fold.ts';
import type { LoadResult } from '../../result/load-result.ts';
import { overlayCase } from '../../result/overlay.ts';
import type { RunEvent, RunHead } from '../../result/run-event.ts';
import type { CaseResult, RunResult } from '../../result/run-result.ts';
import { type AttemptsOfLoad, parseAttempts } from '../../run/attempt-file.ts';
import { parseJournal } from '../../run/journal.ts';
import { type PlacedRecord, reconcileLoad } from '../../run/reconcile-load.ts';
import type { LoadSpec } from '../../scenario/load-model.ts';
import type { CaseSpec } from '../../scenario/model.ts';
import type { Io } from '../io.ts';
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
  const events = parseJournal(readText(join(folder, 'journal.ndjson')));
  const written = readAttempts(join(folder, 'attempts.ndjson'));
  const plan = await planOf(io, loadsOf(events, written), options);
  const records = await readLog(io, plan);
  const result = foldRun(
    events.map((event) => reconciled(event, { io, plan, written, records, head: headOf(events) })),
  );
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

/** The cases of loads that ended and were written down. */
function loadsOf(
  events: readonly RunEvent[],
  written: readonly AttemptsOfLoad[],
): readonly CaseResult[] {
  headOf(events);
  const ids = new Set(written.map(({ head }) => head.load));
  const ended = events.flatMap((event) =>
    event.event === 'case-ended' && ids.has(event.result.id) && event.result.load !== undefined
      ? [event.result]
      : [],
  );
  if (ended.length > 0) return ended;
  throw new ToolError(
    'FILE_INVALID',
    'No load of this run came to its end: there is nothing to correct.',
  );
}

async function planOf(
  io: Io,
  loads: readonly CaseResult[],
  { target, var: vars }: ReconcileOptions,
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
    redactor: createRedactor(),
    carriesLoads: true,
  });
}

interface Reconciliation {
  readonly io: Io;
  readonly plan: RunPlan;
  readonly written: readonly AttemptsOfLoad[];
  readonly records: readonly PlacedRecord[];
  readonly head: RunHead;
}

function reconciled(
  event: RunEvent,
  { io, plan, written, records, head }: Reconciliation,
): RunEvent {
  if (event.event !== 'case-ended' || event.result.load === undefined) return event;
  const { result } = event;
  const own = written.find((one) => one.head.load === result.id);
  const spec = plan.runnable.find(({ id }) => id === result.id);
  if (own === undefined || spec === undefined || !isLoad(spec)) return event;
  demandWhole(result.id, own, event.result.load);
  const { features, levelOf } = plan;
  const { correlate } = plan.target.preview;
  const nowMs = io.clock.wallMs();
  const asked = {
    spec,
    load: event.result.load,
    written: own,
    records,
    correlate,
    nowMs,
    features,
    levelOf,
  };
  const { load, findings } = reconcileLoad(asked);
  return {
    ...event,
    result: overlayCase({ ...result, load, findings }, head.baseline, head.startedAt),
  };
}

function isLoad(spec: CaseSpec): spec is CaseSpec & { readonly load: LoadSpec } {
  return spec.load !== undefined;
}

function demandWhole(id: string, { attempts }: AttemptsOfLoad, { total }: LoadResult): void {
  if (attempts.length >= total.started) return;
  throw new ToolError(
    'FILE_INVALID',
    `attempts.ndjson has ${attempts.length} of the ${total.started} attempts of ${id}: what the rest was told is not known.`,
  );
}

/** Every record of the log, from its beginning. */
async function readLog(io: Io, { target }: RunPlan): Promise<readonly PlacedRecord[]> {
  const { observer, name } = target.preview;
  if (observer?.kind !== 'file') {
    throw new ToolError('USAGE', `The target ${name} keeps no log that can be read again.`, {
      hint: 'Only an observer of the kind file does; --target names the target of the run.',
    });
  }
  const { path, map } = observer;
  const records: PlacedRecord[] = [];
  const intake = createIntake(`the file ${path}`, {
    clock: io.clock,
    decode: lineDecoder(map),
    onRecord: (record, _, place = 0) => void records.push({ record, place }),
  });
  let from = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      const bytes = chunk as Buffer; // no encoding was asked for
      intake.bytes(bytes, from);
      from += bytes.length;
    }
  } catch (thrown) {
    throw new ToolError('FILE_UNREADABLE', `Cannot read ${path}: ${messageOf(thrown)}.`, {
      cause: thrown,
    });
  }
  intake.end();
  return records;
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

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new ToolError('FILE_UNREADABLE', `Cannot read ${file}: ${messageOf(thrown)}.`, {
      cause: thrown,
      hint: 'Give the folder of a run.',
    });
  }
}
