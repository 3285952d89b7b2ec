// Where an existing log keeps the fields of an event record, and a line of it turned into one.
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { decodeEventRecords, type EventRecord } from '../probe/event-record.ts';

/** Keys and indexes, outermost first. */
type Keys = readonly (string | number)[];

/** A word of the contract: where it stands, and what the log says for it. */
interface WordMap {
  readonly path: Keys;
  /** From the log's word to the contract's; what is not listed is none of ours. */
  readonly values: Readonly<Record<string, string>> | undefined;
}

/** How a log writes an instant: epoch milliseconds, epoch seconds, ISO 8601; undefined: as it looks. */
type TimeFormat = 'ms' | 's' | 'iso' | undefined;

/** Where a log keeps the fields of an event record; `target.observer.map` fits it. */
export interface RecordMap {
  readonly type: WordMap;
  readonly phase: WordMap | undefined;
  readonly at: { readonly path: Keys; readonly format: TimeFormat };
  /** The other fields that are texts, by their name in the record. */
  readonly texts: Readonly<Partial<Record<TextField, Keys>>>;
  /** Of an event, by the path in it; undefined: the whole line is the event. */
  readonly event: readonly { readonly to: Keys; readonly from: Keys }[] | undefined;
}

/** Fields of a record that are copied as text. */
export type TextField = 'connectionId' | 'nonce' | 'invocationId' | 'requestId' | 'runId';

/** What a line is. */
export type DecodedLine =
  | { readonly kind: 'record'; readonly record: EventRecord }
  /** A line of the same log about something else. */
  | { readonly kind: 'other' }
  | { readonly kind: 'not-json' }
  /** It should be a record and lacks something. */
  | { readonly kind: 'invalid'; readonly reason: string };

/** Reads lines of a log. */
export type LineDecoder = (line: string) => DecodedLine;

/**
 * Makes the decoder of a log. Without a map every line is an event record as it stands. A line may
 * begin with something that is not JSON, as the lines of `docker compose logs` and `aws logs tail` do.
 */
export function lineDecoder(map: RecordMap | undefined): LineDecoder {
  return (line) => {
    const value = parseFrom(line);
    if (value === undefined) return { kind: 'not-json' };
    return map === undefined ? ownRecord(value) : decodeMapped(value, map);
  };
}

/** The record that an object of the log is, by the map. */
function decodeMapped(value: JsonObject, map: RecordMap): DecodedLine {
  const type = wordIn(value, map.type);
  if (type === undefined) return { kind: 'other' };
  const phase = map.phase === undefined ? undefined : wordIn(value, map.phase);
  if (map.phase?.values !== undefined && phase === undefined) return { kind: 'other' };
  const at = instantIn(valueAt(value, map.at.path), map.at.format);
  if (at === undefined) return { kind: 'invalid', reason: 'at: no instant stands there' };
  return ownRecord({
    v: 1,
    type,
    at,
    ...(phase !== undefined && { phase }),
    ...textsIn(value, map),
    event: map.event === undefined ? value : eventOf(value, map.event),
  });
}

function parseFrom(line: string): JsonObject | undefined {
  const whole = parseJson(line);
  if (whole !== undefined) return isJsonObject(whole) ? whole : undefined;
  const brace = line.indexOf('{');
  const rest = brace > 0 ? parseJson(line.slice(brace)) : undefined;
  return isJsonObject(rest) ? rest : undefined;
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json; // JSON.parse gives Json
  } catch {
    return undefined;
  }
}

function ownRecord(value: JsonObject): DecodedLine {
  // Something that does not even claim to be a record is none.
  if (value['v'] === undefined && value['type'] === undefined) return { kind: 'other' };
  const decoded = decodeEventRecords(JSON.stringify(value));
  if (!decoded.ok) {
    const reasons = decoded.reasons.map((reason) => reason.replace(/^0\./, ''));
    return { kind: 'invalid', reason: reasons.join('; ') };
  }
  const [record] = decoded.value;
  return record === undefined ? { kind: 'other' } : { kind: 'record', record };
}

function wordIn(value: JsonObject, { path, values }: WordMap): string | undefined {
  const found = valueAt(value, path);
  if (found === undefined || found === null || typeof found === 'object') return undefined;
  if (values === undefined) return String(found);
  return Object.hasOwn(values, String(found)) ? values[String(found)] : undefined;
}

function instantIn(value: Json | undefined, format: TimeFormat): number | undefined {
  const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (format !== 'iso' && typeof amount === 'number' && Number.isFinite(amount)) {
    // Of seconds as a number some have no exact place in milliseconds.
    return Math.floor(format === 's' ? Math.round(amount * 1e6) / 1000 : amount);
  }
  if (format === 'ms' || format === 's' || typeof value !== 'string') return undefined;
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? undefined : parsed;
}

function textsIn(value: JsonObject, { texts }: RecordMap): JsonObject {
  const entries = Object.entries(texts).flatMap(([field, path]) => {
    const found = path && valueAt(value, path);
    if (typeof found !== 'string' && typeof found !== 'number') return [];
    return [[field, field === 'nonce' ? nonceIn(String(found)) : String(found)] as const];
  });
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined && text !== ''));
}

// A log of requests may keep the whole URL; the nonce stands in it.
function nonceIn(text: string): string | undefined {
  return /(?<![a-z0-9])[a-z2-7]{26}(?![a-z0-9])/i.exec(text)?.[0] ?? text;
}

function eventOf(value: JsonObject, fields: NonNullable<RecordMap['event']>): JsonObject {
  const event: JsonObject = {};
  for (const { to, from } of fields) {
    const found = valueAt(value, from);
    if (found !== undefined) put(event, to, found);
  }
  return event;
}

function put(target: JsonObject, [key = '', ...rest]: Keys, value: Json): void {
  // Built here and given to nobody yet.
  const open = target as Record<string, Json>;
  if (rest.length === 0) {
    open[String(key)] = value;
    return;
  }
  const inner = open[String(key)];
  const next = isJsonObject(inner) ? inner : {};
  open[String(key)] = next;
  put(next, rest, value);
}

function valueAt(value: Json | undefined, keys: Keys): Json | undefined {
  let found = value;
  for (const key of keys) {
    if (typeof key === 'number') found = Array.isArray(found) ? found[key] : undefined;
    else found = isJsonObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found;
}
