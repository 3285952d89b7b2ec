// Which connections a threshold counts: what is about $disconnect those that opened and ended, all
// else every attempt; `among` says otherwise.
import type { EvidenceRecord } from '../result/evidence.ts';
import type { Among, Condition, Ending, Threshold } from '../scenario/model.ts';
import { handshakeSettledUs, judgeHandshake } from './handshake.ts';
import { firstOf, instantOf } from './moment.ts';
import { resolve } from './outcome.ts';
import type { ThresholdAsking } from './threshold.ts';
import type { Member, View } from './view.ts';
import { presenceLimit } from './window.ts';

/** The samples as far as they are known. */
export interface Sampling {
  readonly members: readonly Member[];
  /** It is known of every connection whether it is one. */
  readonly settled: boolean;
  /** When more will be known; Infinity where only a record tells. */
  readonly untilUs: number;
}

/** Picks the samples of a threshold. The steps are over. */
export function samplesOf({ of, among }: Threshold, asking: ThresholdAsking): Sampling {
  const members = asking.connections.flatMap((name) => asking.view.membersOf(name));
  const asked = members.map((member) => ({
    member,
    membership:
      among === undefined
        ? byDefault(of, member, asking.view)
        : inAll(amongOf(among, member, asking)),
  }));
  const open = asked.flatMap(({ membership }) =>
    typeof membership === 'object' ? [membership.untilUs] : [],
  );
  return {
    members: asked.filter(({ membership }) => membership === 'in').map(({ member }) => member),
    settled: open.length === 0,
    untilUs: Math.min(Infinity, ...open),
  };
}

/** How the steps ended a connection; undefined if it did not end, or by itself. */
function endingOf(member: Member): Ending | undefined {
  const closing = firstOf({ kind: 'connection', name: 'closing' }, member);
  const record = member.records.find(({ seq }) => seq === closing?.seq);
  switch (record?.kind) {
    case 'call':
      return isUnanswered(member, record) ? undefined : 'deleteConnection';
    case 'silence':
      return 'silence';
    case 'frame':
      return record.direction === 'out' && !isOnViolation(member, record.seq) ? 'close' : undefined;
    case 'fin':
    case 'reset':
      return record.direction === 'out' && !isOnViolation(member, record.seq)
        ? record.kind
        : undefined;
    default:
      return undefined;
  }
}

// Whether a call that got no answer reached anybody is not known: it has ended nothing for sure.
function isUnanswered({ records }: Member, call: EvidenceRecord & { kind: 'call' }): boolean {
  return records.some(
    (record) =>
      record.kind === 'answer' &&
      record.name === call.name &&
      record.seq > call.seq &&
      record.failure !== undefined,
  );
}

type Membership = 'in' | 'out' | { readonly untilUs: number };

function byDefault(of: Condition, member: Member, view: View): Membership {
  return isAboutDisconnect(of) ? openedAndEnded(member, view) : 'in';
}

function isAboutDisconnect(of: Condition): boolean {
  switch (of.kind) {
    case 'events':
      return of.want.$disconnect !== undefined;
    case 'order':
      return of.moments.some(isOfDisconnect);
    case 'never':
      return [of.moment, ...(of.side === undefined ? [] : [of.side.moment])].some(isOfDisconnect);
    case 'elapsed':
      return [of.from, of.to].some(isOfDisconnect);
    case 'between':
    case 'same':
      return of.paths.some(({ root }) => root === '$disconnect');
    default:
      return false;
  }
}

function isOfDisconnect({ of }: Extract<Condition, { kind: 'order' }>['moments'][number]): boolean {
  return of.kind === 'invocation' && of.invocation === '$disconnect';
}

function amongOf(
  { handshake, endings }: Among,
  member: Member,
  { view, nowUs }: ThresholdAsking,
): readonly Membership[] {
  const answered = (): Membership => {
    const outcome = resolve(judgeHandshake(handshake ?? {}, member, view), nowUs);
    if (outcome.state === 'pending') return { untilUs: outcome.untilUs };
    return outcome.state === 'held' ? 'in' : 'out';
  };
  const ended = (): Membership => {
    const ending = endingOf(member);
    if (ending === undefined || endings?.includes(ending) !== true) return 'out';
    return openedAndEnded(member, view);
  };
  return [
    ...(handshake === undefined ? [] : [answered()]),
    ...(endings === undefined ? [] : [ended()]),
  ];
}

function inAll(memberships: readonly Membership[]): Membership {
  if (memberships.includes('out')) return 'out';
  return memberships.find((one) => typeof one === 'object') ?? 'in';
}

// Ended while the steps ran: what ends later nobody has ended, and nobody has watched for long enough.
function openedAndEnded(member: Member, view: View): Membership {
  const endedUs = instantOf('closing', member) ?? instantOf('closed', member);
  if (endedUs === undefined || endedUs > view.stepsEndedUs) return 'out';
  if (instantOf('opened', member) !== undefined) return 'in';
  if (handshakeSettledUs(member) !== undefined) return 'out';
  return { untilUs: presenceLimit('handshake', member, view).untilUs };
}

// Our client ends a connection on which the server broke the protocol; the scenario did not.
function isOnViolation({ records }: Member, seq: number): boolean {
  return records.some((record) => record.kind === 'protocolError' && record.seq < seq);
}
