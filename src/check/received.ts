// Judges the data messages, and the frames, that came in.
import type { Json } from '../base/json.ts';
import type { Quantity } from '../scenario/model.ts';
import { fieldMatchers, type Known, parseJson } from './field.ts';
import { textOf, whyNotOpened } from './handshake.ts';
import { instantOf } from './moment.ts';
import type { Outcome } from './outcome.ts';
import { type Item, judgeQuantity } from './quantity.ts';
import type { Member, Sighted, View } from './view.ts';
import { absenceLimit, type Limit, presenceLimit } from './window.ts';

/** Judges how many messages or frames came in, and what of them. */
export function judgeReceived(
  { kind, want }: { readonly kind: 'received' | 'frames'; readonly want: Quantity },
  member: Member,
  view: View,
): Outcome {
  return judgeQuantity({
    want,
    toMatchers: fieldMatchers,
    flaws: () => [],
    inspects: false,
    items: incoming(kind, member),
    noun: kind === 'frames' ? 'frame' : 'message',
    root: kind,
    remark: unreadable(member) ?? whyNotOpened(member.records) ?? howEnded(member),
    causeUs: instantOf('opened', member),
    presence: notBeyondEnd(presenceLimit(kind, member, view), member, view),
    absence: (sinceUs) => notBeyondEnd(absenceLimit(kind, { member, view, sinceUs }), member, view),
  });
}

// What nothing can come from any more is not waited for. An interruption decides by itself.
function notBeyondEnd(limit: Limit, member: Member, view: View): Limit {
  const endUs = inputEndUs(member);
  if (endUs === undefined || view.interrupted) return limit;
  return { ...limit, untilUs: Math.min(limit.untilUs, Math.max(endUs, view.stepsEndedUs)) };
}

// From when on the client reads nothing: there is no open connection, its reading side has ended, or
// it has failed the connection. A name under which several were opened has no such instant.
function inputEndUs({ records }: Member): number | undefined {
  if (records.filter(({ kind }) => kind === 'connecting').length > 1) return undefined;
  return records.find(endsInput)?.atUs;
}

function endsInput(record: Sighted): boolean {
  switch (record.kind) {
    case 'response':
      return !record.opened;
    case 'fin':
      return record.direction === 'in';
    case 'failure':
    case 'protocolError':
    case 'reset':
    case 'silence':
    case 'closed':
      return true;
    default:
      return false;
  }
}

// After a violation nothing more is read: what was waited for may have come and not have counted.
function unreadable({ records }: Member): string | undefined {
  const violation = records.find((record) => record.kind === 'protocolError');
  return violation?.kind === 'protocolError'
    ? `the server broke the protocol: ${violation.message}`
    : undefined;
}

function howEnded({ records }: Member): string | undefined {
  const end = records.find(
    (record) => (record.kind === 'fin' || record.kind === 'reset') && record.direction === 'in',
  );
  if (end === undefined) return undefined;
  return `the server ended TCP with ${end.kind === 'fin' ? 'FIN' : 'RST'}`;
}

/** The messages or frames that came in, in order. */
export function incoming(kind: 'received' | 'frames', member: Member): readonly Item[] {
  return member.records.flatMap((record) => {
    const source = kind === 'frames' ? frameSource(record) : messageSource(record);
    return source === undefined ? [] : [{ seq: record.seq, seenUs: record.seenUs, source }];
  });
}

function messageSource(record: Sighted): ((field: string) => Known) | undefined {
  if (record.kind !== 'message') return undefined;
  const { payload, binary, fragments, seq } = record;
  const text = binary ? undefined : payload.text;
  const cut = payload.truncated === true ? ['text', 'json'] : [];
  return fromTable(
    'a message',
    { seq, cut },
    {
      text: () => text,
      json: () => parseJson(text),
      bytes: () => payload.bytes,
      binary: () => binary,
      fragments: () => fragments,
    },
  );
}

function frameSource(record: Sighted): ((field: string) => Known) | undefined {
  if (record.kind !== 'frame' || record.direction !== 'in') return undefined;
  const { payload, opcode, fin, rsv, masked, seq } = record;
  const cut = payload.truncated === true ? ['payload'] : [];
  return fromTable(
    'a frame',
    { seq, cut },
    {
      opcode: () => opcode,
      payload: () => textOf(payload),
      bytes: () => payload.bytes,
      fin: () => fin,
      rsv: () => rsv,
      masked: () => masked,
    },
  );
}

function fromTable(
  what: string,
  { seq, cut }: { readonly seq: number; readonly cut: readonly string[] },
  table: Readonly<Record<string, () => Json | undefined>>,
): (field: string) => Known {
  return (field) => {
    const read = Object.hasOwn(table, field) ? table[field] : undefined;
    if (read === undefined) throw new Error(`${what} has no field "${field}"`);
    return { known: true, value: read(), evidence: [seq], cut: cut.includes(field) };
  };
}
