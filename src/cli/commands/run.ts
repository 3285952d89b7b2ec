// `ws-assay run`: plan, run, report.
import { createRedactor } from '../../base/redact.ts';
import { describePlan } from '../dry-run.ts';
import { type ExecuteOptions, executeRun } from '../execute-run.ts';
import type { Io } from '../io.ts';
import { type LoadCliOptions, loadDriver } from '../load-driver.ts';
import { type PlanOptions, planRun } from '../run-plan.ts';

/** Options of the command. */
export interface RunOptions extends PlanOptions, ExecuteOptions, LoadCliOptions {
  readonly dryRun?: boolean;
}

/** Resolves with the exit code. */
export async function runCommand(
  io: Io,
  given: readonly string[],
  options: RunOptions,
): Promise<number> {
  const redactor = createRedactor();
  const plan = await planRun(io, given, { options, redactor, carriesLoads: true });
  if (plan.notices !== '') io.stderr(`${redactor.text(plan.notices)}\n`);
  if (options.dryRun !== true) {
    return (await executeRun(io, plan, { options, redactor, loads: loadDriver(io, options) })).code;
  }
  io.stdout(redactor.text(describePlan(plan)));
  return 0;
}
