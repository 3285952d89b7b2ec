// The events that API Gateway gives to integrations and authorizers, key for key as it was seen to
// send them: what is not there is absent, not null.
import type { JsonObject } from '../base/json.ts';
import type { ValidApiKey } from './api-key.ts';
import type { Caller } from './iam.ts';
import { drawId } from './identifiers.ts';
import { type HeaderField, headerValues, queryOf, type RequestHead } from './request-head.ts';

/** What an authorizer said about the principal, as events repeat it. */
export type AuthorizerContext = Readonly<Record<string, string | number | boolean>>;

/** What stays the same in all events of a connection. */
export interface ConnectionFacts {
  readonly connectionId: string;
  readonly connectedAtMs: number;
  readonly apiId: string;
  readonly stage: string;
  readonly domainName: string;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  readonly authorizer: AuthorizerContext | undefined;
  /** The valid API key that it began with, where the API uses them. */
  readonly apiKey: ValidApiKey | undefined;
  /** Who has signed the upgrade request, where $connect asks for that. */
  readonly caller?: Caller | undefined;
  /** The upgrade request that it began with. */
  readonly request: UpgradeRequest;
}

/** What is new in each event. */
export interface Occasion {
  readonly requestId: string;
  readonly epochMs: number;
}

/** The upgrade request as events show it. */
interface UpgradeRequest {
  readonly head: RequestHead;
  readonly traceId: string;
  readonly stageVariables: Readonly<Record<string, string>>;
}

/** How a connection ended, as $disconnect tells it. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** An ending and what brought it about. */
export interface Closure extends Ending {
  readonly cause:
    | 'close-frame'
    | 'fin'
    | 'reset'
    | 'delete'
    | 'going-away'
    | 'violation'
    | 'refused';
}

/** Draws the request id of a new event. */
export function newOccasion(epochMs: number): Occasion {
  return { requestId: drawId(), epochMs };
}

/** The $connect event. */
export function connectEvent(facts: ConnectionFacts, occasion: Occasion): JsonObject {
  const { request } = facts;
  const headers = eventHeaders(request, facts).filter(([name]) => !isHopByHop(name));
  const query = queryParameters(request.head);
  const { stageVariables } = request;
  const apiKey = facts.apiKey && { apiKey: facts.apiKey.value, apiKeyId: facts.apiKey.keyId };
  const own = { routeKey: '$connect', eventType: 'CONNECT' };
  return {
    ...headerMaps(headers),
    ...(query.length === 0 ? {} : queryMaps(query)),
    ...(Object.keys(stageVariables).length === 0 ? {} : { stageVariables }),
    requestContext: requestContext(facts, occasion, own, apiKey),
    isBase64Encoded: false,
  };
}

/** The event of a REQUEST authorizer: hop-by-hop headers too, and empty maps instead of absent ones. */
export function authorizerEvent(
  facts: ConnectionFacts,
  call: { readonly occasion: Occasion; readonly methodArn: string },
): JsonObject {
  const { request } = facts;
  const headers = [...eventHeaders(request, facts), ['content-length', '0'] as const];
  return {
    type: 'REQUEST',
    methodArn: call.methodArn,
    ...headerMaps(headers),
    ...queryMaps(queryParameters(request.head)),
    stageVariables: request.stageVariables,
    requestContext: requestContext(facts, call.occasion, {
      routeKey: '$connect',
      eventType: 'CONNECT',
    }),
  };
}

/** A MESSAGE event: no headers, no query. */
export function messageEvent(
  facts: ConnectionFacts,
  message: { readonly routeKey: string; readonly body: string; readonly isBase64Encoded: boolean },
  occasion: Occasion,
): JsonObject {
  return {
    requestContext: requestContext(facts, occasion, {
      routeKey: message.routeKey,
      eventType: 'MESSAGE',
      messageId: drawId(),
    }),
    body: message.body,
    isBase64Encoded: message.isBase64Encoded,
  };
}

