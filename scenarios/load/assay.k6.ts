// What the scripts in this folder, and those that `ws-assay export k6` writes, share: one attempt to connect in
// k6, and what is told of it so that `ws-assay import k6` can judge. For k6 1.6 or newer.
import crypto from 'k6/crypto';
import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
import { clearInterval, clearTimeout, setInterval, setTimeout } from 'k6/timers';
import { type ErrorEvent, type Params, WebSocket } from 'k6/websockets';

/** One attempt: where to, and what becomes of a connection that opens. */
export interface Attempt {
  /** Its place in the whole schedule, from 0. */
  readonly number: number;
  /** Its place among the endings of the scenario, from 0. */
  readonly ending?: number;
  /** Its place among the endpoints of the scenario, from 0. */
  readonly endpoint?: number;
  readonly url: string;
  readonly subprotocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** How long it stays open. */
  readonly openForMs: number;
  /** Of the close frame; without a code an empty one. 1000, or 3000 to 4999. */
  readonly close?: { readonly code?: number; readonly reason?: string };
  /** An attempt without an answer by then has timed out. */
  readonly timeoutMs: number;
  readonly message?: { readonly text: string; readonly everyMs: number };
  readonly pingEveryMs?: number;
}

// The types of k6 2.3 lag behind what k6 does: offers, the timestamp of `open`, the code of `close`.
interface OpenEvent {
  readonly timestamp?: number;
}
interface CloseEvent {
  readonly code?: number;
  readonly reason?: string;
}
const Socket = WebSocket as unknown as new (
  url: string,
  protocols: readonly string[] | null,
  params: Params,
) => WebSocket;

const attempts = new Counter('assay_attempts');

/** Connects, holds, ends; one point of `assay_attempts` tells what became of it. */
export function attempt(one: Attempt): void {
  const { metadata } = exec.vu.metrics;
  const begun = {
    n: one.number,
    x: one.ending ?? 0,
    e: one.endpoint ?? 0,
    at: exec.scenario.startTime,
  };
  const seen = {
    startMs: Date.now(),
    openMs: 0,
    closingMs: 0,
    error: '',
    sent: 0,
    received: 0,
    pongs: 0,
  };
  const timers: number[] = [];
  let told = false;
  const tell = (outcome: string, code: number): void => {
    if (told) return;
    told = true;
    clearTimeout(deadline);
    for (const timer of timers) clearInterval(timer);
    metadata.assay = JSON.stringify({ ...begun, ...seen, outcome, code, endMs: Date.now() });
    attempts.add(1);
  };
  // What k6 itself tells of this attempt carries its number, too.
  metadata.assay = JSON.stringify(begun);
  const protocols =
    one.subprotocols === undefined || one.subprotocols.length === 0 ? null : one.subprotocols;
  const socket = new Socket(one.url, protocols, {
    headers: { ...one.headers },
    tags: { name: 'connect' },
  });
  const deadline = setTimeout(() => tell('timeout', 0), one.timeoutMs);
  const end = (): void => {
    if (socket.readyState !== 1) return;
    seen.closingMs = Date.now();
    const { code, reason } = one.close ?? {};
    if (code === undefined) socket.close();
    else socket.close(code, reason ?? '');
  };
  socket.addEventListener('open', (event) => {
    clearTimeout(deadline);
    seen.openMs = (event as OpenEvent).timestamp ?? Date.now();
    // It was given up meanwhile.
    if (told) return socket.close();
    const { message, pingEveryMs } = one;
    if (message !== undefined) {
      timers.push(
        setInterval(() => {
          socket.send(message.text);
          seen.sent += 1;
        }, message.everyMs),
      );
    }
    if (pingEveryMs !== undefined) timers.push(setInterval(() => socket.ping(), pingEveryMs));
    timers.push(setTimeout(end, one.openForMs));
  });
  socket.addEventListener('message', () => {
    seen.received += 1;
  });
  socket.addEventListener('pong', () => {
    seen.pongs += 1;
  });
  socket.addEventListener('error', (event) => {
    seen.error = (event as ErrorEvent).error;
  });
  socket.addEventListener('close', (event) => {
    const code = codeOf(event as unknown as CloseEvent, seen.error);
    if (seen.openMs > 0) tell('opened', code);
    else tell(seen.error === 'websocket: bad handshake' ? 'refused' : 'failed', 0);
  });
}

