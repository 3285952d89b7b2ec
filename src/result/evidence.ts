// Evidence of one case: the client's transcript and the backend's events on one timeline.
import type { Json } from '../base/json.ts';
import type { HeaderField, Payload, WireRecord } from '../wire/transcript.ts';

/** Which connection of the case a record belongs to; `member` counts from 0 within a group. */
export interface OfConnection {
  readonly connection: string;
  readonly member: number;
}

/** The type of an invocation, as the probe contract spells it. */
export type InvocationType = 'AUTHORIZER' | 'CONNECT' | 'MESSAGE' | 'DISCONNECT';

/** The backend was invoked, was let go, has answered. */
export interface InvocationRecord extends OfConnection {
  readonly kind: 'invocation';
  readonly atUs: number;
  readonly type: InvocationType;
  /** `abandoned`: the answer could not be delivered because the caller had gone. */
  readonly phase: 'started' | 'released' | 'ended' | 'abandoned';
  readonly invocationId: string;
  /** With `started`: the event verbatim (redacted). */
  readonly event?: Json;
  /** With `ended`: what was answered. */
  readonly answer?: Json;
  /** Whose clock stamped it. */
  readonly clock: 'runner' | 'platform';
  /** With `released` of a scripted probe: not before this instant, by what it was told to wait. */
  readonly planned?: true;
  /** With `ended` of a scripted probe: why it did not do what it was told. */
  readonly problem?: string;
}

/** A management call goes out. */
export interface CallRecord extends OfConnection {
  readonly kind: 'call';
  readonly atUs: number;
  readonly name: string;
  readonly verb: string;
  readonly method: string;
  readonly url: string;
  readonly body?: string;
}

/** Its answer, or why there is none. */
export interface AnswerRecord extends OfConnection {
  readonly kind: 'answer';
  readonly atUs: number;
  readonly name: string;
  readonly status?: number;
  readonly headers?: readonly HeaderField[];
  readonly body?: Payload;
  readonly failure?: string;
}

/** What the driver did. */
export interface StepRecord extends OfConnection {
  readonly kind: 'step';
  readonly atUs: number;
  /** `2`, `4.1` inside a block; counted from 1. */
  readonly index: string;
  readonly verb: string;
  readonly phase: 'begun' | 'ended' | 'deadline' | 'impossible' | 'prevented';
  readonly message?: string;
}

/** One record of a case. */
export type EvidenceRecord = { readonly seq: number } & (
  | (WireRecord & OfConnection)
  | InvocationRecord
  | CallRecord
  | AnswerRecord
  | StepRecord
);

/** A connection that the case created (or would have created). */
export interface ConnectionInfo {
  readonly name: string;
  readonly members: number;
  /** Offered in the request, as sent. */
  readonly subprotocols: readonly string[];
}

/** Why driving ended before the last step. */
export interface Interruption {
  /** `target`: a step could not be done because of what the endpoint did; `tool`: anything else. */
  readonly cause: 'target' | 'tool';
  readonly step: string;
  readonly message: string;
}

/** All that a judge sees. */
export interface Evidence {
  readonly connections: readonly ConnectionInfo[];
  /** In order of `seq`; `atUs` never decreases but for records of a platform clock. */
  readonly records: readonly EvidenceRecord[];
  /** When the last step ended; undefined while steps are running. */
  readonly stepsEndedAtUs: number | undefined;
  readonly interruption: Interruption | undefined;
  /** The backend's events carry the stamps of another clock: they may come late and out of order. */
  readonly isPlatform?: true;
  /** How far the platform's clock may be off the runner's, in microseconds; absent: not measured. */
  readonly clockBoundUs?: number;
  /** How coarse the platform's stamps are, in microseconds; absent: a millisecond. */
  readonly clockTickUs?: number;
  /** Nothing of these is known in the backend: that no event came says nothing. */
  readonly unrecognised?: readonly OfConnection[];
  /** Something was done after the end of a scripted hold: how long that was and had to be, as a sentence. */
  readonly shortHold?: string;
}
