// One case on the station, and what all cases of a run share.
import { setMaxListeners } from 'node:events';
import type { Clock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import type { Redactor } from '../base/redact.ts';
import { type CaseOutcome, runCase } from '../case/run-case.ts';
import type { InvocationRecord } from '../result/evidence.ts';
import type { RunEvent } from '../result/run-event.ts';
import type { CaseResult } from '../result/run-result.ts';
import type { CaseSpec, CheckSpec, Level, Step } from '../scenario/model.ts';
import { conditionNeeds } from '../scenario/needs.ts';
import type { AttemptJournal } from './attempt-journal.ts';
import { whyBlind } from './blind.ts';
import type { Hearing } from './hearing.ts';
import { type LoadDriver, runLoadCase } from './run-load-case.ts';
import { runThrottleCase } from './run-throttle-case.ts';
import type { Death, Station } from './station.ts';
import { undrivenResult } from './undriven.ts';
import type { Waiting } from './wait-for-target.ts';

/** What running needs to know. */
export interface CasesRun {
  readonly cases: readonly CaseSpec[];
  readonly station: Station;
  readonly features: ReadonlySet<string>;
  readonly clock: Clock;
  readonly seed: string;
  readonly redactor: Redactor;
  readonly levelOf: (check: Pick<CheckSpec, 'level' | 'requirement'>) => Level;
  readonly rerunOf: (spec: CaseSpec) => string;
  readonly emit: (event: RunEvent) => void;
  /** Aborts at the first interrupt. */
  readonly signal: AbortSignal;
  /** Who carries loads out; absent: nobody. */
  readonly loads?: LoadDriver | undefined;
  /** Where attempts of loads are written down; absent: nowhere. */
  readonly attempts?: AttemptJournal | undefined;
  /** The target may not be there yet; absent: it is. */
  readonly waiting?: Waiting | undefined;
  /** Told of invocations of a case that has been judged. */
  readonly onLate?: (spec: CaseSpec, late: InvocationRecord) => void;
}

/** The same with an ear for silence. */
export interface HeardRun extends CasesRun {
  readonly hearing: Hearing;
}

/** A case that was run, and the target's death if it came meanwhile. */
export interface Ran {
  readonly result: CaseResult;
  readonly death: Death | undefined;
}

/**
 * Runs one case until it is decided, the target dies, or the run is interrupted. Into silence it is
 * not driven.
 */
export async function runOne(run: HeardRun, spec: CaseSpec): Promise<Ran> {
  const problem = asksOutcome(spec) ? undefined : await run.hearing.problem();
  if (problem !== undefined && !run.signal.aborted) {
    const reason = { verdict: 'errored', ...problem } as const;
    const result = undrivenResult(spec, reason, { levelOf: run.levelOf, rerun: run.rerunOf(spec) });
    return { result, death: run.station.death() };
  }
  if (spec.load !== undefined || spec.throttle !== undefined) return driveLoad(run, spec);
  run.hearing.begin();
  const ran = await drive(run, spec);
  run.hearing.note(ran.result);
  return ran;
}

/** A case that asks for the outcome itself is driven also when nobody answers. */
export function asksOutcome({ checks }: Pick<CaseSpec, 'checks'>): boolean {
  return checks.some(({ condition }) => {
    const asked = condition.kind === 'threshold' ? condition.of : condition;
    return asked.kind === 'handshake' && 'outcome' in asked.fields;
  });
}

/** The roles of the endpoints that the steps connect to; one may stand there twice. */
function rolesOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => {
    if (step.verb === 'connect') return [step.connect.endpoint];
    return step.verb === 'parallel' || step.verb === 'repeat' ? rolesOf(step.steps) : [];
  });
}

/** The roles of the endpoints that a case connects to. */
export function rolesOfCase({ steps, load, throttle }: CaseSpec): readonly string[] {
  const connects = [
    ...(load?.connects.map(({ connect }) => connect) ?? []),
    ...(throttle === undefined ? [] : [throttle.connect]),
  ];
  return [...rolesOf(steps), ...connects.map(({ endpoint }) => endpoint)];
}

async function driveLoad(run: CasesRun, spec: CaseSpec): Promise<Ran> {
  const { loads, station } = run;
  const { load, throttle } = spec;
  if (loads === undefined) throw new Error('a load was planned and nobody carries loads out');
  const result =
    load === undefined
      ? throttle && (await runThrottleCase({ ...run, loads }, { ...spec, throttle }))
      : await runLoadCase({ ...run, loads }, { ...spec, load });
  if (result === undefined) throw new Error('neither a load nor a throttle');
  // Of gaps its thresholds know: what they could decide is errored.
  const failure = station.observer?.failure;
  return { result: blinded(spec, result, failure), death: station.death() };
}

async function drive(run: CasesRun, spec: CaseSpec): Promise<Ran> {
  const { station, clock, redactor } = run;
  run.emit({ event: 'case-started', id: spec.id, atUs: clock.nowUs() });
  const outcome = await runCase({
    spec,
    target: station.target,
    features: run.features,
    backend: station.backend,
    clock,
    random: seededRandom(`${run.seed}/${spec.id}`),
    redactor,
    levelOf: run.levelOf,
    signal: manyListeners(AbortSignal.any([run.signal, station.deathSignal()])),
    onLate: (late) => run.onLate?.(spec, late),
    abortedBy: () => ({ cause: 'tool', message: whyAborted(station.death()) }),
  });
  const result = resultOf(run, spec, outcome);
  const why = whyBlind(station.observer, result);
  return { result: blinded(spec, result, why), death: station.death() };
}

/** What the observer did not see is not judged by its absence; `why`: undefined where it saw. */
export function blinded(spec: CaseSpec, result: CaseResult, why: string | undefined): CaseResult {
  if (why === undefined) return result;
  const relies = (id: string): boolean => {
    const check = spec.checks.find((one) => one.id === id);
    return (
      spec.needs.includes('observer') ||
      (check !== undefined && conditionNeeds(check.condition).includes('observer'))
    );
  };
  const findings = result.findings.map((finding) =>
    finding.verdict !== 'not-applicable' && relies(finding.check)
      ? { ...finding, verdict: 'errored' as const, reason: 'OBSERVER_FAILED', message: why }
      : finding,
  );
  return { ...result, findings };
}

/** Every member of a group listens to it; that is no leak. */
function manyListeners(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}

function whyAborted(death: Death | undefined): string {
  return death === undefined
    ? 'the run was interrupted'
    : `the target's process ended: ${death.how}`;
}

function resultOf(run: CasesRun, spec: CaseSpec, outcome: CaseOutcome): CaseResult {
  return {
    id: spec.id,
    scenario: spec.scenario,
    file: spec.file,
    title: spec.title,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    axes: spec.axes,
    tags: spec.tags,
    isolation: spec.isolation,
    startedAtUs: outcome.startedAtUs,
    durationUs: outcome.durationUs,
    findings: outcome.findings,
    connections: outcome.evidence.connections,
    records: outcome.evidence.records,
    judging: outcome.judging,
    rerun: run.rerunOf(spec),
  };
}
