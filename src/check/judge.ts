// Judges one check on the evidence so far (docs/scenario-reference.md, docs/reading-a-report.md). Pure: what it
// concludes depends on nothing but its input. It is asked again with every new record and at
// `untilUs`, until it decides; once it has decided, later records cannot change its mind.
import { messageOf } from '../base/errors.ts';
import type { Evidence, Interruption } from '../result/evidence.ts';
import type { Finding } from '../result/finding.ts';
import type { CheckSpec, Level } from '../scenario/model.ts';
import { judgeCondition } from './condition.ts';
import { describeCondition } from './describe.ts';
import { connectionIdsIn, type Deviation, steady } from './deviation.ts';
import { doubt } from './doubt.ts';
import { HiddenValue } from './hidden.ts';
import { errored, type Outcome, resolve, type Settled, settled } from './outcome.ts';
import { judgeThreshold } from './threshold.ts';
import { verdictOf } from './verdict.ts';
import { viewOf } from './view.ts';

/** A finding, or the instant at which there will be one if nothing else comes before. */
export type Judgement =
  | { readonly decided: true; readonly finding: Finding }
  /** Infinity: what the check waits for has not been caused yet. */
  | { readonly decided: false; readonly untilUs: number };

/** A check and what is known when it is judged. */
export interface CheckInput {
  readonly check: CheckSpec;
  /** The check's own level, else its requirement's, else must. */
  readonly level: Level;
  /** Grows while the case runs. */
  readonly evidence: Evidence;
  /** On the evidence's clock, in microseconds. Infinity: nothing more will come, decide. */
  readonly nowUs: number;
  /** How long the target needs to settle, in milliseconds. */
  readonly settleMs: number;
  /** Of the target. */
  readonly features: ReadonlySet<string>;
}

/**
 * Judges a check as far as the evidence allows. Never throws: what goes wrong inside a judge makes
 * the finding `errored`.
 */
export function judgeCheck(input: CheckInput): Judgement {
  const missing = input.check.needs.find((feature) => !input.features.has(feature));
  if (missing !== undefined) return { decided: true, finding: notApplicable(input, missing) };
  const outcome = conclude(input);
  if (outcome.state === 'pending') return { decided: false, untilUs: outcome.untilUs };
  return { decided: true, finding: findingOf(input, outcome, input.evidence.records) };
}

function conclude(input: CheckInput): Outcome {
  try {
    const { interruption } = input.evidence;
    return interruption === undefined ? judge(input) : judgeInterrupted(input, interruption);
  } catch (thrown) {
    if (thrown instanceof HiddenValue) return errored(thrown.reason, thrown.message);
    return errored('internal', `the judge failed: ${messageOf(thrown)}`);
  }
}

function judge(input: CheckInput, cutUs = Infinity): Outcome {
  const { check, evidence, settleMs, nowUs } = input;
  const view = viewOf({ evidence, settleMs, withinMs: check.withinMs, cutUs });
  const { condition, connections } = check;
  if (condition.kind === 'estimate') return errored('internal', 'steps meet no limiter');
  const outcome = resolve(
    condition.kind === 'threshold'
      ? judgeThreshold(condition, { connections, view, nowUs })
      : judgeCondition({ ...check, condition }, view, nowUs),
    nowUs,
  );
  return outcome.state === 'pending' ? outcome : doubt(outcome, { check, evidence });
}

// "Checks already decided stand, the rest is failed and names that step" (language 2.2). What is on
// its way may still arrive while the target settles; but nothing passes then merely because time went
// by: its cause may never have been.
function judgeInterrupted(input: CheckInput, interruption: Interruption): Outcome {
  const { stepsEndedAtUs } = input.evidence;
  const cutUs = stepsEndedAtUs === undefined ? Infinity : stepsEndedAtUs + input.settleMs * 1000;
  const graceEnded = stepsEndedAtUs === undefined || input.nowUs >= cutUs;
  const nowUs = Math.min(input.nowUs, stepsEndedAtUs ?? -Infinity);
  const outcome = judge({ ...input, nowUs }, cutUs);
  if (outcome.state === 'errored' && outcome.reason === 'NO_CONNECTION') {
    return { ...outcome, message: `${outcome.message}: ${sayWhy(interruption)}` };
  }
  if (outcome.state === 'inconclusive' && LACKING.has(outcome.reason)) {
    return interrupted(outcome, interruption);
  }
  if (outcome.state !== 'pending') return outcome;
  return graceEnded
    ? interrupted(outcome.eventually, interruption)
    : { ...outcome, untilUs: cutUs };
}

// What was not done brought no samples.
const LACKING: ReadonlySet<string> = new Set(['NO_SAMPLES', 'TOO_FEW_SAMPLES']);

function sayWhy({ step, message }: Interruption): string {
  return `step ${step} could not be done: ${message}`;
}

function interrupted(seen: Settled, interruption: Interruption): Settled {
  const { actual, evidence } = seen;
  const deviation = {
    ...(seen.deviation ?? actual),
    step: `${interruption.step} could not be done`,
  };
  const sight = { message: sayWhy(interruption), actual, evidence, deviation };
  return interruption.cause === 'target'
    ? settled('broken', sight)
    : { state: 'errored', reason: 'PREVENTED', ...sight };
}

/** What a conclusion means for a check. `records`: the evidence it rests on. */
export function findingOf(
  input: Pick<CheckInput, 'check' | 'level'>,
  outcome: Settled,
  records: Evidence['records'],
): Finding {
  const isRecord = input.check.condition.kind === 'record';
  const verdict = verdictOf(outcome.state, { level: input.level, records: isRecord });
  const deviates = verdict === 'failed' || verdict === 'warned';
  return {
    ...headOf(input),
    verdict,
    message: outcome.message,
    actual: outcome.actual,
    ...(deviates ? { deviation: deviationOf(outcome, records) } : {}),
    evidence: outcome.evidence,
    ...('reason' in outcome ? { reason: outcome.reason } : {}),
  };
}

function deviationOf(outcome: Settled, records: Evidence['records']): Deviation {
  return steady(outcome.deviation ?? outcome.actual, connectionIdsIn(records));
}

/** The finding of a check that needs what the target does not have. */
export function notApplicable(
  input: Pick<CheckInput, 'check' | 'level'>,
  feature: string,
): Finding {
  return {
    ...headOf(input),
    verdict: 'not-applicable',
    message: `the target does not have ${feature}`,
    actual: {},
    reason: feature,
    evidence: [],
  };
}

function headOf({
  check,
  level,
}: Pick<CheckInput, 'check' | 'level'>): Pick<
  Finding,
  'check' | 'level' | 'title' | 'requirement' | 'expected' | 'span'
> {
  return {
    check: check.id,
    level,
    expected: expectedOf(check),
    span: check.span,
    ...(check.title === undefined ? {} : { title: check.title }),
    ...(check.requirement === undefined ? {} : { requirement: check.requirement }),
  };
}

// A path that cannot be read must not keep the finding from being made.
function expectedOf({ condition }: CheckSpec): string {
  try {
    return describeCondition(condition);
  } catch {
    return condition.kind;
  }
}
