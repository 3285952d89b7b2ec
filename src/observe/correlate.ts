// Which attempt an event belongs to: what is read from the event. Always the raw event, never a
// redacted one. Correlation is by nonce, then by connectionId, then by a nonce in the close reason.

import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { EventRecord } from '../probe/event-record.ts';

/** How a target lets an attempt be recognised; `target.correlate` fits it. */
export type Correlation =
  | { readonly kind: 'query' | 'none' | 'close-reason' | 'connection-id' }
  | { readonly kind: 'header'; readonly name: string };

/** The query parameter that carries the nonce. */
const NONCE_PARAMETER = 'assay';

/** The header that carries it where a request leaves the query as it is written. */
export const NONCE_HEADER = 'x-assay';

/** What an event says about the attempt it belongs to. */
export interface EventKeys {
  /** Where the target carries it; none but AUTHORIZER and CONNECT events have it on AWS. */
  readonly nonce: string | undefined;
  readonly connectionId: string | undefined;
  /** Everything in the close reason that looks like a nonce. */
  readonly reasonNonces: readonly string[];
}

/** Reads the keys of an event in whatever form the gateway gives it: single or multi-value. */
export function readEventKeys(event: JsonObject, correlate: Correlation): EventKeys {
  const context = objectAt(event, 'requestContext');
  const connectionId = context['connectionId'];
  const reason = context['disconnectReason'];
  return {
    nonce: readNonce(event, correlate),
    connectionId:
      typeof connectionId === 'string' && connectionId !== '' ? connectionId : undefined,
    reasonNonces: typeof reason === 'string' ? (reason.match(NONCE) ?? []) : [],
  };
}

/** The keys of a record: it says them itself where its backend knows; the event says the rest. */
export function recordKeys(record: EventRecord, correlate: Correlation): EventKeys {
  const keys = readEventKeys(record.event ?? {}, correlate);
  return {
    ...keys,
    nonce: record.nonce ?? keys.nonce,
    connectionId: record.connectionId ?? keys.connectionId,
  };
}

/** True for what could be the nonce of an attempt: 26 characters of a-z2-7 (docs/probe-contract.md). */
export function isNonce(text: string): boolean {
  return /^[a-z2-7]{26}$/.test(text);
}

// Also inside a longer reason.
const NONCE = /(?<![a-z0-9])[a-z2-7]{26}(?![a-z0-9])/gi;

function readNonce(event: JsonObject, correlate: Correlation): string | undefined {
  if (correlate.kind === 'header') return inHeaders(event, correlate.name);
  if (correlate.kind !== 'query') return undefined;
  return (
    firstText(objectAt(event, 'queryStringParameters')[NONCE_PARAMETER]) ??
    firstText(objectAt(event, 'multiValueQueryStringParameters')[NONCE_PARAMETER]) ??
    inHeaders(event, NONCE_HEADER)
  );
}

function inHeaders(event: JsonObject, name: string): string | undefined {
  return (
    headerOf(objectAt(event, 'headers'), name) ??
    headerOf(objectAt(event, 'multiValueHeaders'), name)
  );
}

// Some gateways lower-case header names, some keep them as sent.
function headerOf(headers: JsonObject, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === wanted);
  return firstText(found?.[1]);
}

function firstText(value: Json | undefined): string | undefined {
  const first: Json | undefined = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' && first !== '' ? first : undefined;
}

function objectAt(event: JsonObject, key: string): JsonObject {
  const value = event[key];
  return isJsonObject(value) ? value : {};
}
