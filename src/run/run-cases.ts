// Runs planned cases against one station: shared ones side by side, exclusive ones alone,
// destructive ones last, each on a fresh process. A launched target that dies is started again, and
// the case that ends it is found by running the suspects one at a time.
import type { EvidenceRecord } from '../result/evidence.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { newHearing } from './hearing.ts';
import { type HeldResults, holdResults } from './held-results.ts';
import { knock } from './knock.ts';
import { longestFirst } from './longest-first.ts';
import { runAlone } from './run-cases-alone.ts';
import { deathProblem, newToll, type Toll } from './run-cases-death.ts';
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
  const held = holdResults(run);
  try {
    await runShared(run, longestFirst(of('shared')), { toll, held });
    const early = toll.suspects();
    await runAlone(run, early, toll);
    await runAlone(run, of('exclusive'), toll, { held });
    await outlive(run, { toll, held });
    await runAlone(run, without(early, toll.suspects()), toll);
    await runAlone(run, of('destructive'), toll, { fresh: true });
  } finally {
    if (run.signal.aborted || run.station.death() === undefined) held.release();
    for (const death of toll.unexplained()) run.emit(deathProblem(death));
  }
}

async function outlive(
  { station }: HeardRun,
  { toll, held }: { readonly toll: Toll; readonly held: HeldResults },
): Promise<void> {
  await held.outlive();
  const death = station.death();
  const suspects = death === undefined ? [] : held.takeBack(death);
  if (death !== undefined && suspects.length > 0) toll.add({ ...death, suspects });
}

/** Cases that ran side by side and are suspects only since; an exclusive one has been run again at once. */
function without(early: readonly CaseSpec[], all: readonly CaseSpec[]): readonly CaseSpec[] {
  return all.filter((spec) => spec.isolation === 'shared' && !early.includes(spec));
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
