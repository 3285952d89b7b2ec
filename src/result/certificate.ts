// A certificate as one value: what a run of a frozen profile says of an implementation. It follows from the run alone.
import type { Json } from '../base/json.ts';
import type { Verdict } from './finding.ts';
import type { RunResult } from './run-result.ts';

/** The version of this shape; a reader refuses another one. */
export const CERTIFICATE_VERSION = 1;

/** How many checks came out how. */
export interface CheckTally {
  readonly total: number;
  readonly passed: number;
  /** Anything else that was decided against it, or was not decided. */
  readonly failed: number;
  readonly warned: number;
  readonly recorded: number;
  readonly notApplicable: number;
}

/** One part of the profile. */
export interface CertifiedPart {
  readonly name: string;
  readonly title: string;
  /**
   * `passed`: all of the core holds, and all that applies of the rest; `partial`: not all of the core applies;
   * `not-supported`: none of it does.
   */
  readonly status: 'passed' | 'failed' | 'partial' | 'not-supported';
  readonly core: CheckTally;
  readonly extended: CheckTally;
}

/** What the target told the plan: which checks apply, and with which values, follows from it. */
export interface CertifiedInputs {
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  readonly vars: Readonly<Record<string, Json>>;
}

/** A check that is told by name. */
export interface NamedVerdict {
  /** `<case>#<check>`. */
  readonly check: string;
  readonly part: string;
  readonly isCore: boolean;
  readonly verdict: Verdict;
  readonly message: string;
  readonly requirement?: string;
}

/** A certificate. */
export interface Certificate
  extends Pick<
    RunResult,
    'runId' | 'startedAt' | 'durationMs' | 'command' | 'seed' | 'environment' | 'tool'
  > {
  readonly certificateVersion: typeof CERTIFICATE_VERSION;
  readonly verdict: 'certified' | 'not-certified';
  /** Why it is not certified, each a clause; empty where it is. */
  readonly reasons: readonly string[];
  readonly profile: {
    /** `aws-apigateway@2026.1`. */
    readonly name: string;
    readonly title: string;
    /** SHA-256 of all that it rests on. */
    readonly hash: string;
  };
  readonly implementation: {
    readonly name: string;
    readonly title: string;
    readonly version: string;
    readonly launched: boolean;
    /** TLS was not verified. */
    readonly insecure: boolean;
  };
  readonly parts: readonly CertifiedPart[];
  /** Every check that failed, and every SHOULD that was not met. */
  readonly deviations: readonly NamedVerdict[];
  /** How many checks each feature kept out that the target does not have. */
  readonly notApplicable: Readonly<Record<string, number>>;
  readonly inputs: CertifiedInputs;
  /** Loads by case: but for estimates their thresholds cannot be judged again, because a result keeps no attempts. */
  readonly notRecomputed: readonly string[];
}
