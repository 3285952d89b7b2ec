// Gateways that call an HTTP integration themselves, without a probe in between: the request is the
// invocation, and its answer is the integration's.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { writeBody } from './arrival.ts';
import type { ProbeAnswer, ProbeInvocation } from './contract.ts';
import { decodeJson } from './invocation.ts';

/** The types that an HTTP integration can have. */
export type DirectType = 'CONNECT' | 'MESSAGE' | 'DISCONNECT';

/** What was asked of `/v1/direct/:type`; `query` without our own token. */
export interface DirectRequest {
  readonly type: DirectType;
  readonly invocationId: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  readonly body: string;
}

/**
 * The invocation that a direct request is. A body that is a proxy event (it has a `requestContext`)
 * is the event verbatim; otherwise the event is what the request itself shows, with the connection's
 * id from its `connectionId` header.
 */
export function readDirect(request: DirectRequest): ProbeInvocation {
  const { type, invocationId } = request;
  return { v: 1, type, invocationId, event: proxyEvent(request.body) ?? shownBy(request) };
}

/** What an HTTP integration answers. */
type DirectAnswer =
  | { readonly kind: 'reset' }
  | {
      readonly kind: 'http';
      readonly status: number;
      readonly headers: Readonly<Record<string, string | readonly string[]>>;
      readonly body: string | Uint8Array;
    };

/**
 * Turns what a probe would return into an HTTP answer. A value without a `statusCode` from 200 to
 * 999 is answered with 200 and itself as JSON; what a probe would throw ends the TCP connection.
 */
function directAnswer(answer: ProbeAnswer): DirectAnswer {
  if ('throw' in answer) return { kind: 'reset' };
  const value = answer.return;
  if (!isJsonObject(value) || !isStatus(value['statusCode'])) {
    const headers = { 'content-type': 'application/json' };
    return { kind: 'http', status: 200, headers, body: JSON.stringify(value) };
  }
  return {
    kind: 'http',
    status: value['statusCode'],
    headers: headersOf(value),
    body: bodyOf(value),
  };
}

/** Writes it; true once it was handed over (a reset always is), false when the caller had gone. */
export async function writeDirect(response: ServerResponse, answer: ProbeAnswer): Promise<boolean> {
  const direct = directAnswer(answer);
  if (direct.kind === 'http') {
    return writeBody(response, direct.status, direct.headers, direct.body);
  }
  response.destroy();
  return true;
}

function proxyEvent(body: string): JsonObject | undefined {
  const json = decodeJson(body);
  if (!json.ok || !isJsonObject(json.value)) return undefined;
  return isJsonObject(json.value['requestContext']) ? json.value : undefined;
}

function shownBy({ headers, query, body }: DirectRequest): JsonObject {
  const { connectionid } = headers;
  const shown = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return {
    headers: Object.fromEntries(shown) as JsonObject, // every value was made a string
    queryStringParameters: Object.fromEntries(query),
    requestContext: typeof connectionid === 'string' ? { connectionId: connectionid } : {},
    body,
    isBase64Encoded: false,
  };
}

function isStatus(value: Json | undefined): value is number {
  return Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 999;
}

// These say how the body is sent, which is ours to know.
const FRAMING = new Set(['content-length', 'transfer-encoding', 'connection']);

function headersOf(value: JsonObject): Record<string, string | readonly string[]> {
  const single = isJsonObject(value['headers']) ? value['headers'] : {};
  const multi = isJsonObject(value['multiValueHeaders']) ? value['multiValueHeaders'] : {};
  const all = Object.entries({ ...single, ...multi });
  const kept = all.filter(([name]) => !FRAMING.has(name.toLowerCase()));
  return Object.fromEntries(kept.map(([name, item]) => [name, headerValue(item)]));
}

function headerValue(item: Json | undefined): string | readonly string[] {
  return Array.isArray(item) ? item.map(textOf) : textOf(item ?? null);
}

function textOf(item: Json): string {
  return typeof item === 'string' ? item : JSON.stringify(item);
}

function bodyOf(value: JsonObject): string | Uint8Array {
  const body = value['body'];
  if (typeof body !== 'string') return body === undefined ? '' : JSON.stringify(body);
  return value['isBase64Encoded'] === true ? Buffer.from(body, 'base64') : body;
}
