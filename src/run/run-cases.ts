// Runs planned cases against one station: shared ones side by side, exclusive ones alone,
// destructive ones last. A launched target that dies is started again, and the case that kills it
// is found by running the suspects one at a time.
import { setMaxListeners } from 'node:events';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import type { Redactor } from '../base/redact.ts';
import { type CaseOutcome, runCase } from '../case/run-case.ts';
import type { RunEvent } from '../result/run-event.ts';
import type { CaseResult } from '../result/run-result.ts';
import type { CaseSpec, CheckSpec, Level } from '../scenario/model.ts';
import type { Station } from './station.ts';

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
}

/** Runs every case; what could not be run for want of a target is left to be `notRun`. */
export async function runCases(run: CasesRun): Promise<void> {
  const of = (isolation: CaseSpec['isolation']): readonly CaseSpec[] =>
    run.cases.filter((spec) => spec.isolation === isolation);
  const suspects = await runShared(run, of('shared'));
  await runAlone(run, [...suspects, ...of('exclusive')]);
  await runAlone(run, of('destructive'), true);
}

// A target may take a moment to fall over: what ended this long before is suspect too.
const AFTERMATH_MS = 300;

/** Runs side by side; resolves with the cases during which (or just after which) the target died. */
async function runShared(run: CasesRun, cases: readonly CaseSpec[]): Promise<readonly CaseSpec[]> {
  const waiting = [...cases];
  const suspects: CaseSpec[] = [];
  const recent: { readonly spec: CaseSpec; readonly atUs: number }[] = [];
  const lane = async (): Promise<void> => {
    for (let spec = waiting.shift(); spec !== undefined; spec = waiting.shift()) {
      if (run.signal.aborted || run.station.isDead()) {
        waiting.unshift(spec);
        return;
      }
      const { result, died } = await runOne(run, spec, false);
      if (died) suspects.push(spec);
      else {
        recent.push({ spec, atUs: run.clock.nowUs() });
        run.emit({ event: 'case-ended', result });
      }
    }
  };
  for (;;) {
    await Promise.all(Array.from({ length: run.station.target.concurrency }, lane));
    if (!run.station.isDead() || run.signal.aborted) return suspects;
    const sinceUs = run.station.diedAtUs() - AFTERMATH_MS * 1000;
    suspects.push(...recent.filter(({ atUs }) => atUs >= sinceUs).map(({ spec }) => spec));
    recent.length = 0;
    if (!(await restart(run))) return [];
    if (waiting.length === 0) return suspects;
  }
}

async function runAlone(run: CasesRun, cases: readonly CaseSpec[], fresh = false): Promise<void> {
  for (const spec of cases) {
    if (run.signal.aborted) return;
    if ((fresh || run.station.isDead()) && !(await restart(run))) return;
    const { result, died } = await runOne(run, spec, true);
    const late = died || !run.station.isLaunched ? died : await diesSoon(run);
    run.emit({
      event: 'case-ended',
      result: late ? { ...result, targetDied: run.station.howItDied() } : result,
    });
  }
}

async function diesSoon(run: CasesRun): Promise<boolean> {
  await run.clock.sleep(AFTERMATH_MS, AbortSignal.any([run.signal, run.station.deathSignal()]));
  return run.station.isDead();
}

async function restart(run: CasesRun): Promise<boolean> {
  try {
    await run.station.restart();
    return true;
  } catch (thrown) {
    run.emit({
      event: 'problem',
      problem: { code: 'TARGET_LAUNCH_FAILED', message: messageOf(thrown) },
    });
    return false;
  }
}

interface Ran {
  readonly result: CaseResult;
  readonly died: boolean;
}

/** Alone, a death is the target's own doing: what it leaves undecided has failed. */
async function runOne(run: CasesRun, spec: CaseSpec, alone: boolean): Promise<Ran> {
  const { station } = run;
  run.emit({ event: 'case-started', id: spec.id, atUs: run.clock.nowUs() });
  const death = station.deathSignal();
  const outcome = await runCase({
    spec,
    target: station.target,
    features: run.features,
    backend: station.backend,
    clock: run.clock,
    random: seededRandom(`${run.seed}/${spec.id}`),
    redactor: run.redactor,
    levelOf: run.levelOf,
    signal: manyListeners(AbortSignal.any([run.signal, death])),
    abortedBy: () =>
      death.aborted
        ? {
            cause: alone ? 'target' : 'tool',
            message: `the target's process ended: ${station.howItDied()}`,
          }
        : { cause: 'tool', message: 'the run was interrupted' },
  });
  return { result: resultOf(run, spec, outcome), died: death.aborted };
}

/** Every member of a group listens to it; that is no leak. */
function manyListeners(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
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
    rerun: run.rerunOf(spec),
  };
}
