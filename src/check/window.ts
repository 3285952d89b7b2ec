// How long a check watches (language 2.8): `within` counts from the cause. Presence is waited for
// that long; absence is believed after it, or after the target's `settle`.
import type { Invocation, Moment } from '../scenario/model.ts';
import { instantOf, TYPE_OF } from './moment.ts';
import type { Member, Sighted, View } from './view.ts';

/** What is waited for. */
export type Watched =
  | 'handshake'
  | 'received'
  | 'frames'
  | 'closed'
  | Invocation
  /** That an invocation is let go, and over. */
  | `end of ${Invocation}`
  | `call:${string}`;

/** When watching ends. */
export interface Limit {
  /** What is seen before it counts, whatever steps may still come. */
  readonly certainUs: number;
  /** When nothing else counts; Infinity while that is not known yet. */
  readonly untilUs: number;
}

/** Until when something is waited for. */
export function presenceLimit(watched: Watched, member: Member, view: View): Limit {
  const defaultUs = DEFAULT_MS[kindOf(watched)] * 1000;
  const watchUs = view.withinUs ?? defaultUs;
  const endUs = causeOf({ watched, member, view, watchUs }) + watchUs;
  const stepsUs = waitsForSteps(watched, view) ? view.stepsEndedUs + defaultUs : endUs;
  return limitOf(Math.max(endUs, stepsUs), watched, view);
}

/**
 * When the absence of something is believed. Without a `within` of the check's own that is never
 * before the steps have ended: what they still do may bring it about. `sinceUs`: what was wanted
 * came then, and more of it may follow.
 */
export function absenceLimit(
  watched: Watched,
  { member, view, sinceUs }: { member: Member; view: View; sinceUs: number },
): Limit {
  const watchUs = view.withinUs ?? view.settleUs;
  const causeUs = causeOf({ watched, member, view, watchUs });
  const stepsUs = view.withinUs === undefined ? Math.max(sinceUs, view.stepsEndedUs) : causeUs;
  return limitOf(Math.max(causeUs, stepsUs) + watchUs, watched, view);
}

// As long as steps are running there may be another send, post or call, and the last one counts.
function limitOf(endUs: number, watched: Watched, view: View): Limit {
  const mayMove = isStimulated(kindOf(watched)) && view.stepsEndedUs === Infinity;
  return { certainUs: endUs, untilUs: mayMove ? Infinity : endUs };
}

/** What a moment is waited for as. */
export function watchedAs(of: Moment['of']): Watched {
  if (of.kind === 'invocation') {
    return of.phase === 'started' ? of.invocation : `end of ${of.invocation}`;
  }
  if (of.kind === 'call') return `call:${of.call}`;
  if (of.name === 'received') return 'received';
  return of.name === 'closing' || of.name === 'closed' ? 'closed' : 'handshake';
}

// The handshake and the calls have no row in the table: as long as their steps, `connect` and
// `postToConnection`, wait by default.
const DEFAULT_MS = {
  handshake: 10_000,
  received: 2000,
  frames: 2000,
  closed: 5000,
  authorizer: 10_000,
  $connect: 10_000,
  message: 10_000,
  $disconnect: 10_000,
  call: 5000,
} as const;

function kindOf(watched: Watched): keyof typeof DEFAULT_MS {
  if (isCall(watched)) return 'call';
  return isEnd(watched) ? invocationIn(watched) : watched;
}

function isCall(watched: Watched): watched is `call:${string}` {
  return watched.startsWith('call:');
}

function isEnd(watched: Watched): watched is `end of ${Invocation}` {
  return watched.startsWith(END_OF);
}

const END_OF = 'end of ';

function invocationIn(watched: `end of ${Invocation}`): Invocation {
  // What is left of the template is what stands behind its beginning.
  return watched.slice(END_OF.length) as Invocation;
}

// A step has a deadline of its own and records what came of it: while steps are running, an answer
// is still being waited for.
function waitsForSteps(watched: Watched, view: View): boolean {
  return view.withinUs === undefined && (watched === 'handshake' || isCall(watched));
}

interface Question {
  readonly watched: Watched;
  readonly member: Member;
  readonly view: View;
  readonly watchUs: number;
}

// What we hold up counts as cause too: an endpoint can call $connect only when we have let the
// authorizer go. While we hold, time stands still.
function causeOf(question: Question): number {
  let causeUs = baseOf(question);
  for (const { fromUs, toUs } of delaysOf(question)) {
    if (fromUs < causeUs + question.watchUs) causeUs = Math.max(causeUs, toUs);
  }
  return causeUs;
}

function baseOf({ watched, member, view }: Question): number {
  const kind = kindOf(watched);
  if (isStimulated(kind)) return lastStimulus(kind, { watched, member, view });
  const cause = {
    handshake: () => instantOf('sent', member),
    authorizer: () => instantOf('sent', member),
    $connect: () => instantOf('sent', member),
    $disconnect: () => endOf(member),
    closed: () => endingStep(member),
  }[kind]();
  return Math.min(cause ?? Infinity, view.stepsEndedUs);
}

