// Cases side by side. When the target dies, every case that was running or had just ended is a
// suspect: its result does not count, and it is left to be run again alone.
import { ToolError } from '../base/errors.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { endHung } from './hang.ts';
import type { HeldResults } from './held-results.ts';
import type { Toll } from './run-cases-death.ts';
import { type HeardRun, runOne } from './run-cases-one.ts';

/**
 * Runs the cases and adds every death, with its suspects, to the toll. What ended last is still held when it resolves,
 * unless somebody has died: then it is outlived first.
 *
 * @throws {ToolError} TARGET_LAUNCH_FAILED when the target cannot be started again
 */
export async function runShared(
  run: HeardRun,
  cases: readonly CaseSpec[],
  { toll, held }: { readonly toll: Toll; readonly held: HeldResults },
): Promise<void> {
  const queue: Queue = { waiting: [...cases], cut: [], held };
  for (let lost = 0; ; ) {
    const before = queue.waiting.length;
    await runRound(run, queue);
    if (toll.suspects().length > 0) await held.outlive();
    const death = run.station.death();
    if (run.signal.aborted) return held.release();
    if (death === undefined) return;
    const suspects = [...queue.cut.splice(0), ...held.takeBack(death)];
    toll.add({ ...death, suspects });
    await run.station.restart();
    if (queue.waiting.length === 0) return;
    lost = queue.waiting.length === before ? lost + 1 : 0;
    if (lost === LOST_ROUNDS) throw shortLived(death.how);
  }
}

// A target that dies as soon as it is ready lets no case begin; it gets this many rounds.
const LOST_ROUNDS = 3;

function shortLived(how: string): ToolError {
  const message = `The target ended ${LOST_ROUNDS} times before a case could begin: ${how}.`;
  return new ToolError('TARGET_LAUNCH_FAILED', message);
}

interface Queue {
  readonly waiting: CaseSpec[];
  /** Cases that were running when the target died. */
  readonly cut: CaseSpec[];
  readonly held: HeldResults;
}

/** Ends when all cases were run, at a death, or at an interrupt. */
async function runRound(run: HeardRun, queue: Queue): Promise<void> {
  const lanes = Array.from({ length: run.station.target.concurrency }, () => runLane(run, queue));
  await Promise.all(lanes);
}

async function runLane(run: HeardRun, { waiting, cut, held }: Queue): Promise<void> {
  while (!run.signal.aborted && run.station.death() === undefined) {
    const spec = waiting.shift();
    if (spec === undefined) return;
    const { result, death } = await runOne(run, spec);
    if (death === undefined) await endHung(run, spec, result);
    if (run.station.death() === undefined) held.hold({ spec, result });
    else cut.push(spec);
    held.letGo();
  }
}
