// The probe contract, version 1 (docs/probe-contract.md): what a probe reports and what it is told.
import type { Json, JsonObject } from '../base/json.ts';
import type { InvocationType } from '../result/evidence.ts';

/** The body of `POST {url}/v1/invocations`. */
export interface ProbeInvocation {
  readonly v: 1;
  readonly type: InvocationType;
  /** Unique for each run of the handler. */
  readonly invocationId: string;
  /** What the host still grants, in milliseconds. */
  readonly remainingMs?: number;
  /** Verbatim. */
  readonly event: JsonObject;
}

/** What the runner answers. */
export type ProbeAnswer =
  | { readonly v: 1; readonly return: Json }
  | { readonly v: 1; readonly throw: string };
