// The id of a connection, where its endpoint tells it in a reply (`correlate: { connection-id: … }`).
import { isJsonObject, type Json } from '../base/json.ts';
import type { Enrolment } from '../observe/attempt.ts';
import type { Correlate } from '../target/model.ts';
import type { WireRecord } from '../wire/transcript.ts';

/** Looks for the id in what just came in; the first one counts. */
export function learnId(
  record: WireRecord,
  correlate: Correlate,
  enrolment: Pick<Enrolment, 'connectionId' | 'learnConnectionId'> | undefined,
): void {
  if (correlate.kind !== 'connection-id' || enrolment === undefined) return;
  if (enrolment.connectionId !== undefined) return;
  const { root, keys } = correlate.from;
  const found = root === 'received' ? idInMessage(record, keys) : idInHeaders(record, keys);
  if (found !== undefined && found !== '') enrolment.learnConnectionId(found);
}

type Keys = readonly (string | number)[];

function idInMessage(record: WireRecord, [field, ...path]: Keys): string | undefined {
  if (record.kind !== 'message' || record.payload.truncated === true) return undefined;
  const { text } = record.payload;
  if (text === undefined || field === 'text') return text?.trim();
  const value = valueAt(parseJson(text), path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function idInHeaders(record: WireRecord, [, name]: Keys): string | undefined {
  if (record.kind !== 'response') return undefined;
  return record.head.headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json; // JSON.parse gives Json
  } catch {
    return undefined;
  }
}

function valueAt(value: Json | undefined, keys: Keys): Json | undefined {
  return keys.reduce<Json | undefined>((found, key) => {
    if (Array.isArray(found)) return typeof key === 'number' ? found[key] : undefined;
    return isJsonObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }, value);
}
