// Holds of a scripted probe. It answers by itself, so long after the handler began; the runner knows
// only the cause, and that the answer cannot come before cause + hold.

import { isClosing, TYPE_OF } from '../check/moment.ts';
import type { EvidenceRecord } from '../result/evidence.ts';
import type { Invocation, Plan } from '../scenario/model.ts';
import type { CaseContext, Member } from './member.ts';
import { ofConnection } from './recorder.ts';
import type { StepEnd } from './step-end.ts';

/** True where the probe of the context's target is scripted. */
export function isScripted({ target }: Pick<CaseContext, 'target'>): boolean {
  return target.probe?.kind === 'scripted';
}

/** True when something that comes before the answer to the upgrade is held. */
export function holdsUpgrade({ plans }: Pick<Member, 'plans'>): boolean {
  return plans.authorizer?.when.kind === 'hold' || plans.$connect?.when.kind === 'hold';
}

/**
 * Waits until cause + hold and records that instant as `released`. When it was over before this step
 * began, what stands between was not done while the backend was held: that is noted for every check.
 */
export async function driveScriptedRelease(
  context: CaseContext,
  step: { readonly invocation: Invocation; readonly withinMs: number },
  member: Member,
): Promise<StepEnd> {
  const { clock, recorder, signal } = context;
  const begunUs = clock.nowUs();
  const deadlineUs = begunUs + step.withinMs * 1000;
  const held = await holdOf(context, { ...step, deadlineUs }, member);
  if (held === undefined) return missed(member, step.invocation);
  const overUs = held.causeUs + held.ms * 1000;
  const releasedUs = overUs - EARLY_US;
  if (begunUs > releasedUs) noteShort(context, { ...step, held, nowUs: begunUs }, member);
  // As long as it takes: how long that is was asked for. Timers may fire a little early.
  while (clock.nowUs() < overUs && !signal.aborted) {
    await clock.sleep(Math.ceil((overUs - clock.nowUs()) / 1000), signal);
  }
  member.connection.resumeDeadline();
  if (signal.aborted) return { kind: 'deadline' };
  recorder.add({
    ...ofConnection(member.name, member.index),
    kind: 'invocation',
    type: TYPE_OF[step.invocation],
    phase: 'released',
    invocationId: `planned-${step.invocation}-${held.causeUs}`,
    atUs: releasedUs,
    clock: 'runner',
    planned: true,
  });
  return { kind: 'done' };
}

// Timers may fire a little early, and what is recorded must not come after the true release.
const EARLY_US = 10_000;

interface Hold {
  /** The handler cannot have begun before it. */
  readonly causeUs: number;
  readonly ms: number;
}

interface Releasing {
  readonly invocation: Invocation;
  readonly deadlineUs: number;
}

async function holdOf(
  context: CaseContext,
  { invocation, deadlineUs }: Releasing,
  member: Member,
): Promise<Hold | undefined> {
  const { plans } = member;
  if (invocation === 'message') {
    const message = member.heldMessages.shift();
    return message && { causeUs: message.sentAtUs, ms: holdMs(message.plan) };
  }
  const find = invocation === '$disconnect' ? causeOfEnding : causeOfUpgrade;
  const causeUs = await whenFound(context, { find, deadlineUs }, member);
  if (causeUs === undefined) return undefined;
  // The integration is called when the authorizer has answered.
  const before = invocation === '$connect' ? waitMs(plans.authorizer) : 0;
  return { causeUs: causeUs + before * 1000, ms: holdMs(plans[invocation]) };
}

type FindCause = (records: readonly EvidenceRecord[]) => number | undefined;

/** When writing the request began. */
function causeOfUpgrade(records: readonly EvidenceRecord[]): number | undefined {
  return records.find(({ kind }) => kind === 'request')?.atUs;
}

/**
 * When we began to end the connection. What the server began it may have told its backend before we
 * saw it; then all that is known is that the connection was open.
 */
function causeOfEnding(records: readonly EvidenceRecord[]): number | undefined {
  const closing = records.find(isClosing);
  if (closing === undefined) return undefined;
  const ours = !('direction' in closing) || closing.direction === 'out';
  return ours ? closing.atUs : records.find(({ kind }) => kind === 'response')?.atUs;
}

function holdMs(plan: Plan | undefined): number {
  return plan?.when.kind === 'hold' ? plan.when.ms : 0;
}

function waitMs(plan: Plan | undefined): number {
  return plan?.when.kind === 'hold' || plan?.when.kind === 'delay' ? plan.when.ms : 0;
}

async function whenFound(
  context: CaseContext,
  wanted: { readonly find: FindCause; readonly deadlineUs: number },
  member: Member,
): Promise<number | undefined> {
  const { clock, recorder, signal } = context;
  for (;;) {
    const { records } = recorder.snapshot();
    const own = records.filter(
      ({ connection, member: index }) => connection === member.name && index === member.index,
    );
    const found = wanted.find(own);
    if (found !== undefined) return found;
    if (signal.aborted || clock.nowUs() >= wanted.deadlineUs || (await isOver(member)))
      return undefined;
    await recorder.whenChanged(wanted.deadlineUs, signal);
  }
}

/** It never opened, so it will not close either. */
async function isOver({ connection }: Member): Promise<boolean> {
  if (connection.state !== 'closed') return false;
  return (await connection.answered).outcome !== 'opened';
}

async function missed(member: Member, invocation: Invocation): Promise<StepEnd> {
  const message = `the connection had ended and the backend's ${invocation} was not to come`;
  return (await isOver(member)) ? { kind: 'impossible', message } : { kind: 'deadline' };
}

interface ShortHold {
  readonly invocation: Invocation;
  readonly held: Hold;
  readonly nowUs: number;
}

function noteShort(
  { recorder }: CaseContext,
  { invocation, held, nowUs }: ShortHold,
  member: Member,
): void {
  const neededMs = (nowUs - held.causeUs) / 1000;
  const better = Math.ceil((neededMs * 1.5) / 1000);
  const began = recorder
    .snapshot()
    .records.some(
      (record) =>
        record.kind === 'invocation' &&
        record.type === TYPE_OF[invocation] &&
        record.connection === member.name &&
        record.member === member.index,
    );
  // A longer hold is no help where nothing is held.
  recorder.noteShortHold(
    began
      ? `the hold was over too soon: held ${seconds(held.ms)} s, needed ${seconds(neededMs)} s; use hold: ${better}s`
      : `no ${invocation} to be held was seen: what needs it was done ${seconds(neededMs)} s after its cause`,
  );
}

function seconds(ms: number): string {
  return String(Math.ceil(ms / 100) / 10);
}
