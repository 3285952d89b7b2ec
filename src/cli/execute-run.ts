// Runs a plan: station, preflight, cases, journal, reports, exit code. Whatever happens on the way,
// what is known by then is reported.
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf, ToolError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { drawSeed, seededRandom } from '../base/random.ts';
import type { Redactor } from '../base/redact.ts';
import { visible, visibleJson } from '../base/visible.ts';
import { renderAnnotations } from '../report/annotations.ts';
import { createConsoleListener } from '../report/console.ts';
import { renderJson } from '../report/json.ts';
import { renderJUnit } from '../report/junit.ts';
import type { JUnitDialect } from '../report/junit-document.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { renderSummary } from '../report/summary.ts';
import { writeReports } from '../report/write.ts';
import { foldRun } from '../result/fold.ts';
import { overlayCase } from '../result/overlay.ts';
import type { RunEvent, RunHead } from '../result/run-event.ts';
import type { RunResult } from '../result/run-result.ts';
import { nothingDecided } from '../result/summary.ts';
import { type AttemptJournal, createAttemptJournal } from '../run/attempt-journal.ts';
import { NEVER_HEARD } from '../run/hearing.ts';
import { createJournal } from '../run/journal.ts';
import type { LoadDriver } from '../run/run-load-case.ts';
import type { Waiting } from '../run/wait-for-target.ts';
import type { EarlyStart } from './early-start.ts';
import { pathInRepository, toStepOutputs, toStepSummary } from './github.ts';
import { onInterrupt } from './interrupt.ts';
import type { Io } from './io.ts';
import { reportLines } from './report-lines.ts';
import { headOf, newRunId } from './run-head.ts';
import { problemOf, runOnStation } from './run-on-station.ts';
import type { RunPlan } from './run-plan.ts';

/** Options that decide how a run is carried out and reported. */
export interface ExecuteOptions {
  readonly failOn: 'must' | 'should';
  readonly reporter: 'console' | 'github' | 'json' | 'junit' | 'markdown' | 'ndjson';
  readonly junitDialect: JUnitDialect;
  readonly out?: string;
  readonly seed?: string;
  /** Milliseconds. */
  readonly waitForTarget?: number;
}

interface Execution {
  readonly options: ExecuteOptions;
  readonly redactor: Redactor;
  /** Who carries loads out; absent: the plan has none. */
  readonly loads?: LoadDriver;
  /** A station of the plan that is being opened already. */
  readonly early?: EarlyStart;
}

/** What became of a plan. */
export interface Executed {
  /** Undefined only after a bug of ours. */
  readonly result: RunResult | undefined;
  readonly code: number;
}

/**
 * Carries the plan out and resolves with its result and the exit code.
 *
 * @throws {ToolError} REPORT_NOT_WRITABLE before anything was started
 */
export async function executeRun(io: Io, plan: RunPlan, execution: Execution): Promise<Executed> {
  const { options, redactor, loads, early } = execution;
  const seed = options.seed ?? drawSeed();
  const runId = newRunId(io.clock.wallMs(), seededRandom(`${seed}/${io.clock.wallMs()}`));
  const out = resolve(io.cwd, options.out ?? join('reports', runId));
  const head = headOf(io, plan, { runId, seed, failOn: options.failOn, redactor });
  const log = openLog(io, out, { ...execution, head });
  const interrupt = onInterrupt(io);
  log.emit({ event: 'run-started', head, planned: plannedIds(plan) });
  const startUs = io.clock.nowUs();
  const { emit } = log;
  const { signal } = interrupt;
  const attempts = attemptsIn(out, { redactor, emit });
  const waiting = waitingOf(io, options);
  await runOnStation(io, plan, { seed, redactor, emit, signal, loads, early, attempts, waiting });
  attempts.close();
  if (!interrupt.signal.aborted) {
    saySilent(log);
    sayNothingDecided(log);
  }
  const durationMs = Math.round((io.clock.nowUs() - startUs) / 1000);
  log.emit({ event: 'run-ended', durationMs, interrupted: interrupt.signal.aborted });
  const result = foldRun(log.events());
  log.close();
  const code = result === undefined ? 70 : await report(io, result, { out, options });
  interrupt.stop();
  return { result, code };
}

function waitingOf({ stderr }: Io, { waitForTarget: forMs }: ExecuteOptions): Waiting | undefined {
  return forMs === undefined ? undefined : { forMs, say: (text) => stderr(`${visible(text)}\n`) };
}

/** A port that accepts and never says a byte is why checks could not be decided: that is said once. */
function saySilent(log: Log): void {
  const isSaid = log
    .events()
    .some((event) => event.event === 'problem' && event.problem.code === 'TARGET_SILENT');
  if (isSaid) return;
  const results = log
    .events()
    .flatMap((event) => (event.event === 'case-ended' ? event.result : []));
  const isErrored = results.some(({ findings }) =>
    findings.some(({ verdict }) => verdict === 'errored'),
  );
  if (!isErrored) return;
  const kinds = results
    .flatMap(({ records }) => records)
    .map((record) =>
      record.kind === 'failure' ? `${record.outcome} ${record.phase}` : record.kind,
    );
  if (kinds.includes('firstByte') || !kinds.includes('timeout firstByte')) return;
  log.emit({ event: 'problem', problem: { code: 'TARGET_SILENT', message: NEVER_HEARD } });
}

