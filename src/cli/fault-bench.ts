// Runs cases against the reference gateway with faults: what the self-test asks for. Everything is
// planned once, because only the gateway differs between its runs.
import { seededRandom } from '../base/random.ts';
import { createRedactor } from '../base/redact.ts';
import { foldRun } from '../result/fold.ts';
import type { RunEvent } from '../result/run-event.ts';
import type { RunResult } from '../result/run-result.ts';
import type { CaseSpec } from '../scenario/model.ts';
import type { StartProcess } from '../target/launch.ts';
import { openGatewayHosts } from './gateway-hosts.ts';
import type { Io } from './io.ts';
import { headOf, newRunId } from './run-head.ts';
import { runOnStation } from './run-on-station.ts';
import { type PlanOptions, planRun, type RunPlan } from './run-plan.ts';
import { DEFAULT_SUITES } from './selection.ts';
import { chooseTarget } from './target-choice.ts';

/** A plan that can be run again and again. */
export interface FaultBench {
  /** Those of both suites that the reference gateway must satisfy. */
  readonly plan: RunPlan;
  run(faults: readonly string[], cases: readonly CaseSpec[]): Promise<RunResult>;
  /** Ends the processes that it keeps. */
  close(): void;
}

/**
 * Plans both suites on the reference gateway.
 *
 * @param seed of every run; each has its own random values from it
 * @param concurrency of a gateway with faults: cases at a time, because it is not alone
 */
export async function openFaultBench(
  io: Io,
  seed: string,
  concurrency = CROWDED,
): Promise<FaultBench> {
  const redactor = createRedactor();
  const suites = Object.values(DEFAULT_SUITES);
  const plan = await planRun(io, suites, { options: OPTIONS, redactor });
  const { start, close } = openGatewayHosts(io);
  return {
    plan,
    run: (faults, cases) =>
      runOnce(
        io,
        { ...plan, runnable: cases },
        { faults, seed, start, ...(faults.length > 0 && { concurrency }) },
      ),
    close,
  };
}

// With a dozen gateways at a time on two cores, more would make each other late.
const CROWDED = 8;

const OPTIONS: PlanOptions = {
  target: 'reference',
  failOn: 'must',
  tag: [],
  excludeTag: [],
  var: [],
};

interface OnceOptions {
  readonly faults: readonly string[];
  readonly seed: string;
  readonly start: StartProcess;
  readonly concurrency?: number;
}

async function runOnce(
  io: Io,
  planned: RunPlan,
  { faults, seed: benchSeed, start, ...crowd }: OnceOptions,
): Promise<RunResult> {
  // Its own: every gateway has another token, and what hides all of them is slow.
  const redactor = createRedactor();
  const asked = { ...OPTIONS, ...crowd, fault: faults };
  const target = chooseTarget(asked, undefined, { io, redactor, vars: {} });
  const plan = { ...planned, target };
  const seed = `${benchSeed}/${faults.join()}`;
  const runId = newRunId(io.clock.wallMs(), seededRandom(seed));
  const head = headOf(io, plan, { runId, seed, failOn: 'must', redactor });
  const events: RunEvent[] = [
    { event: 'run-started', head, planned: plan.runnable.map(({ id }) => id) },
  ];
  const emit = (event: RunEvent): void => void events.push(event);
  const startUs = io.clock.nowUs();
  const { signal } = new AbortController();
  await runOnStation(io, plan, { seed, redactor, emit, signal, start });
  const durationMs = Math.round((io.clock.nowUs() - startUs) / 1000);
  emit({ event: 'run-ended', durationMs, interrupted: false });
  const result = foldRun(events);
  if (result === undefined) throw new RangeError('a run that began folds');
  return result;
}
