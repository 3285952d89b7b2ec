// From a plan to events: the station is opened, the cases are run, the station is closed.
import { messageOf, ToolError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import type { Redactor } from '../base/redact.ts';
import type { RunEvent } from '../result/run-event.ts';
import type { RunProblem } from '../result/run-result.ts';
import type { AttemptJournal } from '../run/attempt-journal.ts';
import type { LoadDriver } from '../run/run-load-case.ts';
import { runStation } from '../run/run-station.ts';
import { openStation, type Station, type StationPlan } from '../run/station.ts';
import type { Waiting } from '../run/wait-for-target.ts';
import type { StartProcess } from '../target/launch.ts';
import type { Target } from '../target/model.ts';
import type { EarlyStart } from './early-start.ts';
import type { Io } from './io.ts';
import type { RunPlan } from './run-plan.ts';
import type { ChosenTarget } from './target-choice.ts';

/** What running a plan needs besides the plan. */
export interface Running {
  readonly seed: string;
  readonly redactor: Redactor;
  readonly emit: (event: RunEvent) => void;
  readonly signal: AbortSignal;
  /** Who carries loads out; absent: the plan has none. */
  readonly loads?: LoadDriver | undefined;
  /** Where their attempts are written down. */
  readonly attempts?: AttemptJournal | undefined;
  /** The target may not be there yet. */
  readonly waiting?: Waiting | undefined;
  /** As `launchTarget` takes it. */
  readonly start?: StartProcess;
  /** A station of this plan that is being opened already. */
  readonly early?: EarlyStart | undefined;
}

/**
 * Opens the plan's station, runs its cases, closes it. What keeps the run from testing (the target
 * did not start, …) becomes a `problem` event.
 */
export async function runOnStation(io: Io, plan: RunPlan, running: Running): Promise<void> {
  for (const result of [...plan.notApplicable, ...plan.leftOut])
    running.emit({ event: 'case-ended', result });
  if (plan.runnable.length === 0) return;
  let station: Station | undefined;
  try {
    station = await (running.early?.take(running.signal) ?? openFor(io, plan.target, running));
    await runStation({ ...plan, ...running, cases: plan.runnable, station, clock: io.clock });
  } catch (thrown) {
    if (!(thrown instanceof ToolError)) throw thrown;
    running.emit({ event: 'problem', problem: problemOf(thrown) });
  } finally {
    await station?.close();
    for (const notice of station?.observer?.notices() ?? []) {
      io.stderr(`ws-assay: ${running.redactor.text(notice)}\n`);
    }
  }
}

/**
 * Opens a station for a target. Nobody interrupts it without a `signal`.
 *
 * @throws {ToolError} TARGET_LAUNCH_FAILED, FILE_INVALID
 */
export function openFor(
  io: Io,
  { preview, ports, resolve: resolveTarget }: ChosenTarget,
  {
    seed = '',
    redactor,
    signal,
    start,
  }: Pick<Running, 'redactor' | 'start'> & {
    readonly seed?: string;
    readonly signal?: AbortSignal;
  },
): Promise<Station> {
  return openStation({
    listen: listenOf(preview),
    ports,
    resolve: resolveTarget,
    clock: io.clock,
    // Ports must differ between runs that share a seed and a machine.
    random: seededRandom(`${seed}/ports/${io.clock.wallMs()}`),
    redactor,
    adoptGroup: io.adoptGroup,
    start,
    signal,
  });
}

/** The listener is there for a remote probe, or for a backend that posts its events. */
function listenOf({ probe, observer }: Target): StationPlan['listen'] {
  if (probe?.kind === 'remote') return { ...probe, token: undefined };
  return observer?.kind === 'http' ? observer : undefined;
}

/** A tool error as a result carries it. */
export function problemOf(thrown: unknown): RunProblem {
  if (!(thrown instanceof ToolError)) return { code: 'INTERNAL', message: messageOf(thrown) };
  const { code, message, hint } = thrown;
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
