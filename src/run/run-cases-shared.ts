// Cases side by side. When the target dies, every case that was running or had just ended is a
// suspect: its result does not count, and it is left to be run again alone.
import { ToolError } from '../base/errors.ts';
import type { CaseResult } from '../result/run-result.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { endHung } from './hang.ts';
import type { Toll } from './run-cases-death.ts';
import { type HeardRun, runOne } from './run-cases-one.ts';

import { diesWithin } from './station.ts';

/**
 * Runs the cases and adds every death, with its suspects, to the toll.
 *
 * @throws {ToolError} TARGET_LAUNCH_FAILED when the target cannot be started again
 */
export async function runShared(
  run: HeardRun,
  cases: readonly CaseSpec[],
  toll: Toll,
): Promise<void> {
  const queue: Queue = { waiting: [...cases], cut: [], held: [] };
  for (let lost = 0; ; ) {
    const before = queue.waiting.length;
    await runRound(run, queue);
    const death = run.station.death();
    if (death === undefined || run.signal.aborted) return emitHeld(run, queue);
    emitHeld(run, queue, death.atUs - HELD_MS * 1000);
    const suspects = [...queue.cut.splice(0), ...queue.held.splice(0).map(({ spec }) => spec)];
    toll.add({ ...death, suspects });
    await run.station.restart();
    if (queue.waiting.length === 0) return;
    lost = queue.waiting.length === before ? lost + 1 : 0;
    if (lost === LOST_ROUNDS) throw shortLived(death.how);
  }
}

// A target may take a moment to fall over: results are held back for as long as it may take.
const HELD_MS = 1000;

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
  /** Results that count only if the target outlives them by a while. */
  readonly held: { readonly spec: CaseSpec; readonly result: CaseResult; readonly atUs: number }[];
}

/** Ends when all cases were run, at a death, or at an interrupt. */
async function runRound(run: HeardRun, queue: Queue): Promise<void> {
  const lanes = Array.from({ length: run.station.target.concurrency }, () => runLane(run, queue));
  await Promise.all(lanes);
  if (queue.held.length > 0) await diesWithin(run.station, HELD_MS, run);
}

async function runLane(run: HeardRun, queue: Queue): Promise<void> {
  while (!run.signal.aborted && run.station.death() === undefined) {
    const spec = queue.waiting.shift();
    if (spec === undefined) return;
    const { result, death } = await runOne(run, spec);
    if (death === undefined) await endHung(run, spec, result);
    if (run.station.death() === undefined) hold(run, queue, { spec, result });
    else queue.cut.push(spec);
    if (run.station.death() === undefined) emitHeld(run, queue, run.clock.nowUs() - HELD_MS * 1000);
  }
}

/** Keeps a result back, and lets it go in time even while no other case ends. */
function hold(run: HeardRun, queue: Queue, ended: Omit<Queue['held'][number], 'atUs'>): void {
  queue.held.push({ ...ended, atUs: run.clock.nowUs() });
  if (!run.station.isLaunched) return;
  void run.clock.sleep(HELD_MS + 1, run.signal).then(() => {
    if (run.signal.aborted || run.station.death() !== undefined) return;
    emitHeld(run, queue, run.clock.nowUs() - HELD_MS * 1000);
  });
}

/** Lets go of the results that were there before `untilUs`; of all where nothing can die. */
function emitHeld(run: HeardRun, { held }: Queue, untilUs = Number.POSITIVE_INFINITY): void {
  const limitUs = run.station.isLaunched ? untilUs : Number.POSITIVE_INFINITY;
  const kept = held.findIndex(({ atUs }) => atUs >= limitUs);
  for (const { result } of held.splice(0, kept < 0 ? held.length : kept)) {
    run.emit({ event: 'case-ended', result });
  }
}
