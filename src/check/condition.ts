// Judges the condition of a check for every connection that it is about.

import type { CheckSpec, Condition, EvidencePath, Moment } from '../scenario/model.ts';
import { judgeAnswers } from './answers.ts';
import { judgeBetween } from './between.ts';
import { judgeClosed } from './closed.ts';
import { judgeElapsed } from './elapsed.ts';
import { judgeEvents } from './events.ts';
import { handshakeOutcome, judgeHandshake } from './handshake.ts';
import { judgeNever } from './never.ts';
import { judgeOrder } from './order.ts';
import {
  combine,
  errored,
  type Labelled,
  type Outcome,
  pending,
  resolve,
  type Settled,
} from './outcome.ts';
import { judgeReceived } from './received.ts';
import { judgeRecord } from './record.ts';
import { judgeDistinct, judgeSame } from './same.ts';
import type { Member, View } from './view.ts';

/** A check that is no threshold. */
export interface PlainCheck extends CheckSpec {
  readonly condition: Condition;
}

/** Judges a check: its condition must hold for each member of each of its connections. */
export function judgeCondition(check: PlainCheck, view: View, nowUs: number): Outcome {
  const names = namesIn(check);
  const empty = names.find((name) => view.membersOf(name).length === 0);
  if (empty !== undefined) return noConnection(empty, view);
  const { condition } = check;
  if (isAcross(condition)) {
    return untested(names, condition, view) ?? judgeAcross({ condition, check, view, nowUs });
  }
  return combine(
    judgeMembers(condition, {
      connections: check.connections,
      view,
      nowUs,
      isAsked: asksForUnreachable(condition),
    }),
  );
}

/** Judges a condition of one member as if there were no other. */
export function judgeAlone(
  condition: Condition,
  { member, view, nowUs }: { member: Member; view: View; nowUs: number },
): Outcome {
  const alone: View = { ...view, membersOf: () => [member] };
  if (!isAcross(condition)) {
    // One attempt of many that found no way in is a sample of what is counted.
    const isAsked = asksForOutcome(condition);
    const asking = { connections: [member.name], view: alone, nowUs, isAsked };
    const [only] = judgeMembers(condition, asking);
    return only === undefined ? noConnection(member.name, view) : only.outcome;
  }
  const problem = untested([member.name], condition, alone);
  if (problem !== undefined) return problem;
  if (condition.kind === 'distinct') {
    return judgeDistinct(condition.paths, { connections: [member.name], view: alone, nowUs });
  }
  return resolve(judgeFor(condition, { own: member.name, view: alone, nowUs }), nowUs);
}

/** Why there is nothing to judge: an empty group is an error, never a pass, once the steps are over. */
export function noConnection(name: string, view: View): Outcome {
  const outcome = errored('NO_CONNECTION', `there is no connection "${name}"`);
  if (view.stepsEndedUs < Infinity) return outcome;
  return pending(Infinity, outcome);
}

/** Conditions that name moments or paths, and with them perhaps other connections. */
type Across = Extract<
  Condition,
  { readonly kind: 'order' | 'never' | 'elapsed' | 'between' | 'same' | 'distinct' | 'record' }
>;
type OfMember = Exclude<Condition, Across>;

function isAcross(condition: Condition): condition is Across {
  return ACROSS.has(condition.kind);
}

const ACROSS: ReadonlySet<string> = new Set([
  'order',
  'never',
  'elapsed',
  'between',
  'same',
  'distinct',
  'record',
]);

function judgeMembers(
  condition: OfMember,
  asking: {
    readonly connections: readonly string[];
    readonly view: View;
    readonly nowUs: number;
    /** A member that reached nothing is judged too. */
    readonly isAsked: boolean;
  },
): readonly Labelled[] {
  const { connections, view, nowUs, isAsked } = asking;
  const members = [...new Set(connections)].flatMap((name) => view.membersOf(name));
  return members.map((member) => {
    const problem = isAsked ? undefined : problemOf(member);
    const outcome = problem ?? judgeMember(condition, { member, view, nowUs });
    const label = members.length === 1 ? '' : member.label;
    return { label, outcome: resolve(outcome, nowUs) };
  });
}

function judgeMember(
  condition: OfMember,
  asking: { readonly member: Member; readonly view: View; readonly nowUs: number },
): Outcome {
  const { member, view } = asking;
  switch (condition.kind) {
    case 'handshake':
      return judgeHandshake(condition.fields, member, view);
    case 'closed':
      return judgeClosed(condition.fields, member, view);
    case 'received':
    case 'frames':
      return judgeReceived(condition, member, view);
    case 'events':
      return judgeEvents(condition.want, asking);
    case 'answers':
      return judgeAnswers(condition.want, asking);
    default:
      return condition;
  }
}

