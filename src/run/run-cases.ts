// Runs planned cases against one station: shared ones side by side, exclusive ones alone,
// destructive ones last, each on a fresh process. A launched target that dies is started again, and
// the case that ends it is found by running the suspects one at a time.
import type { EvidenceRecord } from '../result/evidence.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { newHearing } from './hearing.ts';
import { knock } from './knock.ts';
import { longestFirst } from './longest-first.ts';
import { runAlone } from './run-cases-alone.ts';
import { deathProblem, newToll } from './run-cases-death.ts';
import { type CasesRun, type HeardRun, rolesOfCase } from './run-cases-one.ts';
import { runShared } from './run-cases-shared.ts';

/**
 * Runs every case; what an interrupt leaves is `notRun`.
 *
 * @throws {ToolError} TARGET_LAUNCH_FAILED or TARGET_DIED when the target is gone for good
 */
export async function runCases(asked: CasesRun): Promise<void> {
  const run = withHearing(asked);
  const of = (isolation: CaseSpec['isolation']): readonly CaseSpec[] =>
    run.cases.filter((spec) => spec.isolation === isolation);
  const toll = newToll();
  try {
    await runShared(run, longestFirst(of('shared')), toll);
    await runAlone(run, toll.suspects(), toll);
    await runAlone(run, of('exclusive'), toll);
    await runAlone(run, of('destructive'), toll, { fresh: true });
  } finally {
    for (const death of toll.unexplained()) run.emit(deathProblem(death));
  }
}

const KNOCK_MS = 10_000;

/** Of several endpoints one that answers is enough: the others' silence is their own. */
function withHearing(run: CasesRun): HeardRun {
  const roles = [...new Set(run.cases.flatMap(rolesOfCase))];
  const sign = ({ kind }: EvidenceRecord): boolean => kind === 'firstByte' || kind === 'invocation';
  const isThere = async (): Promise<boolean> => {
    const asked = roles.map((role) => knock(run, role, { as: 'knock', withinMs: KNOCK_MS, sign }));
    return (await Promise.all(asked)).includes(true);
  };
  const hearing = newHearing({
    isThere,
    tell: (problem) => run.emit({ event: 'problem', problem }),
  });
  return { ...run, hearing };
}
