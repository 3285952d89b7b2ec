// What a check concluded, with expected and actual as data.
import type { Json } from '../base/json.ts';
import type { SourceSpan } from '../base/source-span.ts';
import type { BaselineOverlay } from './baseline.ts';

/** How a check came out. `status` is what happened; a baseline may later say it was expected. */
export type Verdict =
  | 'passed'
  | 'failed'
  | 'warned'
  | 'recorded'
  | 'skipped'
  | 'not-applicable'
  | 'errored'
  | 'inconclusive';

/** The conclusion of one check of one case. */
export interface Finding {
  /** The check's id within its scenario. */
  readonly check: string;
  readonly verdict: Verdict;
  readonly level: 'must' | 'should' | 'may';
  readonly title?: string;
  readonly requirement?: string;
  /** One sentence: what was seen, or why nothing could be decided. */
  readonly message: string;
  /** What was asked for, as text: `status 401 or 403`. */
  readonly expected: string;
  /** What was seen, as data: `{ "handshake.status": 101 }`. */
  readonly actual: Readonly<Record<string, Json>>;
  /**
   * With `failed` and `warned`: what of `actual` is the same in every run, without times, ids and
   * nonces. A baseline is compared with it.
   */
  readonly deviation?: Readonly<Record<string, Json>>;
  /** What the target's baseline says of it; only where it has an entry. */
  readonly baseline?: BaselineOverlay;
  /** With `not-applicable`: the feature; with `skipped`, `errored`: the cause. */
  readonly reason?: string;
  readonly span: SourceSpan;
  /** `seq` of the records that decided it. */
  readonly evidence: readonly number[];
}
