// The upgrade request as text: a right one by default, and any wrong one that is asked for. What was
// offered is read back from the text, so that there is one truth also for requests written by hand.
import { newKey } from './accept-key.ts';
import { extensionNames, headerValues, splitList, trimSpace } from './header-list.ts';
import type { HeaderField } from './transcript.ts';

/** A header to send. `undefined` leaves a header of the handshake's own out. */
export interface RequestHeader {
  readonly name: string;
  readonly value: string | undefined;
}

/** The parts of an upgrade request that a caller decides. */
export interface RequestOptions {
  /** @default 'GET' */
  readonly method?: string;
  /** Path and query, as it stands on the request line. @default those of the URL */
  readonly target?: string;
  /**
   * Sent in order, repeated ones repeatedly. One that the handshake has itself (`Host`, `Upgrade`,
   * `Connection`, `Sec-WebSocket-*`; any spelling) replaces it and takes its place.
   */
  readonly headers: readonly RequestHeader[];
  /** Offered in order, in one header joined by `, `. */
  readonly subprotocols: readonly string[];
  /** The text of `Sec-WebSocket-Extensions`. @default nothing is offered */
  readonly extensions?: string | undefined;
  /** `Sec-WebSocket-Key`. @default 16 fresh random bytes in base64 */
  readonly key?: string | undefined;
  /** The whole request, sent as it stands in UTF-8; everything else is then ignored. */
  readonly raw?: string | undefined;
}

/** What a request offers, as a server reads it. */
export interface Offer {
  readonly method: string;
  readonly keys: readonly string[];
  readonly subprotocols: readonly string[];
  readonly extensions: readonly string[];
}

/** The request as text, line ends included. */
export function buildRequest(url: URL, options: RequestOptions): string {
  if (options.raw !== undefined) return options.raw;
  const target = options.target ?? `${url.pathname}${url.search}`;
  const lines = mergeHeaders(ownHeaders(url, options), options.headers);
  const head = [`${options.method ?? 'GET'} ${target} HTTP/1.1`];
  for (const [name, value] of lines) head.push(`${name}: ${value}`);
  return `${head.join('\r\n')}\r\n\r\n`;
}

/** Reads a request as a server does: never fails, what is not a header line offers nothing. */
export function readOffer(request: string): Offer {
  const [requestLine = '', ...lines] = headOf(request).split(/\r?\n/);
  const headers = lines.flatMap(readHeaderLine);
  const list = (name: string): readonly string[] => headerValues(headers, name);
  return {
    method: requestLine.split(' ')[0] ?? '',
    keys: list('sec-websocket-key'),
    subprotocols: list('sec-websocket-protocol').flatMap(splitList),
    extensions: list('sec-websocket-extensions').flatMap(extensionNames),
  };
}

function ownHeaders(url: URL, options: RequestOptions): readonly HeaderField[] {
  const { subprotocols, extensions, key = newKey() } = options;
  const headers: HeaderField[] = [
    ['Host', url.host],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Key', key],
    ['Sec-WebSocket-Version', '13'],
  ];
  if (subprotocols.length > 0) headers.push(['Sec-WebSocket-Protocol', subprotocols.join(', ')]);
  if (extensions !== undefined) headers.push(['Sec-WebSocket-Extensions', extensions]);
  if (url.username !== '') headers.push(['Authorization', basicCredentials(url)]);
  return headers;
}

function basicCredentials(url: URL): string {
  const pair = `${decodeQuietly(url.username)}:${decodeQuietly(url.password)}`;
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}

function decodeQuietly(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `own` with what `given` replaces or leaves out, then the rest of `given`. */
export function mergeHeaders(
  own: readonly HeaderField[],
  given: readonly RequestHeader[],
): readonly HeaderField[] {
  const named = (name: string): readonly RequestHeader[] =>
    given.filter((header) => header.name.toLowerCase() === name.toLowerCase());
  const isOwn = (name: string): boolean =>
    own.some(([other]) => other.toLowerCase() === name.toLowerCase());
  const replaced = own.flatMap(([name, value]): readonly HeaderField[] => {
    const instead = named(name);
    return instead.length === 0 ? [[name, value]] : instead.flatMap(toField);
  });
  return [...replaced, ...given.filter(({ name }) => !isOwn(name)).flatMap(toField)];
}

function toField({ name, value }: RequestHeader): readonly HeaderField[] {
  return value === undefined ? [] : [[name, value]];
}

function headOf(request: string): string {
  const end = /\r?\n\r?\n/.exec(request);
  return end === null ? request : request.slice(0, end.index);
}

function readHeaderLine(line: string): readonly HeaderField[] {
  const colon = line.indexOf(':');
  if (colon <= 0) return [];
  return [[line.slice(0, colon), trimSpace(line.slice(colon + 1))]];
}
