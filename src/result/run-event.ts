// The stream of a run, one JSON object a line in journal.ndjson; a RunResult is folded from it.
import type { AttemptCounts, LoadSecond } from './load-result.ts';
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
  | 'shard'
  | 'merged'
  | 'baseline'
  | 'requirements'
>;

/** A second of a load with what there was until then. */
export interface LoadProgress extends LoadSecond {
  /** Since the beginning. */
  readonly total: AttemptCounts;
  /** What it does now: the name of a phase, or `drain`. */
  readonly phase: string;
  /** Of its connections that ended: told to the backend so far. */
  readonly told?: { readonly ended: number; readonly delivered: number };
}

/** One event. */
export type RunEvent =
  | { readonly event: 'run-started'; readonly head: RunHead; readonly planned: readonly string[] }
  | { readonly event: 'case-started'; readonly id: string; readonly atUs: number }
  /** Once a second while a load runs: what a kill leaves of it. */
  | { readonly event: 'load-second'; readonly id: string; readonly second: LoadProgress }
  | { readonly event: 'case-ended'; readonly result: CaseResult }
  | { readonly event: 'problem'; readonly problem: RunProblem }
  | { readonly event: 'run-ended'; readonly durationMs: number; readonly interrupted: boolean };
