// One attempt of a load, when nothing more will happen to it on the wire. Times in milliseconds from the
// start of the first phase; NaN: it never came to that.

/** An attempt, as its generator tells of it once. */
export interface LoadAttempt {
  /** Its place in the whole schedule, from 0. */
  readonly number: number;
  /** Indexes into the plan's phases, endpoints and endings. */
  readonly phase: number;
  readonly endpoint: number;
  readonly ending: number;
  /** `aborted` on purpose in the middle of the handshake; `unsent`: due, and never started. */
  readonly outcome: LoadOutcome;
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  readonly subprotocol: string | undefined;
  readonly dueMs: number;
  readonly startMs: number;
  readonly connectedMs: number;
  readonly securedMs: number;
  readonly sentMs: number;
  readonly firstByteMs: number;
  /** The head of the answer was complete; of one that opened also the moment `opened`. */
  readonly answeredMs: number;
  readonly closingMs: number;
  readonly closedMs: number;
  readonly closedBy: 'client' | 'server' | undefined;
  readonly closedHow: 'close-frame' | 'fin' | 'reset' | undefined;
  /** Of the server's close frame; 1005 if it was empty, 1006 without one. */
  readonly closeCode: number | undefined;
  /** We ended it, as its ending says, before the server did. */
  readonly endedByUs: boolean;
}

/** How an attempt came out. */
export type LoadOutcome =
  | 'opened'
  | 'refused'
  | 'dropped'
  | 'invalid'
  | 'timeout'
  | 'unreachable'
  | 'aborted'
  | 'unsent';
