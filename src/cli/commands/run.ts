// `ws-assay run`: plan, run, report.
import { drawSeed } from '../../base/random.ts';
import { createRedactor, type Redactor } from '../../base/redact.ts';
import { demandCost } from '../cost-guard.ts';
import { describePlan } from '../dry-run.ts';
import { earlyStart } from '../early-start.ts';
import { type ExecuteOptions, executeRun } from '../execute-run.ts';
import type { Io } from '../io.ts';
import { demandK6, type LoadCliOptions, loadDriver } from '../load-driver.ts';
import { failedCases } from '../only-failed.ts';
import { openFor } from '../run-on-station.ts';
import { type PlanOptions, planRun, type RunPlan } from '../run-plan.ts';

/** Options of the command. */
export interface RunOptions extends PlanOptions, ExecuteOptions, LoadCliOptions {
  readonly dryRun?: boolean;
  /** A finished run. */
  readonly onlyFailed?: string;
  /** In the currency of the target's price list. */
  readonly maxCost?: number;
}

/** Resolves with the exit code. */
export async function runCommand(
  io: Io,
  given: readonly string[],
  options: RunOptions,
): Promise<number> {
  const redactor = createRedactor();
  const only = options.onlyFailed === undefined ? undefined : failedCases(io, options.onlyFailed);
  if (options.dryRun === true) {
    const plan = await planRun(io, given, { options, redactor, carriesLoads: true, only });
    sayNotices(io, plan, redactor);
    io.stdout(redactor.text(describePlan(plan)));
    return 0;
  }
  const seed = options.seed ?? drawSeed();
  const early = earlyStart((target, signal) => openFor(io, target, { seed, redactor, signal }));
  try {
    const { maxCost } = options;
    // Where a run may be refused nothing is opened before it is planned.
    const onTarget = maxCost === undefined ? { onTarget: early.begin } : {};
    const planning = { options, redactor, carriesLoads: true, only, ...onTarget };
    const plan = await planRun(io, given, planning);
    if (maxCost !== undefined) demandCost(plan, maxCost);
    sayNotices(io, plan, redactor);
    const loads = loadDriver(io, options, redactor);
    if (options.engine === 'k6') await demandK6(io);
    return (await executeRun(io, plan, { options: { ...options, seed }, redactor, loads, early }))
      .code;
  } finally {
    await early.drop();
  }
}

function sayNotices(io: Io, { notices }: RunPlan, redactor: Redactor): void {
  if (notices !== '') io.stderr(`${redactor.text(notices)}\n`);
}
