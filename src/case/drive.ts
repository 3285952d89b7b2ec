// Drives the steps of one case. A step never asserts: it ends when what it started has finished or
// is being held, when its deadline has passed (recorded, driving goes on), or when it cannot be done.
import { settlesWithin } from '../base/clock.ts';
import type { Interruption } from '../result/evidence.ts';
import type { Step } from '../scenario/model.ts';
import { fillNonce } from '../scenario/variables.ts';
import { driveCall } from './call-step.ts';
import { driveConnect, whyUnsent } from './connect-step.ts';
import type { CaseContext, Member } from './member.ts';
import { waitForMoment } from './moment-step.ts';
import { ofConnection } from './recorder.ts';
import { driveRelease } from './release-step.ts';
import { driveScriptedRelease, isScripted } from './scripted-hold.ts';
import { writeSend } from './send-step.ts';
import type { StepEnd } from './step-end.ts';

/** The connections that the steps have made so far, by name. */
export type Members = Map<string, readonly Member[]>;

/** Runs the steps in order; resolves with why driving ended early, if it did. */
export async function driveSteps(
  context: CaseContext,
  steps: readonly Step[],
  members: Members,
  prefix = '',
): Promise<Interruption | undefined> {
  for (const [i, step] of steps.entries()) {
    const index = `${prefix}${i + 1}`;
    if (context.signal.aborted) return interrupted(index, step.verb);
    const interruption = await driveRecorded(context, step, members, index);
    if (interruption !== undefined) return interruption;
  }
  return undefined;
}

async function driveRecorded(
  context: CaseContext,
  step: Step,
  members: Members,
  index: string,
): Promise<Interruption | undefined> {
  const note = (
    phase: 'begun' | 'ended' | 'deadline' | 'impossible' | 'prevented',
    message?: string,
  ): void =>
    context.recorder.add({
      kind: 'step',
      atUs: context.clock.nowUs(),
      ...ofConnection(step.connection, 0),
      index,
      verb: step.verb,
      phase,
      ...(message === undefined ? {} : { message }),
    });
  note('begun');
  const end = await driveStep(context, step, members, index);
  if ('interruption' in end) return end.interruption;
  if (end.kind === 'done' || end.kind === 'deadline') {
    note(end.kind === 'done' ? 'ended' : 'deadline');
    return context.signal.aborted ? interrupted(index, step.verb) : undefined;
  }
  note(end.kind, end.message);
  const cause = end.kind === 'impossible' ? 'target' : 'tool';
  return { cause, step: `${index} (${step.verb})`, message: end.message };
}

type Ended = StepEnd | { readonly interruption: Interruption };

async function driveStep(
  context: CaseContext,
  step: Step,
  members: Members,
  index: string,
): Promise<Ended> {
  switch (step.verb) {
    case 'connect': {
      const unsent = whyUnsent(context, step);
      if (unsent !== undefined) {
        context.recorder.addConnection({ name: step.connection, members: 1, subprotocols: [] });
        return { kind: 'prevented', message: unsent };
      }
      members.set(step.connection, await driveConnect(context, step));
      return DONE;
    }
    case 'idle':
      await context.clock.sleep(step.ms, context.signal);
      return DONE;
    case 'wait':
      return waitForMoment(context, step);
    case 'repeat':
    case 'parallel':
      return driveBlock(context, step, members, index);
    default:
      return driveOnMembers(context, step, members.get(step.connection) ?? []);
  }
}

type MemberStep = Exclude<Step, { verb: 'connect' | 'idle' | 'wait' | 'repeat' | 'parallel' }>;

/** Acts on every member at once; the first end that is not `done` speaks for the group. */
async function driveOnMembers(
  context: CaseContext,
  step: MemberStep,
  group: readonly Member[],
): Promise<StepEnd> {
  if (group.length === 0) return driveWithoutMember(context, step);
  const ends = await Promise.all(group.map((member) => driveOnMember(context, step, member)));
  return (
    ends.find((end) => end.kind === 'prevented') ??
    ends.find((end) => end.kind === 'impossible') ??
    ends.find((end) => end.kind === 'deadline') ??
    DONE
  );
}

/** A call that names an id of its own needs no connection. */
async function driveWithoutMember(context: CaseContext, step: MemberStep): Promise<StepEnd> {
  if (!('call' in step)) return { kind: 'prevented', message: `no connection ${step.connection}` };
  return callEnd(await driveCall(context, step, undefined));
}

