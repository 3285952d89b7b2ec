// Judges the answer to an upgrade request as the client of RFC 6455 section 4.1 must. Pure: the
// socket is elsewhere.
import { acceptFor } from './accept-key.ts';
import { extensionNames, headerValues, splitList, trimSpace } from './header-list.ts';
import type { ResponseHead } from './transcript.ts';
import type { Offer } from './upgrade-request.ts';

/** Every violation that an answer can have, in the order in which they are looked for. */
export const VIOLATIONS = [
  'not-http',
  'bare-lf',
  'header-invalid',
  'head-too-large',
  'too-many-headers',
  'too-many-interim',
  'upgrade-missing',
  'connection-missing',
  'accept-mismatch',
  'extension-not-offered',
  'subprotocol-repeated',
  'subprotocol-not-offered',
] as const;

/**
 * What is wrong with an answer. The first six are about HTTP, of which `head-too-large` (64 KiB),
 * `too-many-headers` (200) and `too-many-interim` (16) are limits of ours; the rest are the reasons
 * for which RFC 6455 section 4.1 lets a client fail a connection after a 101.
 */
export type Violation = (typeof VIOLATIONS)[number];

/**
 * The violations of a 101, none for any other status: a refusal need not follow RFC 6455. What the
 * request offered is read from the request as it was sent.
 */
export function judgeAnswer(head: ResponseHead, offer: Offer): readonly Violation[] {
  if (head.status !== 101) return [];
  const found: Violation[] = [];
  if (!upgrades(head)) found.push('upgrade-missing');
  if (!connects(head)) found.push('connection-missing');
  if (!accepts(head, offer)) found.push('accept-mismatch');
  if (!extendsOnlyAs(head, offer)) found.push('extension-not-offered');
  return [...found, ...judgeSubprotocol(head, offer)];
}

/** The subprotocol that the answer selects; `undefined` without one. */
export function selectedSubprotocol(head: ResponseHead): string | undefined {
  return headerValues(head.headers, 'sec-websocket-protocol')[0];
}

/** The names of the extensions that the answer selects, in order. */
export function selectedExtensions(head: ResponseHead): readonly string[] {
  return headerValues(head.headers, 'sec-websocket-extensions').flatMap(extensionNames);
}

// "If the response lacks an |Upgrade| header field or the |Upgrade| header field contains a value
// that is not an ASCII case-insensitive match for the value "websocket", the client MUST _Fail the
// WebSocket Connection_."
function upgrades(head: ResponseHead): boolean {
  const values = headerValues(head.headers, 'upgrade');
  return values.length === 1 && values[0]?.toLowerCase() === 'websocket';
}

// "If the response lacks a |Connection| header field or the |Connection| header field doesn't
// contain a token that is an ASCII case-insensitive match for the value "Upgrade" …"
function connects(head: ResponseHead): boolean {
  const tokens = headerValues(head.headers, 'connection').flatMap(splitList);
  return tokens.some((token) => token.toLowerCase() === 'upgrade');
}

// "… a value other than the base64-encoded SHA-1 of the concatenation of the |Sec-WebSocket-Key| …
// but ignoring any leading and trailing whitespace". Section 11.3.3: it must not appear twice.
// Without a key in the request no value can be right.
function accepts(head: ResponseHead, offer: Offer): boolean {
  const values = headerValues(head.headers, 'sec-websocket-accept');
  const [value] = values;
  if (values.length !== 1 || value === undefined) return false;
  return keysToAnswer(offer.keys).some((key) => acceptFor(key) === trimSpace(value));
}

// A request with two keys is invalid; a server that opens all the same may have taken either, or
// both as the one list that HTTP makes of them.
function keysToAnswer(keys: readonly string[]): readonly string[] {
  return keys.length < 2 ? keys : [...keys, keys.join(', '), keys.join(',')];
}

// "If the response includes a |Sec-WebSocket-Extensions| header field and this header field
// indicates the use of an extension that was not present in the client's handshake …"
function extendsOnlyAs(head: ResponseHead, offer: Offer): boolean {
  return selectedExtensions(head).every((name) => offer.extensions.includes(name));
}

// Section 11.3.4: the header "MUST NOT appear more than once in an HTTP response"; 4.2.2: "The
// empty string is not the same as the null value for these purposes and is not a legal value".
function judgeSubprotocol(head: ResponseHead, offer: Offer): readonly Violation[] {
  const values = headerValues(head.headers, 'sec-websocket-protocol');
  const found: Violation[] = [];
  if (values.length > 1) found.push('subprotocol-repeated');
  if (!values.every((value) => offer.subprotocols.includes(value))) {
    found.push('subprotocol-not-offered');
  }
  return found;
}