/** An exit code 3 always has a sentence. */
function sayNothingDecided(log: Log): void {
  const ended: RunEvent = { event: 'run-ended', durationMs: 0, interrupted: false };
  const result = foldRun([...log.events(), ended]);
  if (result === undefined || result.shard !== undefined) return;
  for (const problem of nothingDecided(result)) log.emit({ event: 'problem', problem });
}

// Only a load makes the file.
function attemptsIn(
  out: string,
  { redactor, emit }: { readonly redactor: Redactor; readonly emit: (event: RunEvent) => void },
): AttemptJournal {
  const onFailure = (message: string): void =>
    emit({ event: 'problem', problem: { code: 'REPORT_NOT_WRITABLE', message } });
  return createAttemptJournal(join(out, ATTEMPTS_FILE), { redactor, onFailure });
}

const ATTEMPTS_FILE = 'attempts.ndjson';

function plannedIds(plan: RunPlan): readonly string[] {
  return [...plan.notApplicable, ...plan.leftOut, ...plan.runnable].map(({ id }) => id);
}

interface Log {
  emit(event: RunEvent): void;
  events(): readonly RunEvent[];
  close(): void;
}

/** Every event goes to the journal, to whoever watches, and into the result. */
function openLog(
  io: Io,
  out: string,
  { options: { reporter }, redactor, head }: Execution & { readonly head: RunHead },
): Log {
  const path = prepare(out);
  const journal = createJournal(path);
  const listener = createConsoleListener({ write: io.stderr, ...io.terminal });
  const events: RunEvent[] = [];
  let broken = false;
  const emit = (told: RunEvent): void => {
    const event = overlaid(withoutSecrets(told, redactor), head);
    events.push(event);
    save(event);
    // Nobody is told what a kill at this moment would undo.
    listener.onEvent(event);
    if (reporter === 'ndjson') io.stdout(`${visibleJson(event)}\n`);
  };
  const save = (event: RunEvent): void => {
    if (broken) return;
    try {
      journal.append(event);
    } catch (thrown) {
      // A full disk ends the journal, not the run.
      broken = true;
      events.push({ event: 'problem', problem: problemOf(thrown) });
    }
  };
  return { emit, events: () => events, close: journal.close };
}

/** With what the baseline says: also those who only listen are told. */
function overlaid(event: RunEvent, { baseline, startedAt }: RunHead): RunEvent {
  if (event.event !== 'case-ended') return event;
  return { ...event, result: overlayCase(event.result, baseline, startedAt) };
}

// Evidence is redacted where it is captured. What a check asked for comes from the file, and a matcher
// may hold a secret as well.
function withoutSecrets(event: RunEvent, redactor: Redactor): RunEvent {
  // A problem may repeat a command, or what a program said.
  if (event.event === 'problem') return { ...event, problem: redactor.json(event.problem) };
  if (event.event !== 'case-ended') return event;
  const { result } = event;
  const findings = redactor.json(result.findings);
  const { title, description } = result;
  const told = {
    title: redactor.text(title),
    ...(description === undefined ? {} : { description: redactor.text(description) }),
  };
  return { ...event, result: { ...result, ...told, findings } };
}

/** Makes the folder; a journal that an earlier run left in it (`--out`) is replaced. */
function prepare(out: string): string {
  const path = join(out, 'journal.ndjson');
  try {
    makeFolder(out);
    rmSync(path, { force: true });
    rmSync(join(out, ATTEMPTS_FILE), { force: true });
  } catch (thrown) {
    throw new ToolError('REPORT_NOT_WRITABLE', `Cannot write to ${out}: ${messageOf(thrown)}.`, {
      cause: thrown,
      hint: 'Choose another folder with --out.',
    });
  }
  return path;
}

/** Writes every report, then the summary; the exit code is the run's own, or 3 without reports. */
async function report(
  io: Io,
  result: RunResult,
  { out, options }: { readonly out: string; readonly options: ExecuteOptions },
): Promise<number> {
  const written = await writeReports(result, out, { junitDialect: options.junitDialect }).catch(
    (thrown: unknown) => messageOf(thrown),
  );
  io.stderr(renderSummary(result, { color: io.terminal.color }));
  toStdout(io, result, options);
  toStepSummary(io, result);
  if (typeof written !== 'string') {
    if (options.reporter === 'github') toStepOutputs(io, result, written);
    io.stderr(reportLines(io.cwd, written));
    return result.exitCode;
  }
  io.stderr(`ws-assay: ${visible(written)} The journal is in ${visible(out)}.\n`);
  return result.exitCode === 130 ? 130 : 3;
}

function toStdout(io: Io, result: RunResult, { reporter, junitDialect }: ExecuteOptions): void {
  switch (reporter) {
    case 'json':
      io.stdout(renderJson(result));
      break;
    case 'junit':
      io.stdout(renderJUnit(result, { dialect: junitDialect }));
      break;
    case 'markdown':
      io.stdout(renderMarkdown(result));
      break;
    case 'github':
      io.stdout(renderAnnotations(result, (file) => pathInRepository(io, file)));
      break;
    case 'console':
    case 'ndjson':
      break;
  }
}
