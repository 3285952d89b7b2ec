// `ws-assay selftest`: starts the reference gateway with each fault and requires exactly its kills.
import { drawSeed, seededRandom } from '../../base/random.ts';
import { createRedactor } from '../../base/redact.ts';
import { visible } from '../../base/visible.ts';
import { FAULTS } from '../../gateway/faults.ts';
import { isExact } from '../../mutant/kill.ts';
import { renderSelftest, selftest } from '../../mutant/selftest.ts';
import { foldRun } from '../../result/fold.ts';
import type { RunEvent } from '../../result/run-event.ts';
import type { RunResult } from '../../result/run-result.ts';
import { demandFaults } from '../fault-names.ts';
import type { Io } from '../io.ts';
import { headOf, newRunId } from '../run-head.ts';
import { runOnStation } from '../run-on-station.ts';
import { type PlanOptions, planRun } from '../run-plan.ts';
import { DEFAULT_SUITES } from '../selection.ts';

/** Options of the command. */
export interface SelftestCommandOptions {
  readonly atOnce: number;
}

/** Exit code 0 when every fault breaks exactly what it names, else 1. */
export async function selftestCommand(
  io: Io,
  names: readonly string[],
  { atOnce }: SelftestCommandOptions,
): Promise<number> {
  demandFaults(names);
  const faults = FAULTS.filter(({ name }) => names.length === 0 || names.includes(name));
  const result = await selftest({
    faults,
    run: (with_) => runWith(io, with_),
    atOnce,
    onVerdict: (verdict) => io.stderr(`${isExact(verdict) ? '✓' : '✗'} ${verdict.fault}\n`),
  });
  const broken =
    result.verdicts.some((verdict) => !isExact(verdict)) || result.clean.exitCode !== 0;
  // Which checks no fault breaks is known only when every fault was run.
  const shown = names.length === 0 ? result : { ...result, unkilled: [], exact: !broken };
  io.stdout(visible(renderSelftest(shown), true));
  return shown.exact ? 0 : 1;
}

/** Both suites that the reference gateway must satisfy, against it, in this process. */
export async function runWith(io: Io, faults: readonly string[]): Promise<RunResult> {
  const redactor = createRedactor();
  const options: PlanOptions = {
    target: 'reference',
    fault: faults,
    failOn: 'must',
    tag: [],
    excludeTag: [],
    var: [],
  };
  const plan = await planRun(io, Object.values(DEFAULT_SUITES), { options, redactor });
  const seed = drawSeed();
  const runId = newRunId(io.clock.wallMs(), seededRandom(seed));
  const head = headOf(io, plan, { runId, seed, failOn: 'must', redactor });
  const planned = plan.runnable.map(({ id }) => id);
  const events: RunEvent[] = [{ event: 'run-started', head, planned }];
  const emit = (event: RunEvent): void => void events.push(event);
  const startUs = io.clock.nowUs();
  await runOnStation(io, plan, { seed, redactor, emit, signal: new AbortController().signal });
  const durationMs = Math.round((io.clock.nowUs() - startUs) / 1000);
  emit({ event: 'run-ended', durationMs, interrupted: false });
  const result = foldRun(events);
  if (result === undefined) throw new RangeError('a run that began folds');
  return result;
}