type Stimulated = 'message' | 'received' | 'frames' | 'call';

function isStimulated(kind: keyof typeof DEFAULT_MS): kind is Stimulated {
  return kind === 'message' || kind === 'received' || kind === 'frames' || kind === 'call';
}

function lastStimulus(
  kind: Stimulated,
  { watched, member, view }: Omit<Question, 'watchUs'>,
): number {
  const instants = {
    message: () => sends(member),
    received: () => [...sends(member), ...posts(member), ...openings(member)],
    frames: () => [...sends(member), ...posts(member), ...openings(member)],
    call: () => calls(member, watched.slice('call:'.length)),
  }[kind]();
  const before = instants.filter((instant) => instant <= view.stepsEndedUs);
  return before.length === 0 ? view.stepsEndedUs : Math.max(...before);
}

// `closing`, or `answered` where it never opened.
function endOf(member: Member): number | undefined {
  const closingUs = instantOf('closing', member);
  if (instantOf('opened', member) !== undefined) return closingUs;
  const answer = member.records.find(({ kind }) => kind === 'failure' || kind === 'response');
  return answer === undefined ? closingUs : Math.min(answer.atUs, closingUs ?? Infinity);
}

const ENDING: ReadonlySet<string> = new Set(['close', 'drop', 'deleteConnection']);

function endingStep(member: Member): number | undefined {
  return member.steps.find(({ verb, phase }) => phase === 'begun' && ENDING.has(verb))?.atUs;
}

function openings(member: Member): readonly number[] {
  const openedUs = instantOf('opened', member);
  return openedUs === undefined ? [] : [openedUs];
}

function sends(member: Member): readonly number[] {
  const begun = member.steps.filter(({ verb, phase }) => phase === 'begun' && verb === 'send');
  return [...begun, ...member.records.filter(isDataOut)].map(({ atUs }) => atUs);
}

function isDataOut(record: Sighted): boolean {
  return record.kind === 'frame' && record.direction === 'out' && record.opcode <= 2;
}

function posts(member: Member): readonly number[] {
  return member.records
    .filter((record) => record.kind === 'call' && record.verb === 'postToConnection')
    .map(({ atUs }) => atUs);
}

function calls(member: Member, name: string): readonly number[] {
  return member.records
    .filter((record) => record.kind === 'call' && record.name === name)
    .map(({ atUs }) => atUs);
}

interface Delay {
  readonly fromUs: number;
  readonly toUs: number;
}

/** What of ours can hold up what is waited for, by the order in which an endpoint calls us. */
const HELD_UP_BY: Readonly<Record<keyof typeof DEFAULT_MS, readonly Invocation[]>> = {
  authorizer: [],
  $connect: ['authorizer'],
  handshake: ['authorizer', '$connect'],
  message: ['authorizer', '$connect'],
  received: ['authorizer', '$connect', 'message'],
  frames: ['authorizer', '$connect', 'message'],
  $disconnect: ['authorizer', '$connect', 'message'],
  closed: [],
  call: [],
};

function delaysOf(question: Question): readonly Delay[] {
  const { member } = question;
  const kind = kindOf(question.watched);
  // An invocation itself is what holds up its own end.
  const own = isEnd(question.watched) ? [invocationIn(question.watched)] : [];
  const types = new Set([...HELD_UP_BY[kind], ...own].map((invocation) => TYPE_OF[invocation]));
  const held = member.records
    .filter(isStart)
    .filter(({ type }) => types.has(type))
    .map((start) => ({ fromUs: start.seenUs, toUs: letGoUs(start, question) }));
  const late = lateCauses(kind, member).map((atUs) => ({ fromUs: atUs, toUs: atUs }));
  return [...held, ...late].toSorted((a, b) => a.fromUs - b.fromUs);
}

// What may still come of itself after the last step, and then is the cause.
function lateCauses(kind: keyof typeof DEFAULT_MS, member: Member): readonly number[] {
  if (kind === 'received' || kind === 'frames') return openings(member);
  return kind === '$disconnect' ? [endOf(member) ?? -Infinity] : [];
}

type Start = Extract<Sighted, { readonly kind: 'invocation' }>;

function isStart(record: Sighted): record is Start {
  return record.kind === 'invocation' && record.phase === 'started';
}

// What is held when the steps end is released then; what hangs never is. And what comes before the
// answer to the upgrade is over with it.
function letGoUs(start: Start, { member, view, watchUs }: Question): number {
  const release = member.records.find(
    (record) =>
      record.kind === 'invocation' &&
      record.invocationId === start.invocationId &&
      record.phase !== 'started',
  );
  const answeredUs = start.type === 'MESSAGE' ? undefined : instantOf('answered', member);
  const overUs = Math.min(release?.seenUs ?? Infinity, answeredUs ?? Infinity);
  return overUs < view.stepsEndedUs + watchUs ? overUs : view.stepsEndedUs;
}
