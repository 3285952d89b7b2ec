// Values at paths into the evidence: `handshake.status`, `$connect.requestContext.connectionId`.
import type { Json } from '../base/json.ts';
import type { EvidencePath, Invocation } from '../scenario/model.ts';
import { answerSource } from './answers.ts';
import { closedSource } from './closed.ts';
import { invocationsOf } from './events.ts';
import type { Known } from './field.ts';
import { handshakeSource } from './handshake.ts';
import { TYPE_OF } from './moment.ts';
import { valueAt } from './path.ts';
import type { Item } from './quantity.ts';
import { incoming } from './received.ts';
import type { Member, View } from './view.ts';
import { presenceLimit, type Watched } from './window.ts';

/** A value of one member, and until when it is waited for. */
export interface Valued {
  readonly member: Member;
  readonly path: EvidencePath;
  readonly known: Known;
  readonly limitUs: number;
}

/** The value at a path for one member. Of several messages, frames or events the first counts. */
export function lookUp(path: EvidencePath, member: Member, view: View): Valued {
  const limit = presenceLimit(watchedOf(path), member, view);
  const records = member.records.filter(({ seenUs }) => seenUs < limit.certainUs);
  const known = read(path, { ...member, records });
  const value = path.part === undefined ? known.value : partOf(known.value, path.part);
  return { member, path, known: { ...known, value }, limitUs: limit.untilUs };
}

function partOf(value: Json | undefined, pattern: string): Json | undefined {
  const found = typeof value === 'string' ? new RegExp(pattern).exec(value) : null;
  return found === null ? undefined : (found[1] ?? found[0]);
}

function watchedOf({ root, keys }: EvidencePath): Watched {
  if (root === 'answers') return `call:${String(keys[0])}`;
  if (isInvocation(root)) return root;
  if (root === 'handshake' || root === 'received' || root === 'frames' || root === 'closed') {
    return root;
  }
  throw new Error(`there is no evidence called "${root}"`);
}

function isInvocation(root: string): root is Invocation {
  return Object.hasOwn(TYPE_OF, root);
}

function read({ root, keys }: EvidencePath, member: Member): Known {
  const [key, ...rest] = keys;
  if (root === 'handshake') return field(handshakeSource(member.records), String(key), rest);
  if (root === 'closed') return field(closedSource(member.records), String(key), rest);
  if (root === 'answers') return answer(String(key), rest, member);
  if (root === 'received' || root === 'frames') return nth(incoming(root, member), keys);
  return isInvocation(root) ? event(invocationsOf(root, member), keys) : NOT_YET;
}

const NOT_YET: Known = { known: false, value: undefined, evidence: [] };

function field(
  source: (field: string) => Known,
  name: string,
  keys: readonly (string | number)[],
): Known {
  const { known, value, evidence } = source(name);
  const below = name === 'headers' ? keys.map((key) => String(key).toLowerCase()) : keys;
  return { known, value: valueAt(value, below), evidence };
}

function answer(call: string, keys: readonly (string | number)[], member: Member): Known {
  const records = member.records.filter(
    (record) => record.kind === 'answer' && record.name === call,
  );
  const [name, ...rest] = keys;
  return field(answerSource(records), String(name), rest);
}

// `received.text` is that of the first message, `received[1].text` that of the second.
function nth(items: readonly Item[], keys: readonly (string | number)[]): Known {
  const [first, ...rest] = keys;
  const item = typeof first === 'number' ? items[first] : items[0];
  const [name, ...below] = typeof first === 'number' ? rest : keys;
  return item === undefined ? NOT_YET : field(item.source, String(name), below);
}

function event(items: readonly Item[], keys: readonly (string | number)[]): Known {
  const [first, ...rest] = keys;
  const item = typeof first === 'number' ? items[first] : items[0];
  if (item === undefined) return NOT_YET;
  const { known, value, evidence } = item.source('event');
  return { known, value: valueAt(value, typeof first === 'number' ? rest : keys), evidence };
}

/** How a report names a value: the path as it was written, led by the member where needed. */
export function valueName({ path, member }: Valued): string {
  if (member.label === member.name) return path.text;
  const lead = `${path.connection ?? ''}.`;
  const bare = path.text.startsWith(lead) ? path.text.slice(lead.length) : path.text;
  return `${member.label}.${bare}`;
}

/** Values as data; a value that is not there is `null`. */
export function valuesAsData(values: readonly Valued[]): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    values.map((one) => [valueName(one), one.known.value ?? null] as const),
  );
}

/** The records that values come from. */
export function recordsOf(values: readonly Valued[]): readonly number[] {
  const all = values.flatMap(({ known }) => known.evidence);
  return [...new Set(all)].toSorted((a, b) => a - b);
}

/** When the last of what is not known yet is due; undefined if all is known. */
export function dueUs(values: readonly Valued[]): number | undefined {
  const open = values.filter(({ known }) => !known.known).map(({ limitUs }) => limitUs);
  return open.length === 0 ? undefined : Math.max(...open);
}
