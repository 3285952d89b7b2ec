// The referee is itself tested: each fault of the reference gateway is started, and must break
// exactly the checks that it names.
import type { RunResult } from '../result/run-result.ts';
import { type FaultSpec, type FaultVerdict, isExact, judgeFault, unkilledChecks } from './kill.ts';

/** What a self-test needs. */
export interface SelftestOptions {
  readonly faults: readonly FaultSpec[];
  /** Runs every check against the gateway with these faults. */
  readonly run: (faults: readonly string[]) => Promise<RunResult>;
  /** Gateways at a time. */
  readonly atOnce: number;
  readonly onVerdict?: (verdict: FaultVerdict) => void;
}

/** What came of it. */
export interface SelftestResult {
  readonly clean: RunResult;
  readonly verdicts: readonly FaultVerdict[];
  /** Checks that passed on the clean gateway and that no fault breaks. */
  readonly unkilled: readonly string[];
  readonly exact: boolean;
}

/** Runs the clean gateway first, then every fault. */
export async function selftest(options: SelftestOptions): Promise<SelftestResult> {
  const clean = await options.run([]);
  const verdicts = await inLanes(options);
  const unkilled = unkilledChecks(clean, verdicts);
  const sound = clean.exitCode === 0 && clean.counts.warned === 0;
  const exact = sound && verdicts.every(isExact) && unkilled.length === 0;
  return { clean, verdicts, unkilled, exact };
}

async function inLanes({
  faults,
  run,
  atOnce,
  onVerdict,
}: SelftestOptions): Promise<readonly FaultVerdict[]> {
  const waiting = [...faults];
  const verdicts = new Map<string, FaultVerdict>();
  const lane = async (): Promise<void> => {
    for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
      const verdict = judgeFault(fault, await run([fault.name]));
      verdicts.set(fault.name, verdict);
      onVerdict?.(verdict);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, faults.length) }, lane));
  return faults.flatMap(({ name }) => verdicts.get(name) ?? []);
}

/** The kill matrix as text: one block a fault, then what no fault breaks. */
export function renderSelftest({ verdicts, unkilled, clean, exact }: SelftestResult): string {
  const exactly = verdicts.filter(isExact).length;
  return [
    ...verdicts.map(renderVerdict),
    ...(unkilled.length === 0 ? [] : ['no fault breaks', ...unkilled.map((check) => `  ${check}`)]),
    `clean gateway: ${clean.counts.passed} passed, ${clean.counts.failed} failed, ${clean.counts.warned} warned, ${clean.counts.errored} errored`,
    `${exactly} of ${verdicts.length} faults break exactly what they name${exact ? '' : '; the self-test failed'}`,
    '',
  ].join('\n');
}

function renderVerdict(verdict: FaultVerdict): string {
  const { fault, kills, survived, unexpected, undecided, problems } = verdict;
  return [
    `${isExact(verdict) ? '✓' : '✗'} ${fault} breaks ${kills.length}: ${kills.join(', ')}`,
    ...survived.map((check) => `    did not break ${check}`),
    ...unexpected.map((check) => `    broke as well ${check}`),
    ...undecided.map((check) => `    undecided     ${check}`),
    ...problems.map((message) => `    problem       ${message}`),
  ].join('\n');
}
