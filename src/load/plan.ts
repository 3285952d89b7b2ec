// What a load does, as one value that a worker process can be given: everything resolved, nothing looked up.
import type { SignableRequest, Signing } from '../wire/sigv4.ts';
import type { Tamper } from '../wire/tampered-signature.ts';

/** One stretch of the schedule. Rates per second; the rate of a ramp changes linearly. */
export type LoadPhase =
  | {
      readonly kind: 'rate';
      readonly name: string;
      readonly from: number;
      readonly to: number;
      readonly durationMs: number;
    }
  | { readonly kind: 'burst'; readonly name: string; readonly arrivals: number }
  | { readonly kind: 'pause'; readonly name: string; readonly durationMs: number };

/** How a connection ends, as scenarios spell it; `abort` ends it in the middle of the handshake. */
export type EndingKind = 'close' | 'fin' | 'reset' | 'silence' | 'deleteConnection' | 'abort';

/** One way of ending, and what share of the connections takes it (shares add up to 1). */
export interface LoadEnding {
  readonly share: number;
  readonly kind: EndingKind;
  /** Of a close frame. */
  readonly code?: number;
  readonly reason?: string;
}

/** Where to, and what is asked: the text of the request up to the key and the nonce. */
export interface LoadEndpoint {
  readonly share: number;
  readonly role: string;
  /** As dialled, resolved once: an address, never a name. */
  readonly address: string;
  readonly port: number;
  readonly tls?: {
    readonly servername: string;
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly insecure: boolean;
    /** Sessions are resumed: on request only, and reported. */
    readonly resume: boolean;
  };
  /**
   * The request with `{key}` and, where one is sent, `{nonce}` left open; where it is signed `{signed-target}` too, and with
   * the signature in the headers `{x-amz-date}` and `{authorization}`.
   */
  readonly request: string;
  readonly subprotocols: readonly string[];
  /** How each attempt is signed. */
  readonly sign?: LoadSigning;
}

/** What is signed: texts with `{nonce}` left open, each for the instant at which it is sent. */
export interface LoadSigning extends Pick<SignableRequest, 'method' | 'target' | 'headers'> {
  readonly by: Omit<Signing, 'dateMs'>;
  /** What the signature says beside that instant, in milliseconds. */
  readonly offsetMs: number;
  readonly tamper?: Tamper;
}

/** A whole load. */
export interface LoadPlan {
  readonly endpoints: readonly LoadEndpoint[];
  readonly phases: readonly LoadPhase[];
  readonly arrivals: 'even' | 'poisson';
  readonly seed: string;
  readonly openForMs: number;
  readonly endings: readonly LoadEnding[];
  /** Answer within this of the actual start, else the attempt timed out. */
  readonly timeoutMs: number;
  /** Sent while a connection is held. */
  readonly messages?: { readonly text: string; readonly everyMs: number };
  readonly pings?: { readonly everyMs: number };
  /** A connection that the server ended (or that was refused) is tried again, at most so often. */
  readonly reconnect?: {
    readonly afterMs: number;
    readonly jitterMs: number;
    readonly times: number;
  };
  /** Spin instead of timers: one core for a schedule error below 0.3 ms. */
  readonly precise: boolean;
  readonly workers: number;
  /** Own source addresses; empty: the kernel's choice (no port allocator then). */
  readonly sources: readonly string[];
  readonly nonce: string;
  /** Ends the run early when so large a share of the last 1000 attempts got no answer at all. */
  readonly breaker?: { readonly share: number };
}
