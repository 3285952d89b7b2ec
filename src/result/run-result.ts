// One run as one value. Every report is made from it alone, here and now or later and elsewhere.

import type { BaselineInfo, StaleEntry } from './baseline.ts';
import type { ConnectionInfo, EvidenceRecord } from './evidence.ts';
import type { Finding, Verdict } from './finding.ts';
import type { Judging } from './judging.ts';
import type { LoadResult } from './load-result.ts';

/** The version of this shape; a reader refuses a newer one. */
export const SCHEMA_VERSION = 1;

/** A source that a requirement cites. */
export interface Citation {
  readonly title: string;
  readonly url?: string;
  readonly quote?: string;
  /** Its gist in our words, where it is not quoted. */
  readonly note?: string;
}

/** What a requirement says, carried along so that a report needs no other file. */
export interface RequirementInfo {
  readonly level: 'must' | 'should' | 'may';
  readonly statement: string;
  readonly confidence?: string;
  readonly sources: readonly Citation[];
}

/** The target as a report shows it; URLs are redacted. */
export interface TargetInfo {
  readonly name: string;
  readonly title: string;
  readonly version?: string;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly management?: string;
  readonly features: readonly string[];
  /** TLS verification was switched off. */
  readonly insecure: boolean;
  /** The proxies and addresses it was reached through, as text; absent: the straight way. */
  readonly route?: readonly string[];
  readonly launched: boolean;
  /** It tells what its backend is called with; absent: not known. */
  readonly observed?: boolean;
}

/** One case and what its checks concluded. */
export interface CaseResult {
  readonly id: string;
  readonly scenario: string;
  readonly file: string;
  readonly title: string;
  readonly description?: string;
  readonly axes: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly isolation: 'shared' | 'exclusive' | 'destructive';
  readonly startedAtUs: number;
  readonly durationUs: number;
  readonly findings: readonly Finding[];
  readonly connections: readonly ConnectionInfo[];
  readonly records: readonly EvidenceRecord[];
  /** How its checks were decided; absent where it was not driven, or by a load. */
  readonly judging?: Judging;
  /** What a load came to, where one drove the case; it has no records then. */
  readonly load?: LoadResult;
  /** One line to copy that runs this case again, alone. */
  readonly rerun: string;
  /** The launched target died while this case ran. */
  readonly targetDied?: string;
}

/** The part of a run that this one is. */
export interface ShardInfo {
  /** From 1. */
  readonly index: number;
  readonly of: number;
  /** How many cases all parts have together, also those that do not apply. */
  readonly cases: number;
  /** SHA-256 of all their ids and checks: parts of one run have the same. */
  readonly plan: string;
}

/** A part that was merged into a run. */
export interface MergedShard {
  readonly index: number;
  readonly runId: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly command: string;
  readonly seed: string;
}

/** Something that kept the run from testing what it should. */
export interface RunProblem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** A whole run. */
export interface RunResult {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly tool: { readonly name: 'ws-assay'; readonly version: string };
  /** E.g. `20261122-193501-7f3k`. */
  readonly runId: string;
  readonly startedAt: string;
  readonly durationMs: number;
  /** The command line that made it, redacted. */
  readonly command: string;
  readonly seed: string;
  readonly policy: { readonly failOn: 'must' | 'should' };
  readonly environment: { readonly node: string; readonly platform: string; readonly arch: string };
  readonly suite?: { readonly name: string; readonly title: string; readonly version?: string };
  readonly target: TargetInfo;
  /** Present where the run is a part of one. */
  readonly shard?: ShardInfo;
  /** Present where the run was put together from parts, in their order. */
  readonly merged?: readonly MergedShard[];
  /** The known deviations of the target, where it has a baseline. */
  readonly baseline?: BaselineInfo;
  readonly requirements: Readonly<Record<string, RequirementInfo>>;
  readonly cases: readonly CaseResult[];
  /** Planned cases that never ran (interrupted, target gone), by id. */
  readonly notRun: readonly string[];
  readonly problems: readonly RunProblem[];
  readonly interrupted: boolean;
  /** Entries of the baseline that no finding answers to; each fails the run. */
  readonly stale?: readonly StaleEntry[];
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly exitCode: number;
}
