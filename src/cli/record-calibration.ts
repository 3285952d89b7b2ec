// Records a calibration: the same questions in several runs, each on a target that is started anew.
import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { seededRandom } from '../base/random.ts';
import type { Redactor } from '../base/redact.ts';
import {
  CALIBRATION_VERSION,
  type Calibration,
  observe,
  type Unobserved,
} from '../certify/calibration.ts';
import { isMeasured, recordingCase } from '../certify/open-question.ts';
import { createConsoleListener } from '../report/console.ts';
import type { RunEvent } from '../result/run-event.ts';
import type { CaseResult, RunProblem } from '../result/run-result.ts';
import type { Io } from './io.ts';
import { headOf, newRunId } from './run-head.ts';
import { runOnStation } from './run-on-station.ts';
import { type PlanOptions, planRun, type RunPlan } from './run-plan.ts';
import { readText } from './workspace.ts';

/** What was recorded, and what kept it from being more. */
export interface Recorded {
  readonly calibration: Calibration;
  readonly problems: readonly RunProblem[];
  /** Cases that never ran, by id. */
  readonly notRun: readonly string[];
}

/** How it is recorded. */
export interface Recording {
  readonly redactor: Redactor;
  readonly seed: string;
  readonly runs: number;
  readonly signal: AbortSignal;
}

/**
 * Plans what a calibration asks.
 *
 * @throws {ToolError} USAGE, NOTHING_MATCHED, FILE_INVALID
 */
export async function planCalibration(
  io: Io,
  given: readonly string[],
  { options, redactor }: { readonly options: PlanOptions; readonly redactor: Redactor },
): Promise<RunPlan> {
  const plan = await planRun(io, given, {
    options,
    redactor,
    loadsBaseline: false,
    narrow: recordingCase,
  });
  // As a SHOULD a MAY says whether it held; a check that only records has no level.
  return { ...plan, levelOf: () => 'should' };
}

/** Runs the plan so many times, or until it is interrupted. */
export async function recordCalibration(
  io: Io,
  plan: RunPlan,
  { redactor, seed, runs, signal }: Recording,
): Promise<Recorded> {
  const recordedAt = new Date(io.clock.wallMs()).toISOString();
  const results: (readonly CaseResult[])[] = [];
  const problems: RunProblem[] = [];
  for (let run = 1; run <= runs && !signal.aborted; run++) {
    io.stderr(`\nRun ${run} of ${runs}\n`);
    const once = await recordOnce(io, plan, { redactor, seed: `${seed}/${run}`, runs, signal });
    results.push(once.results);
    problems.push(...once.problems);
  }
  const ended = new Set(results.flat().map(({ id }) => id));
  const notRun = plan.runnable.map(({ id }) => id).filter((id) => !ended.has(id));
  const scenarios = scenarioHashes(io, [
    ...plan.runnable,
    ...plan.notApplicable.filter(({ findings }) => findings.length > 0),
    ...plan.leftOut,
  ]);
  const { target } = headOf(io, plan, { runId: '', seed, failOn: 'must', redactor });
  const calibration: Calibration = {
    calibrationVersion: CALIBRATION_VERSION,
    tool: { name: 'ws-assay', version: io.version },
    target: {
      name: target.name,
      title: target.title,
      ...(target.version === undefined ? {} : { version: target.version }),
      features: target.features,
    },
    recordedAt,
    runs: results.length,
    suite: {
      ...(plan.suite === undefined ? {} : { name: plan.suite.name }),
      ...(plan.suite?.version === undefined ? {} : { version: plan.suite.version }),
      hash: sha256(JSON.stringify(Object.entries(scenarios))),
    },
    scenarios,
    ...observations(plan, results, notRun),
  };
  return { calibration, problems: distinct(problems), notRun };
}

