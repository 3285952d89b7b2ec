// The stream of a run, one JSON object a line in journal.ndjson; a RunResult is folded from it.
import type { CaseResult, RunProblem, RunResult } from './run-result.ts';

/** The head of a run: everything of the result that is known before the first case. */
export type RunHead = Pick<
  RunResult,
  | 'schemaVersion'
  | 'tool'
  | 'runId'
  | 'startedAt'
  | 'command'
  | 'seed'
  | 'policy'
  | 'environment'
  | 'suite'
  | 'target'
  | 'baseline'
  | 'requirements'
>;

/** One event. */
export type RunEvent =
  | { readonly event: 'run-started'; readonly head: RunHead; readonly planned: readonly string[] }
  | { readonly event: 'case-started'; readonly id: string; readonly atUs: number }
  | { readonly event: 'case-ended'; readonly result: CaseResult }
  | { readonly event: 'problem'; readonly problem: RunProblem }
  | { readonly event: 'run-ended'; readonly durationMs: number; readonly interrupted: boolean };
