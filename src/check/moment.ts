// Moments (language 2.6): the instants of one connection, found in its records.
import type { EvidenceRecord, InvocationType } from '../result/evidence.ts';
import type { ConnectionMoment, Invocation, Moment } from '../scenario/model.ts';
import type { Member, Sighted } from './view.ts';

/** A moment that has come. */
export interface Occurrence {
  readonly member: Member;
  readonly atUs: number;
  readonly seenUs: number;
  readonly seq: number;
  readonly clock: 'runner' | 'platform';
  /** It came then or later: what a scripted probe was told to wait. */
  readonly atLeast: boolean;
}

/**
 * Every occurrence of a moment, earliest first. Only what can happen again has more than one:
 * messages, invocations, calls.
 */
export function occurrencesOf(of: Moment['of'], member: Member): readonly Occurrence[] {
  const found = member.records.filter((record) => isAt(of, record));
  const all = found
    .map((record) => occurrenceIn(member, record))
    .toSorted((a, b) => a.atUs - b.atUs || a.seq - b.seq);
  const once = of.kind === 'connection' && of.name !== 'received';
  return once ? all.slice(0, 1) : all;
}

/** The first occurrence, the one that counts; `undefined` if the moment has not come. */
export function firstOf(of: Moment['of'], member: Member): Occurrence | undefined {
  // Asked for very often: not worth sorting for.
  let first: Sighted | undefined;
  for (const record of member.records) {
    if ((first === undefined || record.atUs < first.atUs) && isAt(of, record)) first = record;
  }
  return first === undefined ? undefined : occurrenceIn(member, first);
}

/** When a connection moment came, on the runner's clock. */
export function instantOf(name: ConnectionMoment, member: Member): number | undefined {
  return firstOf({ kind: 'connection', name }, member)?.atUs;
}

/** How an event record spells an invocation. */
export const TYPE_OF: Readonly<Record<Invocation, InvocationType>> = {
  authorizer: 'AUTHORIZER',
  $connect: 'CONNECT',
  message: 'MESSAGE',
  $disconnect: 'DISCONNECT',
};

function occurrenceIn(member: Member, record: Sighted): Occurrence {
  const { atUs, seenUs, seq } = record;
  const clock = record.kind === 'invocation' ? record.clock : 'runner';
  const atLeast = record.kind === 'invocation' && record.planned === true;
  return { member, atUs, seenUs, seq, clock, atLeast };
}

/** True for a record that is an occurrence of the moment. */
export function isAt(of: Moment['of'], record: EvidenceRecord): boolean {
  if (of.kind === 'connection') return IS_AT[of.name](record);
  if (of.kind === 'invocation') {
    const { invocation, phase } = of;
    return (
      record.kind === 'invocation' && record.type === TYPE_OF[invocation] && record.phase === phase
    );
  }
  if (of.phase === 'called') return record.kind === 'call' && record.name === of.call;
  // An attempt that failed has not returned.
  return record.kind === 'answer' && record.name === of.call && record.status !== undefined;
}

const IS_AT: Readonly<Record<ConnectionMoment, (record: EvidenceRecord) => boolean>> = {
  connecting: ({ kind }) => kind === 'connecting',
  resolved: ({ kind }) => kind === 'resolved',
  connected: ({ kind }) => kind === 'tcp',
  secured: ({ kind }) => kind === 'tls',
  sent: ({ kind }) => kind === 'sent',
  firstByte: ({ kind }) => kind === 'firstByte',
  answered: ({ kind }) => kind === 'response',
  opened: (record) => record.kind === 'response' && record.opened,
  received: ({ kind }) => kind === 'message',
  closing: isClosing,
  closed: ({ kind }) => kind === 'closed',
};

/**
 * True for what begins the end of a connection: a close frame, FIN or RST in either direction; silence;
 * a call of deleteConnection.
 */
export function isClosing(record: EvidenceRecord): boolean {
  if (record.kind === 'frame') return record.opcode === CLOSE;
  if (record.kind === 'call') return record.verb === 'deleteConnection';
  return record.kind === 'fin' || record.kind === 'reset' || record.kind === 'silence';
}

const CLOSE = 8;