interface AcrossInput {
  readonly condition: Across;
  readonly check: PlainCheck;
  readonly view: View;
  readonly nowUs: number;
}

function judgeAcross({ condition, check, view, nowUs }: AcrossInput): Outcome {
  const { connections } = check;
  if (condition.kind === 'distinct') {
    return judgeDistinct(condition.paths, { connections, view, nowUs });
  }
  const owners = ownersOf(condition, connections);
  return combine(
    owners.map((own) => ({
      label: owners.length === 1 ? '' : own,
      outcome: resolve(judgeFor(condition, { own, view, nowUs }), nowUs),
    })),
  );
}

function judgeFor(
  condition: Exclude<Across, { readonly kind: 'distinct' }>,
  asking: { readonly own: string; readonly view: View; readonly nowUs: number },
): Outcome {
  switch (condition.kind) {
    case 'order':
      return judgeOrder(condition.moments, asking);
    case 'never':
      return judgeNever(condition, asking);
    case 'elapsed':
      return judgeElapsed(
        { from: condition.from, to: condition.to, matcher: condition.ms },
        asking,
      );
    case 'between': {
      const [from, to] = condition.paths;
      return judgeBetween({ from, to, matcher: condition.ms }, asking);
    }
    case 'same':
      return judgeSame(condition.paths, asking);
    case 'record':
      return judgeRecord(condition.paths, asking);
    default:
      return condition;
  }
}

// Where everything names its connection there is nothing to judge for each of the check's own.
function ownersOf(condition: Across, connections: readonly string[]): readonly string[] {
  const named = referencesIn(condition).every(({ connection }) => connection !== undefined);
  return named ? [connections[0] ?? ''] : [...new Set(connections)];
}

/** The connections that a check is about, with those that only its moments and paths name. */
export function namesIn({
  condition,
  connections,
}: Pick<CheckSpec, 'condition' | 'connections'>): readonly string[] {
  if (condition.kind === 'threshold' || condition.kind === 'estimate') return connections;
  if (!isAcross(condition)) return connections;
  const names = referencesIn(condition).map(({ connection }) => connection);
  const own = names.includes(undefined) ? connections : [];
  return [...new Set([...own, ...names.filter((name) => name !== undefined)])];
}

function referencesIn(condition: Across): readonly (Moment | EvidencePath)[] {
  switch (condition.kind) {
    case 'order':
      return condition.moments;
    case 'never': {
      const { moment, side } = condition;
      return side === undefined ? [moment] : [moment, side.moment];
    }
    case 'elapsed':
      return [condition.from, condition.to];
    case 'between':
    case 'same':
    case 'record':
    case 'distinct':
      return condition.paths;
    default:
      return condition;
  }
}

// A connection that could not be reached makes its checks errored, except those that ask for that.
function untested(names: readonly string[], condition: Condition, view: View): Settled | undefined {
  if (asksForOutcome(condition)) return undefined;
  return names
    .flatMap((name) => view.membersOf(name))
    .map(problemOf)
    .find((problem) => problem !== undefined);
}

/** True if it is about how the handshake came out, also where nobody answered. */
function asksForOutcome(condition: Condition): boolean {
  if (condition.kind === 'handshake') return Object.hasOwn(condition.fields, 'outcome');
  if (!isAcross(condition)) return false;
  return referencesIn(condition).some(
    (reference) =>
      'root' in reference && reference.root === 'handshake' && reference.keys[0] === 'outcome',
  );
}

/**
 * True if a connection that reached nothing is what it asks about: `outcome: unreachable`, or a matcher
 * with that word. `{ not: opened }` would hold for a host that does not exist.
 */
export function asksForUnreachable(condition: Condition): boolean {
  if (condition.kind !== 'handshake') return asksForOutcome(condition);
  return JSON.stringify(condition.fields['outcome'] ?? null).includes('unreachable');
}

/** What is to be said of a member that never reached the endpoint; undefined of others. */
export function unreachedOf(member: Member): Settled | undefined {
  if (handshakeOutcome(member) !== 'unreachable') return undefined;
  const failure = member.records.find(({ kind }) => kind === 'failure');
  const why = failure?.kind === 'failure' ? `: ${failure.message}` : '';
  const evidence = failure === undefined ? [] : [failure.seq];
  return errored('TARGET_UNREACHABLE', `${member.label} could not connect${why}`, evidence);
}

function problemOf(member: Member): Settled | undefined {
  const unreached = unreachedOf(member);
  if (unreached !== undefined) return unreached;
  const prevented = member.steps.find(
    ({ verb, phase }) => verb === 'connect' && phase === 'prevented',
  );
  if (prevented === undefined) return undefined;
  const message = prevented.message ?? 'its connect step was prevented';
  return errored('PREVENTED', `${member.label} was not tried: ${message}`, [prevented.seq]);
}
