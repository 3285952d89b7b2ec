// What is known of one attempt: which it is, its instants, and what came of it.
import type { LoadAttempt, LoadOutcome } from '../result/load-attempt.ts';
import type { LoadEnding } from './plan.ts';
import type { SignedParts } from './request-signer.ts';

/** Where an attempt is; `silent`: it is never read from nor written to again. */
export type AttemptState =
  | 'connecting'
  | 'asked'
  | 'refused'
  | 'open'
  | 'closing'
  | 'silent'
  | 'ended';

/** How a connection ended on the wire. */
export type EndedHow = 'close-frame' | 'fin' | 'reset';

/** Which attempt it is. */
export interface AttemptIdentity {
  readonly number: number;
  readonly phase: number;
  readonly endpoint: number;
  readonly ending: number;
  readonly dueMs: number;
  /** How often it was tried before. */
  readonly tries: number;
  /** Signed before it was due. */
  readonly signed?: SignedParts | undefined;
}

/** The record of an attempt that has not begun. */
export class AttemptRecord implements LoadAttempt {
  readonly number: number;
  readonly phase: number;
  readonly endpoint: number;
  readonly ending: number;
  readonly dueMs: number;
  readonly tries: number;
  slot = -1;
  serial = -1;
  state: AttemptState = 'connecting';
  outcome: LoadOutcome = 'unreachable';
  /** Why there was no answer. */
  failure = '';
  status = 0;
  subprotocol: string | undefined = undefined;
  startMs = Number.NaN;
  connectedMs = Number.NaN;
  securedMs = Number.NaN;
  sentMs = Number.NaN;
  firstByteMs = Number.NaN;
  answeredMs = Number.NaN;
  closingMs = Number.NaN;
  closedMs = Number.NaN;
  closedBy: 'client' | 'server' | undefined = undefined;
  closedHow: EndedHow | undefined = undefined;
  closeCode: number | undefined = undefined;
  endedByUs = false;

  constructor(identity: AttemptIdentity) {
    this.number = identity.number;
    this.phase = identity.phase;
    this.endpoint = identity.endpoint;
    this.ending = identity.ending;
    this.dueMs = identity.dueMs;
    this.tries = identity.tries;
  }

  protected endedByClient(how: EndedHow): void {
    this.endedByUs = true;
    this.closedBy = 'client';
    this.closedHow = how;
  }

  protected endedByServer(how: EndedHow, nowMs: number): void {
    if (Number.isNaN(this.closingMs)) this.closingMs = nowMs;
    this.closedBy = 'server';
    this.closedHow = how;
    this.state = 'closing';
  }

  /** It was asked for, and not answered. */
  protected dropped(kind: string): void {
    if (this.outcome === 'timeout' || this.outcome === 'aborted') return;
    this.outcome = 'dropped';
    this.failure = kind;
  }
}

/** How an end is counted: as the ending that was asked for, or by who ended it, and how. */
export function endOf(
  { endedByUs, ending, closedBy, closedHow }: AttemptRecord,
  endings: readonly LoadEnding[],
): string {
  const kind = endings[ending]?.kind;
  return endedByUs && kind !== undefined ? kind : `${closedBy ?? 'client'} ${closedHow ?? 'reset'}`;
}
