// A look at the station first, then the cases that can be tested on it; the others are errored with
// the one reason that was found.
import type { RunProblem } from '../result/run-result.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { type Preflight, preflight } from './preflight.ts';
import { runCases } from './run-cases.ts';
import { asksOutcome, type CasesRun, rolesOfCase } from './run-cases-one.ts';
import { undrivenResult } from './undriven.ts';
import { keepVigil } from './vigil.ts';
import { waitForTarget } from './wait-for-target.ts';
import { observerFailed } from './witness.ts';

/** Runs the cases on a station that is open. */
export async function runStation(run: CasesRun): Promise<void> {
  const roles = [...new Set(run.cases.flatMap(rolesOfCase))];
  if (run.waiting !== undefined) await waitForTarget(run, roles, run.waiting);
  const looked = await preflight({
    ...run,
    roles,
    usesBackend: run.cases.some(needsBackend),
  });
  const judged = run.cases.map((spec) => ({ spec, problem: whyNot(spec, looked) }));
  // What keeps no case from being tested is no problem: a scenario may ask that nobody answers.
  const problems = new Set(judged.flatMap(({ problem }) => problem ?? []));
  for (const problem of problems) run.emit({ event: 'problem', problem });
  for (const { spec, problem } of judged) {
    if (problem !== undefined)
      run.emit({ event: 'case-ended', result: errored(run, spec, problem) });
  }
  const cases = judged.flatMap(({ spec, problem }) => (problem === undefined ? [spec] : []));
  const vigil = keepVigil(run, looked);
  try {
    await runCases({ ...run, cases, emit: vigil.emit, onLate: vigil.onLate });
  } finally {
    await vigil.conclude();
  }
  const failure = run.station.observer?.failure;
  // Said already where it was seen before the first case.
  if (failure === undefined || looked.observer?.code === 'OBSERVER_FAILED') return;
  run.emit({ event: 'problem', problem: observerFailed(failure) });
}

function errored(
  run: CasesRun,
  spec: CaseSpec,
  { code, message }: RunProblem,
): ReturnType<typeof undrivenResult> {
  const { levelOf } = run;
  return undrivenResult(
    spec,
    { verdict: 'errored', code, message },
    { levelOf, rerun: run.rerunOf(spec) },
  );
}

function whyNot(spec: CaseSpec, looked: Preflight): RunProblem | undefined {
  if (looked.observer !== undefined && needsBackend(spec)) return looked.observer;
  if (asksOutcome(spec)) return undefined;
  return rolesOfCase(spec).flatMap((role) => looked.unreachable[role] ?? [])[0];
}

function needsBackend({ needs, checks }: CaseSpec): boolean {
  return [needs, ...checks.map((check) => check.needs)].some(usesBackend);
}

function usesBackend(needs: readonly string[]): boolean {
  return needs.some((need) => need === 'observer' || need === 'probe' || need.startsWith('probe.'));
}
