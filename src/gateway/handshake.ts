// Is this request a valid opening handshake (RFC 6455 section 4.2.1), and what does the 101 say
// (section 4.2.2)? Pure; the gateway asks here before ws is allowed to see anything.
import { createHash } from 'node:crypto';
import type { JsonObject } from '../base/json.ts';
import { type Refusal, refusal } from './http-answer.ts';
import { type HeaderField, hasToken, headerValues, type RequestHead } from './request-head.ts';

/** One requirement on the request and the refusal of a request that does not meet it. */
export interface HandshakeRule {
  readonly name: string;
  readonly holds: (head: RequestHead) => boolean;
  readonly refuse: () => Refusal;
}

/** The rules in the order in which they are applied. */
export const HANDSHAKE_RULES: readonly HandshakeRule[] = [
  // "The method of the request MUST be GET, and the HTTP version MUST be at least 1.1."
  { name: 'http-1.1', holds: (head) => head.version === '1.1', refuse: () => refusal(400) },
  // "A |Host| header field containing the server's authority."
  { name: 'host', holds: hasOneHost, refuse: () => refusal(400) },
  {
    name: 'method',
    holds: (head) => head.method === 'GET',
    refuse: () => refusal(405, [['Allow', 'GET']]),
  },
  // "An |Upgrade| header field containing the value "websocket", treated as ... case-insensitive"
  { name: 'upgrade', holds: (head) => hasToken(head, 'upgrade', 'websocket'), refuse: mustUpgrade },
  // "A |Connection| header field that includes the token "Upgrade""
  {
    name: 'connection',
    holds: (head) => hasToken(head, 'connection', 'upgrade'),
    refuse: mustUpgrade,
  },
  // Section 4.4: "an HTTP 426 ... and a |Sec-WebSocket-Version| header field indicating the
  // version(s) the server is capable of understanding."
  {
    name: 'version',
    holds: (head) => only(headerValues(head, 'sec-websocket-version')) === '13',
    refuse: () => refusal(426, [...UPGRADE_FIELDS, ['Sec-WebSocket-Version', '13']]),
  },
  // "a base64-encoded ... value that, when decoded, is 16 bytes in length."
  { name: 'key', holds: hasKey, refuse: () => refusal(400) },
];

/** The refusal of the first rule that does not hold; `undefined` for a valid handshake. */
export function judgeHandshake(
  head: RequestHead,
  rules: readonly HandshakeRule[] = HANDSHAKE_RULES,
): Refusal | undefined {
  return rules.find((rule) => !rule.holds(head))?.refuse();
}

/** True when a request asks for a WebSocket, however badly: the gateway then answers it itself. */
export function asksForUpgrade(head: RequestHead): boolean {
  return (
    hasToken(head, 'upgrade', 'websocket') ||
    hasToken(head, 'connection', 'upgrade') ||
    headerValues(head, 'upgrade').length > 0 ||
    head.headers.some(([name]) => /^sec-websocket-(key|version)$/i.test(name))
  );
}

/** Sec-WebSocket-Accept for a key: base64 of SHA-1 of the key and the GUID (section 4.2.2, 5.4). */
function acceptValue(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`).digest('base64');
}

/** What goes into a 101. */
export interface Acceptance {
  readonly head: RequestHead;
  /** What the integration chose. */
  readonly subprotocol: string | undefined;
  /** The integration's whole response, of which nothing else reaches the client. */
  readonly response: JsonObject | undefined;
  readonly wallMs: number;
}

/** The header fields of the 101, in the order in which API Gateway was seen to send them. */
export function acceptanceFields(acceptance: Acceptance): readonly HeaderField[] {
  const { head, subprotocol, wallMs } = acceptance;
  const [key = ''] = headerValues(head, 'sec-websocket-key');
  return [
    ['Date', new Date(wallMs).toUTCString()],
    ['Connection', 'upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Accept', acceptValue(key)],
    ...(subprotocol === undefined ? [] : [['Sec-WebSocket-Protocol', subprotocol] as const]),
  ];
}

/** What a request without an upgrade is told. */
export function mustUpgrade(): Refusal {
  return refusal(426, UPGRADE_FIELDS);
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

// RFC 9110 section 15.5.22: "The server MUST send an Upgrade header field in a 426 response".
const UPGRADE_FIELDS: readonly HeaderField[] = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade, close'],
];

function only(values: readonly string[]): string | undefined {
  return values.length === 1 ? values[0] : undefined;
}

function hasOneHost(head: RequestHead): boolean {
  return HOST.test(only(headerValues(head, 'host')) ?? '');
}

const HOST = /^(\[[0-9A-Fa-f:.]+\]|[^\s:/?#@[\]]+)(:\d*)?$/;

function hasKey(head: RequestHead): boolean {
  const key = only(headerValues(head, 'sec-websocket-key')) ?? '';
  return /^[+/0-9A-Za-z]{22}==$/.test(key);
}