async function recordOnce(
  io: Io,
  plan: RunPlan,
  { redactor, seed, signal }: Recording,
): Promise<{ readonly results: readonly CaseResult[]; readonly problems: readonly RunProblem[] }> {
  const results: CaseResult[] = [];
  const problems: RunProblem[] = [];
  const listener = createConsoleListener({ write: io.stderr, ...io.terminal });
  const emit = (event: RunEvent): void => {
    const told = withoutSecrets(event, redactor);
    listener.onEvent(told);
    if (told.event === 'case-ended') results.push(told.result);
    if (told.event === 'problem') problems.push(told.problem);
  };
  const runId = newRunId(io.clock.wallMs(), seededRandom(seed));
  const head = headOf(io, plan, { runId, seed, failOn: 'must', redactor });
  emit({ event: 'run-started', head, planned: plan.runnable.map(({ id }) => id) });
  const startUs = io.clock.nowUs();
  await runOnStation(io, plan, { seed, redactor, emit, signal });
  const durationMs = Math.round((io.clock.nowUs() - startUs) / 1000);
  emit({ event: 'run-ended', durationMs, interrupted: signal.aborted });
  return { results, problems };
}

// Evidence is redacted where it is captured; a message may repeat what the target printed.
function withoutSecrets(event: RunEvent, redactor: Redactor): RunEvent {
  if (event.event === 'problem') return { ...event, problem: redactor.json(event.problem) };
  if (event.event !== 'case-ended') return event;
  const findings = redactor.json(event.result.findings);
  return { ...event, result: { ...event.result, findings } };
}

function distinct(problems: readonly RunProblem[]): readonly RunProblem[] {
  return [...new Map(problems.map((one) => [`${one.code} ${one.message}`, one])).values()];
}

function observations(
  plan: RunPlan,
  results: readonly (readonly CaseResult[])[],
  notRun: readonly string[],
): Pick<Calibration, 'requirements' | 'withoutRequirement' | 'unobserved'> {
  const measured = plan.runnable.flatMap(({ id, checks }) =>
    checks.flatMap(({ id: check, condition }) => (isMeasured(condition) ? [`${id}#${check}`] : [])),
  );
  const { observed, unobserved } = observe(results, new Set(measured));
  const cited = new Map<string, Calibration['requirements'][string]>();
  for (const { requirement, ...one } of observed) {
    if (requirement === undefined) continue;
    const { level = 'must', statement = '' } = plan.requirements.get(requirement) ?? {};
    const before = cited.get(requirement)?.observed ?? [];
    cited.set(requirement, { level, statement, observed: [...before, one] });
  }
  return {
    requirements: Object.fromEntries([...cited].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    withoutRequirement: observed.flatMap(({ requirement, ...one }) =>
      requirement === undefined ? [one] : [],
    ),
    unobserved: [...unobserved, ...neverRan(plan, notRun), ...excluded(plan)],
  };
}

function neverRan({ runnable }: RunPlan, notRun: readonly string[]): readonly Unobserved[] {
  const missing = runnable.filter(({ id }) => notRun.includes(id));
  return missing.flatMap(({ id, checks }) =>
    checks.map((check) => ({
      ...(check.requirement === undefined ? {} : { requirement: check.requirement }),
      check: `${id}#${check.id}`,
      reason: 'not-run' as const,
      message: 'the run ended before it began',
    })),
  );
}

/** Requirements of the suite that no check asks, with the catalogue's reason. */
function excluded({ suite, requirements }: RunPlan): readonly Unobserved[] {
  if (suite === undefined) return [];
  return [...requirements.values()].flatMap(({ id, excluded: why, span }) =>
    why === undefined || dirname(span.file) !== dirname(suite.file)
      ? []
      : [{ requirement: id, reason: 'excluded' as const, message: why }],
  );
}

function scenarioHashes(
  io: Io,
  cases: readonly Pick<CaseResult, 'scenario' | 'file'>[],
): Readonly<Record<string, string>> {
  const files = new Map(cases.map(({ scenario, file }) => [scenario, file]));
  const entries = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([id, file]) => [id, sha256(readText(resolve(io.cwd, file)))]),
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
