// What the answer of a Lambda proxy integration means: for the upgrade, and for a message.
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { type Refusal, refusal } from './http-answer.ts';
import type { InvocationOutcome } from './lambda.ts';

/** How the run of an integration ended; `rejected` when the gateway itself could not run it. */
export type IntegrationOutcome =
  | InvocationOutcome
  | { readonly kind: 'rejected'; readonly status: number; readonly errorMessage: string };

/** What becomes of an upgrade. */
export type ConnectVerdict =
  | {
      readonly kind: 'accepted';
      readonly subprotocol: string | undefined;
      /** The integration's response; `undefined` without an integration. */
      readonly response: JsonObject | undefined;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Opens a connection without any answer of an integration. */
export const ACCEPTED: Extract<ConnectVerdict, { kind: 'accepted' }> = {
  kind: 'accepted',
  subprotocol: undefined,
  response: undefined,
};

/** A proxy response after checking. */
export interface ProxyResponse {
  readonly status: number;
  readonly body: string | undefined;
  readonly raw: JsonObject;
}

/**
 * 2xx opens the connection; another status is the client's; a failure or a malformed response is 502
 * and a time-out 504. Of the response only Sec-WebSocket-Protocol reaches the client.
 */
export function judgeConnect(outcome: IntegrationOutcome): ConnectVerdict {
  if (outcome.kind === 'timed-out') return refused(504);
  if (outcome.kind === 'rejected') return refused(outcome.status);
  const response = outcome.kind === 'returned' ? readProxyResponse(outcome.value) : undefined;
  if (response === undefined) return refused(502);
  if (response.status < 200 || response.status > 299) return refused(response.status);
  const subprotocol = responseHeader(response.raw, 'sec-websocket-protocol');
  // A value that cannot stand in a header line would be a second line.
  if (subprotocol !== undefined && !HEADER_VALUE.test(subprotocol)) return refused(502);
  return { kind: 'accepted', subprotocol, response: response.raw };
}

/** Refuses an upgrade with a status. */
export function refused(status: number): ConnectVerdict {
  return { kind: 'refused', refusal: refusal(status) };
}

/** Reads a proxy response; `undefined` when it is malformed (no object, no usable statusCode). */
export function readProxyResponse(value: Json): ProxyResponse | undefined {
  if (!isJsonObject(value)) return undefined;
  const status = statusOf(value['statusCode']);
  if (status === undefined) return undefined;
  const body = value['body'];
  if (body !== undefined && body !== null && typeof body !== 'string') return undefined;
  const decoded = value['isBase64Encoded'] === true ? decodeBase64(body) : body;
  return { status, body: decoded ?? undefined, raw: value };
}

/** A header of a proxy response from `headers` or `multiValueHeaders`, the name without case. */
function responseHeader(response: JsonObject, name: string): string | undefined {
  const [value] = ['multiValueHeaders', 'headers'].flatMap((key) => {
    const headers = response[key];
    if (!isJsonObject(headers)) return [];
    const found = Object.entries(headers).find(([header]) => header.toLowerCase() === name);
    return found === undefined ? [] : textsOf(found[1]);
  });
  return value;
}

// oxlint-disable-next-line no-control-regex -- control characters are what must not be in it
const HEADER_VALUE = /^[^\x00-\x08\x0a-\x1f\x7f\u0100-\uffff]*$/;

// Statuses below 200 are no final answers; above 599 they are none at all. Text as in "200" counts,
// as it does for REST APIs.
function statusOf(value: Json | undefined): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  if (typeof status !== 'number' || !Number.isInteger(status)) return undefined;
  return status >= 200 && status <= 599 ? status : undefined;
}

function textsOf(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return value.length === 0 ? [] : [value.map(textOf).join(', ')];
  return value === undefined || value === null ? [] : [textOf(value)];
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function decodeBase64(body: string | null | undefined): string | null | undefined {
  return typeof body === 'string' ? Buffer.from(body, 'base64').toString('utf8') : body;
}
