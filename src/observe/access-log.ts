// Lines of the access log of an API Gateway stage, in the format that is recommended: one for each request, also for those that
// reached no integration. What has no value is written `-`.
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { type LineDecoder, lineDecoder, type RecordMap } from './record-map.ts';

/** What to set as the format of the access log. */
export const ACCESS_LOG_FORMAT = JSON.stringify({
  eventType: '$context.eventType',
  connectionId: '$context.connectionId',
  routeKey: '$context.routeKey',
  status: '$context.status',
  requestId: '$context.extendedRequestId',
  requestTimeEpoch: '$context.requestTimeEpoch',
  connectedAt: '$context.connectedAt',
  principalId: '$context.authorizer.principalId',
  integrationStatus: '$context.integrationStatus',
  error: '$context.error.message',
});

/** Reads lines of that format, and event records as they stand; with a map what it says. */
export function accessLogDecoder(map: RecordMap | undefined): LineDecoder {
  const mapped = lineDecoder(map ?? ACCESS_LOG);
  const own = lineDecoder(undefined);
  return (line) => {
    const object = objectIn(line);
    if (object === undefined) return mapped(line);
    const told = JSON.stringify(valuesOf(object));
    if (map !== undefined) return mapped(told);
    const record = own(line);
    if (record.kind !== 'other') return record;
    return reachedNobody(object) ? { kind: 'other' } : mapped(told);
  };
}

const FIELDS = [
  'connectionId',
  'routeKey',
  'eventType',
  'requestTimeEpoch',
  'connectedAt',
  'status',
];

const ACCESS_LOG: RecordMap = {
  type: {
    path: ['eventType'],
    values: { CONNECT: 'CONNECT', MESSAGE: 'MESSAGE', DISCONNECT: 'DISCONNECT' },
  },
  phase: undefined,
  at: { path: ['requestTimeEpoch'], format: 'ms' },
  texts: {
    connectionId: ['connectionId'],
    // There is no query string in it: an authorizer may return the nonce as principal.
    nonce: ['principalId'],
    requestId: ['requestId'],
  },
  event: [
    ...FIELDS.map((field) => ({ to: ['requestContext', field], from: [field] })),
    { to: ['requestContext', 'authorizer', 'principalId'], from: ['principalId'] },
  ],
};

/** A request that was refused before it came to an integration is no invocation of one. */
function reachedNobody({ status, integrationStatus }: JsonObject): boolean {
  return integrationStatus === NONE && Number(status) >= 400;
}

const NONE = '-';

function valuesOf(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== NONE));
}

function objectIn(line: string): JsonObject | undefined {
  try {
    const value = JSON.parse(line) as Json; // JSON.parse gives Json
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
