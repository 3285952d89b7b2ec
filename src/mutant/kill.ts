// What a fault broke, against what it says it breaks. A fault that breaks more or less than it names
// is a mistake of ours: of the gateway, of a check, or of the list.
import type { RunProblem, RunResult } from '../result/run-result.ts';

/** A fault as the gateway lists it. */
export interface FaultSpec {
  readonly name: string;
  readonly description: string;
  /** `scenario#check`, sorted or not; without brackets it means: in at least one case. */
  readonly breaks: readonly string[];
  /**
   * Checks that cannot be decided because of it: they are about a connection that is only made after
   * another one has opened.
   */
  readonly prevents?: readonly string[];
}

/** How one fault came out. All lists are sorted `scenario#check`. */
export interface FaultVerdict {
  readonly fault: string;
  readonly kills: readonly string[];
  /** They could not be decided, whether it says so or not. */
  readonly open: readonly string[];
  /** It names them, and they were not broken (or not prevented). */
  readonly survived: readonly string[];
  /** It broke them without naming them. */
  readonly unexpected: readonly string[];
  /** They could not be decided, and it does not say that it prevents that. */
  readonly undecided: readonly string[];
  readonly problems: readonly string[];
  readonly durationMs: number;
  /** It was not exact beside others; this is what came of it when it was run again. */
  readonly again?: 'among few' | 'alone';
}

/** Judges one run against the gateway with one fault. */
export function judgeFault(fault: FaultSpec, result: RunResult): FaultVerdict {
  const kills = checksWith(result, ['failed', 'warned']);
  const open = checksWith(result, ['errored', 'inconclusive', 'skipped']);
  const { breaks, prevents = [] } = fault;
  return {
    fault: fault.name,
    kills,
    open,
    survived: [
      ...breaks.filter((check) => !kills.includes(check)),
      ...prevents.filter((check) => !open.includes(check)),
    ].toSorted(),
    unexpected: kills.filter((check) => !breaks.includes(check)),
    undecided: open.filter((check) => !prevents.includes(check)),
    problems: [...result.problems.map(problemLine), ...notRunLine(result.notRun)],
    durationMs: result.durationMs,
  };
}

/** True when the fault broke exactly what it names, and everything else was decided. */
export function isExact(verdict: FaultVerdict): boolean {
  const { survived, unexpected, undecided, problems } = verdict;
  return survived.length + unexpected.length + undecided.length + problems.length === 0;
}

/**
 * The checks of a clean run that can fail and that no fault breaks. A check that no mutant kills is
 * not a check.
 */
export function unkilledChecks(
  clean: RunResult,
  verdicts: readonly FaultVerdict[],
): readonly string[] {
  const killed = new Set(verdicts.flatMap(({ kills }) => kills));
  return checksWith(clean, ['passed']).filter((check) => !killed.has(check));
}

function problemLine({ message, hint }: RunProblem): string {
  return hint === undefined ? message : `${message} ${hint}`;
}

function notRunLine(notRun: readonly string[]): readonly string[] {
  const [first] = notRun;
  if (first === undefined) return [];
  const rest = notRun.length === 1 ? 'was' : `and ${notRun.length - 1} more were`;
  return [`${first} ${rest} not run`];
}

function checksWith(result: RunResult, verdicts: readonly string[]): readonly string[] {
  const found = result.cases.flatMap(({ scenario, findings }) =>
    findings
      .filter(({ verdict }) => verdicts.includes(verdict))
      .map(({ check }) => `${scenario}#${check}`),
  );
  return [...new Set(found)].toSorted();
}
