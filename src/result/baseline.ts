// Known deviations of a target, and what a run says of them.
import type { Json } from '../base/json.ts';
import type { SourceSpan } from '../base/source-span.ts';

/** One known deviation. */
export interface BaselineEntry {
  /** `<case>#<check>`; without brackets that check of every case of the scenario. */
  readonly check: string;
  readonly verdict: 'failed' | 'warned';
  /** Paths of the finding's `deviation` and their values; paths that are not named may be anything. */
  readonly actual: Readonly<Record<string, Json>>;
  readonly reason: string;
  /** Where it is tracked. */
  readonly issue?: string;
  /** `2027-03-01`: the last day, in UTC, on which it holds. */
  readonly expires: string;
  readonly span: SourceSpan;
}

/** The baseline that a run is held against. */
export interface BaselineInfo {
  readonly file: string;
  /** Those about checks that the run selected. */
  readonly entries: readonly BaselineEntry[];
  /** How many others there are. */
  readonly unselected: number;
}

/** How a check came out against its entry; all but `expected-failure` fail the run. */
export type BaselineState =
  | 'expected-failure'
  | 'failing-differently'
  | 'unexpected-pass'
  | 'expired'
  | 'not-judged';

/** What a baseline says of a finding. */
export interface BaselineOverlay {
  readonly state: BaselineState;
  /** One clause; with all states but `expected-failure`, what to do about it. */
  readonly message: string;
  readonly entry: BaselineEntry;
}

/** An entry that no finding answers to. */
export interface StaleEntry extends BaselineOverlay {
  /** The check it is about: of one case where the cases are known. */
  readonly check: string;
}

/** The check that a case has failed when the target's process ends; no scenario names it. */
export const SURVIVAL_CHECK = 'target-survives';
