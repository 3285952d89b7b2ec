// What all attempts of a worker share: the read buffer, random bytes by the pool, requests with only the key and the
// nonce left open, and the memories of what servers say.
import { randomBytes, randomFillSync } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { acceptFor } from '../wire/accept-key.ts';
import { type AnswerMemo, type Asked, createAnswerMemo } from '../wire/answer-memo.ts';
import { encodeFrame, shortFrameText } from '../wire/frame.ts';
import type { Attempt } from './attempt.ts';
import { createFrameMemo, type FrameMemo } from './frame-memo.ts';
import { loadNonce } from './nonce.ts';
import type { LoadEndpoint, LoadPlan } from './plan.ts';
import type { SignedParts } from './request-signer.ts';
import { createRequestWriter } from './request-text.ts';
import type { SourcePorts } from './source-ports.ts';

/** Where attempts of an endpoint go. */
export interface WiredEndpoint {
  readonly address: string;
  readonly port: number;
  readonly tls:
    | {
        readonly context: SecureContext;
        readonly servername: string;
        readonly insecure: boolean;
        readonly resume: boolean;
      }
    | undefined;
}

/** What attempts share. */
export interface Wiring {
  /** Milliseconds since the first phase began. */
  readonly now: () => number;
  readonly buffer: Buffer;
  readonly endpoints: readonly WiredEndpoint[];
  readonly memos: readonly AnswerMemo[];
  /** Undefined: the kernel chooses. */
  readonly sources: SourcePorts | undefined;
  /** Something is sent while connections are open. */
  readonly isChatty: boolean;
  /** Requests of some endpoint are signed. */
  readonly isSigning: boolean;
  /** Signs before it is due; undefined where its endpoint asks for no signature. */
  signAhead(endpoint: number, number: number, dueMs: number): SignedParts | undefined;
  /** `signed`: what was signed before it was due. */
  request(
    endpoint: number,
    number: number,
    signed: SignedParts | undefined,
  ): { readonly text: string; readonly asked: Asked };
  /** What a close frame without a reason of its own carries. */
  reasonOf(endpoint: number, number: number): string | undefined;
  /** What one whole unfragmented frame at the beginning of a message means; undefined for anything else. */
  readonly wholeFrame: FrameMemo;
  /** A final frame under a fresh masking key; it and its payload as latin1 text. */
  frameText(opcode: number, payload: string): string;
  sessionOf(endpoint: number): Buffer | undefined;
  keepSession(endpoint: number, session: Buffer): void;
  /** The server has begun to close. */
  closing(attempt: Attempt): void;
}

const BUFFER_BYTES = 64 * 1024;
const POOL_BYTES = 16 * 1024;
const KEY_BYTES = 16;
// Of a frame whose length fits into its second byte.
const SHORT = 125;

/** Makes what the attempts of a plan share. */
export function createWiring(
  plan: LoadPlan,
  {
    wallMs,
    ...outside
  }: Pick<Wiring, 'now' | 'sources' | 'closing'> & { readonly wallMs: () => number },
): Wiring {
  const pool = createPool();
  const writers = plan.endpoints.map((one) =>
    createRequestWriter(one, { nonce: plan.nonce, wallMs }),
  );
  const sessions = new Map<number, Buffer>();
  return {
    ...outside,
    buffer: Buffer.allocUnsafeSlow(BUFFER_BYTES),
    endpoints: plan.endpoints.map(wire),
    memos: plan.endpoints.map(createAnswerMemo),
    isChatty: plan.messages !== undefined || plan.pings !== undefined,
    isSigning: writers.some(({ sign }) => sign !== undefined),
    signAhead: (endpoint, number, dueMs) =>
      writers[endpoint]?.sign?.(number, wallMs() + dueMs - outside.now()),
    request: (endpoint, number, signed) => {
      const key = pool.base64(KEY_BYTES);
      const text = writers[endpoint]?.write(number, key, signed) ?? '';
      const subprotocols = plan.endpoints[endpoint]?.subprotocols ?? [];
      return { text, asked: { key, accept: acceptFor(key), subprotocols } };
    },
    reasonOf: (endpoint, number) =>
      writers[endpoint]?.hasNonce === true ? loadNonce(plan.nonce, number) : undefined,
    wholeFrame: createFrameMemo(),
    frameText: (opcode, payload) => {
      if (payload.length <= SHORT) return shortFrameText(opcode, payload, pool.uint32());
      const bytes = Buffer.from(payload, 'latin1');
      const frame = { opcode, fin: true, rsv: 0, masked: true, payload: bytes };
      return encodeFrame(frame).toString('latin1');
    },
    sessionOf: (endpoint) => sessions.get(endpoint),
    keepSession: (endpoint, session) => void sessions.set(endpoint, session),
  };
}

function wire({ address, port, tls }: LoadEndpoint): WiredEndpoint {
  if (tls === undefined) return { address, port, tls };
  const { servername, insecure, resume, ca, cert, key } = tls;
  const context = createSecureContext({
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
  return { address, port, tls: { context, servername, insecure, resume } };
}

interface Pool {
  base64(bytes: number): string;
  uint32(): number;
}

// Random bytes, of which no two callers get the same.
function createPool(): Pool {
  const pool = randomBytes(POOL_BYTES);
  let at = 0;
  const take = (bytes: number): number => {
    if (at + bytes > POOL_BYTES) {
      randomFillSync(pool);
      at = 0;
    }
    at += bytes;
    return at - bytes;
  };
  return {
    base64: (bytes) => {
      const from = take(bytes);
      return pool.toString('base64', from, from + bytes);
    },
    uint32: () => pool.readUInt32BE(take(4)),
  };
}
