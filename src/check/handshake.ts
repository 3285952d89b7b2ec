// Judges the answer to the upgrade request, and reads its fields from the records.
import type { Json } from '../base/json.ts';
import type { Fields } from '../scenario/model.ts';
import type { HeaderField, Payload } from '../wire/transcript.ts';
import { type Known, parseJson } from './field.ts';
import { judgeFields } from './fields.ts';
import { instantOf } from './moment.ts';
import { ms } from './ms.ts';
import type { Outcome } from './outcome.ts';
import type { Member, Sighted, View } from './view.ts';
import { presenceLimit } from './window.ts';

/** Judges the fields of a handshake: as soon as each is known, at the latest when it is due. */
export function judgeHandshake(fields: Fields, member: Member, view: View): Outcome {
  return judgeFields({
    fields,
    root: 'handshake',
    limit: presenceLimit('handshake', member, view),
    records: member.records,
    sourceOf: handshakeSource,
    describe: describeHandshake,
    told: ['outcome', 'status', 'phrase', 'violations'],
    unknown: 'the handshake was not over in time',
  });
}

/** The value of a field of the handshake in these records. */
export function handshakeSource(records: readonly Sighted[]): (field: string) => Known {
  const answer = answerIn(records);
  if (answer === undefined) return () => ({ known: false, value: undefined, evidence: [] });
  const { seq } = answer;
  return (field) => {
    if (field === 'body' || field === 'json') return bodyField(field, answer, records);
    return { known: true, value: answerField(field, answer), evidence: [seq] };
  };
}

/** Headers as judges compare them: lower-case names, repeated ones joined by `, `. */
export function joinHeaders(headers: readonly HeaderField[]): Readonly<Record<string, string>> {
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const before = joined.get(key);
    joined.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(joined);
}

/** Bytes as text, or as hexadecimal where they are no text. */
export function textOf(payload: Payload | undefined): string | undefined {
  return payload?.text ?? payload?.hex;
}

type Response = Extract<Sighted, { readonly kind: 'response' }>;
type Answer = Extract<Sighted, { readonly kind: 'response' | 'failure' | 'closed' }>;

// What comes first settles it: an answer, the reason why there is none, or the end of the socket.
function answerIn(records: readonly Sighted[]): Answer | undefined {
  return records.find(
    (record): record is Answer =>
      record.kind === 'response' || record.kind === 'failure' || record.kind === 'closed',
  );
}

function answerField(field: string, answer: Answer): Json | undefined {
  if (field === 'outcome') return outcomeOf(answer);
  if (answer.kind !== 'response') return undefined;
  const { head, violations } = answer;
  const headers = joinHeaders(head.headers);
  switch (field) {
    case 'status':
      return head.status;
    case 'phrase':
      return head.phrase;
    case 'headers':
      return headers;
    case 'subprotocol':
      return headers['sec-websocket-protocol'];
    case 'violations':
      return violations;
    default:
      throw new Error(`a handshake has no field "${field}"`);
  }
}

function outcomeOf(answer: Answer): string {
  if (answer.kind === 'failure') return answer.outcome;
  // The socket ended before there was an answer and nobody gave a reason.
  if (answer.kind === 'closed') return 'dropped';
  if (answer.opened) return 'opened';
  // A 101 that violates RFC 6455, or bytes that are no HTTP.
  return answer.head.status === 101 || answer.head.status === 0 ? 'invalid' : 'refused';
}

function bodyField(field: 'body' | 'json', answer: Answer, records: readonly Sighted[]): Known {
  const body = records.find((record) => record.kind === 'body');
  const none = body === undefined && hasNoBody(answer, records);
  const empty = none && isComplete(answer);
  const text = body?.kind === 'body' ? textOf(body.body) : empty ? '' : undefined;
  const evidence = [answer.seq, ...(body === undefined ? [] : [body.seq])];
  const value = field === 'body' ? text : parseJson(text);
  const cut = body?.kind === 'body' && body.body.truncated === true;
  return { known: body !== undefined || none, value, evidence, cut, empty };
}

// An answer without a body; not one whose body was announced and never came, and not a 101.
function isComplete(answer: Answer): boolean {
  if (answer.kind !== 'response' || answer.opened || answer.head.status === 0) return false;
  return Number(joinHeaders(answer.head.headers)['content-length'] ?? 0) === 0;
}

// A 101 has none; of a refusal it may still come as long as the socket lives.
function hasNoBody(answer: Answer, records: readonly Sighted[]): boolean {
  if (answer.kind !== 'response' || answer.opened) return true;
  return records.some(({ kind }) => kind === 'closed');
}

function describeHandshake(records: readonly Sighted[]): string {
  const answer = answerIn(records);
  if (answer === undefined) return 'there was no answer';
  if (answer.kind === 'failure') return `there was no answer: ${trimDot(answer.message)}`;
  if (answer.kind === 'closed') return 'the connection ended without an answer';
  return `the answer was ${statusLine(answer)}${sinceRequest(answer, records)}`;
}

function statusLine({ head, violations }: Response): string {
  if (head.status === 0) return 'not HTTP';
  const line = `${head.status} ${head.phrase}`.trim();
  return violations.length === 0 ? line : `${line} (${violations.join(', ')})`;
}

function sinceRequest(answer: Response, records: readonly Sighted[]): string {
  const request = records.find(({ kind }) => kind === 'request' || kind === 'sent');
  return request === undefined ? '' : `, ${ms(answer.atUs - request.atUs)} after the request`;
}

function trimDot(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

/** One clause on what came instead of an open connection; `undefined` while none came. */
export function whyNotOpened(records: readonly Sighted[]): string | undefined {
  const answer = answerIn(records);
  if (answer === undefined || outcomeOf(answer) === 'opened') return undefined;
  return describeHandshake(records);
}

/** What the handshake came to, or `undefined` while it is under way. */
export function handshakeOutcome(member: Member): string | undefined {
  const answer = answerIn(member.records);
  return answer === undefined ? undefined : outcomeOf(answer);
}

/** When the handshake was over, whatever came of it. */
export function handshakeSettledUs(member: Member): number | undefined {
  return answerIn(member.records)?.seenUs ?? instantOf('closed', member);
}