// 0: no close frame came. k6 before 1.5 gives no code and no reason: most codes it names in its error; of 1000, 1001 and a reset it says
// nothing, which is -1.
function codeOf({ code, reason }: CloseEvent, error: string): number {
  if (code !== undefined) return code;
  if (reason !== undefined) return 0;
  const [, named = '-1'] = /^websocket: close (\d{4})/.exec(error) ?? [];
  return Number(named);
}

/** The index of one among shares that add up to 1: the same for the same number in every run. */
export function pick(
  shares: readonly number[],
  keys: readonly [number, number, number, number],
  number: number,
): number {
  const [a, b, c, d] = keys;
  const high = mix(mix(number ^ a) + b);
  const low = mix(mix(number ^ c) + d);
  const drawn = (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
  let sum = 0;
  for (let index = 0; index < shares.length - 1; index += 1) {
    sum += shares[index] ?? 0;
    if (drawn < sum) return index;
  }
  return Math.max(0, shares.length - 1);
}

function mix(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0xd35a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** The nonce by which the backend's events find their attempt: 19 characters of the run, 7 of the number. */
export function nonce(prefix: string, number: number): string {
  let digits = '';
  for (let rest = number, at = 0; at < 7; at += 1, rest = Math.floor(rest / 32)) {
    digits = `${ALPHABET.charAt(rest % 32)}${digits}`;
  }
  return `${prefix}${digits}`;
}

/** A value from the environment. Throws when it is not set: credentials stand nowhere else. */
export function env(name: string): string {
  const value = __ENV[name];
  if (value === undefined || value === '') throw new Error(`set ${name} in the environment`);
  return value;
}

/** Who signs, for whom. */
export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
  readonly service?: string;
  /** @default 300 */
  readonly expiresInS?: number;
}

/**
 * A URL presigned with AWS Signature Version 4, as `wss://` endpoints with AWS_IAM take it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function presigned(url: string, signer: Signer, now: Date = new Date()): string {
  const [, scheme = '', host = '', path = '', query = ''] =
    /^(wss?:\/\/)([^/?]+)([^?]*)\??(.*)$/.exec(url) ?? [];
  const { accessKeyId, secretAccessKey, sessionToken, region, service = 'execute-api' } = signer;
  const date = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const day = date.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const parameters = query
    .split('&')
    .filter((one) => one !== '')
    .map((one) => {
      const [name = '', ...value] = one.split('=');
      return [decodeURIComponent(name), decodeURIComponent(value.join('='))] as const;
    });
  const all = [
    ...parameters,
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'] as const,
    ['X-Amz-Credential', `${accessKeyId}/${scope}`] as const,
    ['X-Amz-Date', date] as const,
    ['X-Amz-Expires', String(signer.expiresInS ?? 300)] as const,
    ['X-Amz-SignedHeaders', 'host'] as const,
    ...(sessionToken === undefined ? [] : [['X-Amz-Security-Token', sessionToken] as const]),
  ];
  const pairs = all.map(([name, value]) => [escaped(name), escaped(value)] as const);
  pairs.sort(([a, x], [b, y]) => (a === b ? order(x, y) : order(a, b)));
  const canonicalQuery = pairs.map((pair) => pair.join('=')).join('&');
  const canonicalPath = (path === '' ? '/' : path).split('/').map(escaped).join('/');
  const request = [
    'GET',
    canonicalPath,
    canonicalQuery,
    `host:${host}\n`,
    'host',
    crypto.sha256('', 'hex'),
  ];
  const toSign = ['AWS4-HMAC-SHA256', date, scope, crypto.sha256(request.join('\n'), 'hex')].join(
    '\n',
  );
  let key: string | ArrayBuffer = `AWS4${secretAccessKey}`;
  for (const part of [day, region, service, 'aws4_request']) {
    key = crypto.hmac('sha256', key, part, 'binary');
  }
  const signature = crypto.hmac('sha256', key, toSign, 'hex');
  return `${scheme}${host}${path === '' ? '/' : path}?${canonicalQuery}&X-Amz-Signature=${signature}`;
}

// By code point, as the signature asks; not as a language sorts.
function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

// What encodeURIComponent leaves alone and RFC 3986 reserves.
function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