async function driveOnMember(
  context: CaseContext,
  step: MemberStep,
  member: Member,
): Promise<StepEnd> {
  const unreachable = await whyUnreachable(member);
  if (unreachable !== undefined) return { kind: 'prevented', message: unreachable };
  switch (step.verb) {
    case 'release':
      return isScripted(context)
        ? driveScriptedRelease(context, step, member)
        : driveRelease(context, step, member);
    case 'send':
      return writeEnd(writeSend(context, step.send, member), context, member);
    case 'close': {
      const reason = closeReason(context, step, member);
      const begun = member.connection.close(step.code, reason, step.withinMs);
      if (begun && reason.includes(member.nonce)) member.enrolment?.announce();
      return begun
        ? closedInTime(context, member, step.withinMs)
        : writeEnd(false, context, member);
    }
    case 'drop':
      return writeEnd(member.connection.drop(step.how), context, member);
    default:
      return callEnd(await driveCall(context, step, member));
  }
}

const DONE: StepEnd = { kind: 'done' };

/** Where that is how attempts are recognised, a close frame with a code says the nonce as its reason. */
function closeReason(
  { target }: CaseContext,
  { code, reason }: { readonly code: number | undefined; readonly reason: string },
  { nonce }: Member,
): string {
  const says = target.correlate.kind === 'close-reason' && code !== undefined && reason === '';
  return says ? nonce : fillNonce(reason, nonce);
}

function callEnd(impossible: string | undefined): StepEnd {
  return impossible === undefined ? DONE : { kind: 'impossible', message: impossible };
}

async function writeEnd(written: boolean, context: CaseContext, member: Member): Promise<StepEnd> {
  if (written) return DONE;
  const state = member.connection.state === 'closed' ? 'closed' : 'ending';
  const why = (await whyNotOpened(member)) ?? whyBroken(context, member);
  return { kind: 'impossible', message: why ?? `the connection was already ${state}` };
}

/** The rule of the protocol that the server broke, where it did. */
function whyBroken({ recorder }: CaseContext, { name, index }: Member): string | undefined {
  const broken = recorder
    .snapshot()
    .records.find(
      (record) =>
        record.kind === 'protocolError' && record.connection === name && record.member === index,
    );
  if (broken?.kind !== 'protocolError') return undefined;
  return `the server broke the protocol: ${broken.message}`;
}

/** What the handshake came to, where it is over and did not open the connection. */
async function whyNotOpened(member: Member): Promise<string | undefined> {
  const handshake = await Promise.race([member.connection.answered, Promise.resolve(undefined)]);
  if (handshake === undefined) return undefined;
  if ('failure' in handshake) return `the handshake failed: ${handshake.failure.message}`;
  const { outcome, head, violations } = handshake;
  if (outcome === 'opened') return undefined;
  return outcome === 'refused'
    ? `the handshake was refused with ${`${head.status} ${head.phrase}`.trim()}`
    : `the answer to the handshake was not valid: ${violations.join(', ')}`;
}

async function closedInTime(
  context: CaseContext,
  member: Member,
  withinMs: number,
): Promise<StepEnd> {
  const { clock, signal } = context;
  const closed = await settlesWithin(clock, member.connection.closed, withinMs, signal);
  return { kind: closed ? 'done' : 'deadline' };
}

/** The failure of an attempt that never reached the endpoint; such a step is not the target's fault. */
async function whyUnreachable(member: Member): Promise<string | undefined> {
  if (member.connection.state !== 'closed') return undefined;
  const handshake = await member.connection.answered;
  return handshake.outcome === 'unreachable' ? handshake.failure.message : undefined;
}

type Block = Extract<Step, { verb: 'repeat' | 'parallel' }>;

async function driveBlock(
  context: CaseContext,
  step: Block,
  members: Members,
  index: string,
): Promise<Ended> {
  if (step.verb === 'parallel') {
    const all = step.steps.map((one, i) =>
      driveRecorded(context, one, members, `${index}.${i + 1}`),
    );
    return blockEnd(await Promise.all(all));
  }
  return blockEnd(await driveRounds(context, step, members, index));
}

async function driveRounds(
  context: CaseContext,
  step: Extract<Step, { verb: 'repeat' }>,
  members: Members,
  index: string,
): Promise<readonly (Interruption | undefined)[]> {
  const startUs = context.clock.nowUs();
  const ends: (Interruption | undefined)[] = [];
  const goesOn = (): boolean => ends.every((end) => end === undefined);
  let round = 0;
  const lane = async (): Promise<void> => {
    while (round < step.times && goesOn()) {
      const own = round++;
      const dueMs = own * step.everyMs - (context.clock.nowUs() - startUs) / 1000;
      if (dueMs > 0) await context.clock.sleep(dueMs, context.signal);
      ends.push(await driveSteps(context, step.steps, members, `${index}.${own + 1}.`));
    }
  };
  await Promise.all(Array.from({ length: Math.min(step.atOnce, step.times) }, lane));
  return ends;
}

function blockEnd(ends: readonly (Interruption | undefined)[]): Ended {
  const interruption = ends.find((end) => end !== undefined);
  return interruption === undefined ? DONE : { interruption };
}

function interrupted(index: string, verb: string): Interruption {
  return { cause: 'tool', step: `${index} (${verb})`, message: 'the run was interrupted' };
}
