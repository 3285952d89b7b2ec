// What the client did and saw on one connection, in order, as plain values. What we do is stamped
// before we do it, what we see after we have seen it: a cause never stands after its effect.
import type { Violation } from './handshake.ts';

/** Bytes that were sent or seen, as JSON: text where they are valid UTF-8, else hexadecimal. */
export interface Payload {
  /** The true length in bytes, also where the content below was cut. */
  readonly bytes: number;
  readonly text?: string;
  readonly hex?: string;
  /** Present when only the beginning was kept. */
  readonly truncated?: true;
  /** SHA-256 of all bytes, in hexadecimal; present with `truncated`. */
  readonly sha256?: string;
}

/** A header as it stood on the wire, spelling and order kept. */
export type HeaderField = readonly [name: string, value: string];

/** An HTTP answer to the upgrade request. */
export interface ResponseHead {
  /** E.g. `HTTP/1.1`; empty when the bytes were not HTTP. */
  readonly version: string;
  /** 0 when the bytes were not HTTP. */
  readonly status: number;
  /** May be empty. */
  readonly phrase: string;
  readonly headers: readonly HeaderField[];
}

/** The phases of connecting, each with an absolute deadline. */
export type Phase = 'dns' | 'tcp' | 'proxy' | 'tls' | 'request' | 'firstByte' | 'head' | 'closing';

/** Why there was no answer. */
export interface ConnectFailure {
  /** `unreachable`: no TCP/TLS connection. `dropped`: ended without a complete answer. `timeout`: too late. */
  readonly outcome: 'unreachable' | 'dropped' | 'timeout';
  readonly phase: Phase;
  /** A system or OpenSSL code such as `ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT`; else our own. */
  readonly code: string;
  /** One sentence. */
  readonly message: string;
}

/** One thing that happened on one connection. `atUs` is on the run's monotonic clock. */
export type WireRecord = { readonly atUs: number } & (
  | {
      readonly kind: 'connecting';
      readonly host: string;
      readonly port: number;
      readonly secure: boolean;
    }
  | { readonly kind: 'resolved'; readonly address: string }
  /** The way to the endpoint stands; with `proxy` it leads through that proxy, whose address is `remote`. */
  | {
      readonly kind: 'tcp';
      readonly localPort: number;
      readonly remote: string;
      readonly proxy?: string;
    }
  | {
      readonly kind: 'tls';
      readonly version: string;
      readonly cipher: string;
      readonly alpn: string | undefined;
      /** False only with `insecure`; `problem` then names what verification found. */
      readonly verified: boolean;
      readonly problem?: string;
    }
  /** The upgrade request, stamped when its writing begins. Redacted like everything kept. */
  | { readonly kind: 'request'; readonly raw: Payload; readonly key: string | undefined }
  /** The request is handed to the kernel. */
  | { readonly kind: 'sent' }
  | { readonly kind: 'firstByte' }
  /** An interim 1xx answer other than 101. */
  | { readonly kind: 'interim'; readonly head: ResponseHead; readonly raw: Payload }
  /** The final answer's head is complete. `opened` is true for a 101 without violations. */
  | {
      readonly kind: 'response';
      readonly head: ResponseHead;
      readonly raw: Payload;
      readonly opened: boolean;
      readonly violations: readonly Violation[];
    }
  /** The body of a refusal, as far as it was kept (8 KiB). */
  | { readonly kind: 'body'; readonly body: Payload }
  | {
      readonly kind: 'frame';
      readonly direction: 'in' | 'out';
      readonly opcode: number;
      readonly fin: boolean;
      /** The three reserved bits as a number, 0 to 7. */
      readonly rsv: number;
      readonly masked: boolean;
      readonly payload: Payload;
      /** Of a close frame; `code` is absent when its payload was empty. */
      readonly close?: { readonly code?: number; readonly reason: string };
    }
  /** A complete data message came in (one or more frames). */
  | {
      readonly kind: 'message';
      readonly binary: boolean;
      readonly payload: Payload;
      readonly fragments: number;
    }
  /** Bytes that are not what RFC 6455 allows after the handshake; the client then fails the connection. */
  | {
      readonly kind: 'protocolError';
      readonly code: string;
      readonly message: string;
      readonly closeCode: number;
      readonly bytes: Payload;
    }
  | { readonly kind: 'fin'; readonly direction: 'in' | 'out' }
  | { readonly kind: 'reset'; readonly direction: 'in' | 'out'; readonly code: string }
  /** From here on the client neither reads nor writes. */
  | { readonly kind: 'silence' }
  | ({ readonly kind: 'failure' } & ConnectFailure)
  /** The socket is gone. */
  | { readonly kind: 'closed' }
);