/** The $disconnect event with its four headers. */
export function disconnectEvent(
  facts: ConnectionFacts,
  ending: Ending,
  occasion: Occasion,
): JsonObject {
  return {
    ...headerMaps([
      ['Host', facts.domainName],
      ['x-api-key', ''],
      ['X-Forwarded-For', ''],
      ['x-restapi', ''],
    ]),
    requestContext: requestContext(facts, occasion, {
      routeKey: '$disconnect',
      eventType: 'DISCONNECT',
      disconnectStatusCode: ending.code,
      disconnectReason: ending.reason,
    }),
    isBase64Encoded: false,
  };
}

/** Query parameters in order, decoded once; what cannot be decoded stays as it is. */
export function queryParameters(head: RequestHead): readonly HeaderField[] {
  return queryOf(head.target)
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      const [name, value] = at === -1 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
      return [decodeQuietly(name), decodeQuietly(value)];
    });
}

/** `dd/MMM/yyyy:HH:mm:ss +0000`, the CLF form of an instant. */
export function clfTime(epochMs: number): string {
  const [, day, month, year, time] = new Date(epochMs).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

/** The host name in a Host header, without its port. */
export function hostName(head: RequestHead): string {
  const [host = ''] = headerValues(head, 'host');
  return host.replace(/:\d*$/, '');
}

/** The event's form of an address: an IPv4 address in IPv6 clothes is undressed. */
export function sourceIpOf(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}

function requestContext(
  facts: ConnectionFacts,
  occasion: Occasion,
  own: JsonObject,
  identity: JsonObject = {},
): JsonObject {
  const { sourceIp, userAgent, authorizer } = facts;
  return {
    ...own,
    ...(authorizer === undefined ? {} : { authorizer }),
    extendedRequestId: occasion.requestId,
    requestTime: clfTime(occasion.epochMs),
    messageDirection: 'IN',
    stage: facts.stage,
    connectedAt: facts.connectedAtMs,
    requestTimeEpoch: occasion.epochMs,
    identity: {
      ...callerIdentity(facts),
      ...identity,
      sourceIp,
      ...(userAgent === undefined ? {} : { userAgent }),
    },
    requestId: occasion.requestId,
    domainName: facts.domainName,
    connectionId: facts.connectionId,
    apiId: facts.apiId,
  };
}

// The names of $context.identity. That all events of a connection have them is documented for the
// context of mapping templates; no sample of an event shows them.
function callerIdentity({ caller }: ConnectionFacts): JsonObject {
  if (caller === undefined) return {};
  const { accountId, userId, userArn, accessKeyId } = caller;
  return { accountId, caller: userId, user: userId, userArn, accessKey: accessKeyId };
}

// API Gateway is always reached by TLS on 443, so the two headers never say anything else.
function eventHeaders(request: UpgradeRequest, facts: ConnectionFacts): readonly HeaderField[] {
  const forwarded = headerValues(request.head, 'x-forwarded-for');
  const own = request.head.headers.filter(([name]) => !REPLACED.has(name.toLowerCase()));
  return [
    ...own,
    ['X-Amzn-Trace-Id', request.traceId],
    ['X-Forwarded-For', [...forwarded, facts.sourceIp].join(', ')],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Proto', 'https'],
  ];
}

const REPLACED = new Set([
  'content-length',
  'x-amzn-trace-id',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
]);

function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name.toLowerCase());
}

// RFC 9110 section 7.6.1, and Content-Length, which the samples lack too.
const HOP_BY_HOP = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

// One name, one key: the first spelling stays, the last value wins in the single-value map.
function headerMaps(fields: readonly HeaderField[]): JsonObject {
  const spelling = new Map<string, string>();
  const named = fields.map(([name, value]): HeaderField => {
    const known = spelling.get(name.toLowerCase());
    if (known === undefined) spelling.set(name.toLowerCase(), name);
    return [known ?? name, value];
  });
  const sorted = named.toSorted(([a], [b]) => compare(a.toLowerCase(), b.toLowerCase()));
  return { headers: lastValues(sorted), multiValueHeaders: allValues(sorted) };
}

function queryMaps(parameters: readonly HeaderField[]): JsonObject {
  return {
    queryStringParameters: lastValues(parameters),
    multiValueQueryStringParameters: allValues(parameters),
  };
}

function lastValues(fields: readonly HeaderField[]): JsonObject {
  return Object.fromEntries(fields);
}

function allValues(fields: readonly HeaderField[]): JsonObject {
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function decodeQuietly(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
