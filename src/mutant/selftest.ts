// The referee is itself tested: each fault of the reference gateway is started, and must break
// exactly the checks that it names.
import type { RunResult } from '../result/run-result.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { chooseCases, type Scope } from './choose-cases.ts';
import { type FaultSpec, type FaultVerdict, isExact, judgeFault, unkilledChecks } from './kill.ts';

/** What a self-test needs. */
export interface SelftestOptions {
  readonly faults: readonly FaultSpec[];
  /** Every case that a gateway without faults must pass. */
  readonly cases: readonly CaseSpec[];
  readonly scope: Scope;
  /** Runs these cases against the gateway with these faults. */
  readonly run: (faults: readonly string[], cases: readonly CaseSpec[]) => Promise<RunResult>;
  /** Gateways at a time. */
  readonly atOnce: number;
  /** What the clean gateway must pass. @default all */
  readonly clean?: 'all' | 'what-faults-meet';
  readonly onVerdict?: (verdict: FaultVerdict) => void;
}

/** What came of it. */
export interface SelftestResult {
  readonly scope: Scope;
  readonly clean: RunResult;
  readonly verdicts: readonly FaultVerdict[];
  /** Checks that passed on the clean gateway and that no fault breaks. */
  readonly unkilled: readonly string[];
  readonly exact: boolean;
}

/** Other cases for each fault where nobody says how many: every one of them meets dozens of faults. */
export const SAMPLE = 6;

/**
 * Runs the clean gateway first, then every fault on its cases. One that is not exact is run again when the others are
 * done, first among few and then alone, and that is what counts: dozens of gateways on one machine make each other late.
 */
export async function selftest(options: SelftestOptions): Promise<SelftestResult> {
  const { scope } = options;
  const clean = await options.run([], cleanCases(options));
  const verdicts = await inRounds(options);
  const unkilled = unkilledChecks(clean, verdicts);
  const exact = isSound(clean) && verdicts.every(isExact) && unkilled.length === 0;
  return { scope, clean, verdicts, unkilled, exact };
}

/** True when a gateway without faults passed everything: nothing failed, warned or stayed open. */
export function isSound({ exitCode, counts }: Pick<RunResult, 'exitCode' | 'counts'>): boolean {
  return exitCode === 0 && counts.warned === 0;
}

function cleanCases({ faults, cases, scope, clean = 'all' }: SelftestOptions): readonly CaseSpec[] {
  if (clean === 'all') return cases;
  const met = new Set(faults.flatMap((fault) => chooseCases(fault, cases, scope)));
  return cases.filter((spec) => met.has(spec));
}

interface Task {
  readonly fault: FaultSpec;
  readonly chosen: readonly CaseSpec[];
}

async function inRounds(options: SelftestOptions): Promise<readonly FaultVerdict[]> {
  const { faults, cases, scope, atOnce, onVerdict } = options;
  // Those with most to do first, so that none of them is left alone in the end.
  const tasks = faults
    .map((fault) => ({ fault, chosen: chooseCases(fault, cases, scope) }))
    .toSorted((one, other) => other.chosen.length - one.chosen.length);
  const verdicts = new Map<string, FaultVerdict>();
  let waiting: readonly Task[] = tasks;
  for (const { lanes, again } of roundsOf(atOnce)) {
    const late: Task[] = [];
    await runInLanes(options, { waiting, lanes }, (task, judged) => {
      const verdict = again === undefined ? judged : { ...judged, again };
      verdicts.set(task.fault.name, verdict);
      if (isExact(verdict) || again === 'alone') onVerdict?.(verdict);
      else late.push(task);
    });
    waiting = late;
  }
  return faults.flatMap(({ name }) => verdicts.get(name) ?? []);
}

// Nearly all of those that a crowd has made late are on time among few, and one after the other takes its time.
const FEW = 3;

function roundsOf(
  atOnce: number,
): readonly { readonly lanes: number; readonly again?: FaultVerdict['again'] }[] {
  const alone = { lanes: 1, again: 'alone' } as const;
  if (atOnce <= FEW) return [{ lanes: atOnce }, alone];
  return [{ lanes: atOnce }, { lanes: FEW, again: 'among few' }, alone];
}

async function runInLanes(
  { run }: SelftestOptions,
  { waiting, lanes }: { readonly waiting: readonly Task[]; readonly lanes: number },
  onJudged: (task: Task, verdict: FaultVerdict) => void,
): Promise<void> {
  const left = [...waiting];
  const lane = async (): Promise<void> => {
    for (let task = left.shift(); task !== undefined; task = left.shift()) {
      const { fault, chosen } = task;
      onJudged(task, judgeFault(fault, await run([fault.name], chosen)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, waiting.length) }, lane));
}

/** As text: one block a fault, then what no fault breaks, then what was run and came out. */
export function renderSelftest(result: SelftestResult): string {
  const { verdicts, unkilled, clean, exact, scope } = result;
  const exactly = verdicts.filter(isExact).length;
  return [
    ...verdicts.map(renderVerdict),
    ...(unkilled.length === 0 ? [] : ['no fault breaks', ...unkilled.map((check) => `  ${check}`)]),
    `clean gateway: ${clean.counts.passed} passed, ${clean.counts.failed} failed, ${clean.counts.warned} warned, ${clean.counts.errored} errored`,
    renderScope(scope),
    renderLongest(verdicts),
    `${exactly} of ${verdicts.length} faults break exactly what they name${exact ? '' : '; the self-test failed'}`,
    '',
  ].join('\n');
}

function renderScope({ seed, others }: Scope): string {
  const beside = others === 'all' ? 'every case' : `the cases it names and ${others} others`;
  return `each fault was run against ${beside}; --seed ${seed} does the same again`;
}

// Where the time went: one that waits for what never comes may take longer than fifty others.
function renderLongest(verdicts: readonly FaultVerdict[]): string {
  const longest = verdicts.toSorted((one, other) => other.durationMs - one.durationMs).slice(0, 5);
  const each = longest.map(
    ({ fault, durationMs }) => `${fault} ${(durationMs / 1000).toFixed(1)} s`,
  );
  return `longest: ${each.join(', ')}`;
}

function renderVerdict(verdict: FaultVerdict): string {
  const { fault, kills, survived, unexpected, undecided, problems, again } = verdict;
  const looked = again === undefined ? '' : ` (run again, ${again})`;
  return [
    `${isExact(verdict) ? '✓' : '✗'} ${fault} breaks ${kills.length}${looked}: ${kills.join(', ')}`,
    ...survived.map((check) => `    did not break ${check}`),
    ...unexpected.map((check) => `    broke as well ${check}`),
    ...undecided.map((check) => `    undecided     ${check}`),
    ...problems.map((message) => `    problem       ${message}`),
  ].join('\n');
}
