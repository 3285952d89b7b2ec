// One connection from dialling to the end of TCP: what a caller gives, gets and can do.
import type { Clock } from '../base/clock.ts';
import type { Redactor } from '../base/redact.ts';
import { ClientConnection } from './client-connection.ts';
import type { Deadlines } from './deadline.ts';
import type { TlsOptions } from './dial.ts';
import type { Frame } from './frame.ts';
import type { Violation } from './handshake.ts';
import type { Route } from './route.ts';
import type { ConnectFailure, Payload, ResponseHead, WireRecord } from './transcript.ts';
import type { RequestOptions } from './upgrade-request.ts';

/** What to open, and how. */
export interface ConnectionOptions {
  /** `ws:` and `http:` are plain, `wss:` and `https:` are TLS. */
  readonly url: string;
  readonly clock: Clock;
  /** Everything recorded passes it. */
  readonly redactor: Redactor;
  readonly request: RequestOptions;
  readonly deadlines: Deadlines;
  readonly tls?: TlsOptions | undefined;
  /** Overrides of DNS, and proxies. @default the straight way */
  readonly route?: Route | undefined;
  /** Source address. @default the system's choice */
  readonly localAddress?: string | undefined;
  /** Called for each record at once, in order; the first one comes after `openConnection` returned. */
  readonly onRecord: (record: WireRecord) => void;
}

/** How opening went. Heads, bodies and messages are redacted. */
export type Handshake =
  | {
      readonly outcome: 'opened' | 'refused' | 'invalid';
      readonly head: ResponseHead;
      readonly violations: readonly Violation[];
      /** Of a refusal that had one, up to 8 KiB; `truncated` without a hash: the rest was not read. */
      readonly body?: Payload;
    }
  | {
      readonly outcome: 'dropped' | 'timeout' | 'unreachable';
      readonly failure: ConnectFailure;
    };

/** `pending`: the request is sent and there is no answer yet. */
export type ConnectionState = 'connecting' | 'pending' | 'open' | 'closing' | 'closed';

/** A connection, from the moment it is dialled. */
export interface Connection {
  /** The request is handed to the kernel; false: it never was. Never rejects. */
  readonly sent: Promise<boolean>;
  /** Settles once, never rejects. After a refusal: when its body was read. */
  readonly answered: Promise<Handshake>;
  /** TCP has ended and the last record was emitted, or `dispose` was called. Never rejects. */
  readonly closed: Promise<void>;
  readonly state: ConnectionState;
  /** The deadlines of connecting stand still, e.g. while the backend holds its answer. */
  pauseDeadline(): void;
  resumeDeadline(): void;
  /**
   * Writes frames in one go, whatever the state; before the request is sent they wait for that.
   * False when nothing can be written any more.
   */
  send(frames: readonly Frame[]): boolean;
  /** The same for bytes, which are not recorded as frames. */
  sendBytes(bytes: Uint8Array): boolean;
  /**
   * Sends a close frame, waits for the server's and for FIN, and resets the connection when that
   * takes longer than `deadlineMs` (default: the deadline of `closing`, 5 s). False when a close
   * frame was sent before or nothing can be written.
   */
  close(code?: number, reason?: string, deadlineMs?: number): boolean;
  /**
   * Leaves without a closing handshake: FIN (and goes on reading, for as long as the server keeps
   * its side open), RST, or neither reading nor writing any more; `silence` lasts until `dispose`.
   * False when that is no longer possible.
   */
  drop(how: 'fin' | 'reset' | 'silence'): boolean;
  /** Clean-up: ends TCP at once and records nothing any more. */
  dispose(): void;
}

/** Opens a connection. */
export function openConnection(options: ConnectionOptions): Connection {
  const connection = new ClientConnection(options);
  // Not at once, so that the caller has the connection when the first record comes.
  queueMicrotask(() => connection.start());
  return connection;
}
