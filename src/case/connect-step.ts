// The `connect` step: opens a group and ends when each member has been answered or is being held.
import type { ConnectSpec } from '../scenario/model.ts';
import { type CaseContext, type Member, openMember } from './member.ts';

/** A `connect` step as the driver hands it over. */
export interface ConnectStep {
  readonly connection: string;
  readonly connect: ConnectSpec;
  readonly withinMs: number;
}

/**
 * Opens all members, at most `atOnce` on their way at a time, and resolves when each has an answer,
 * has an invocation that is being held, or (with `until: sent`) has written its request. Its
 * deadline is the connection's own: it stands still while the backend holds.
 */
export async function driveConnect(
  context: CaseContext,
  step: ConnectStep,
): Promise<readonly Member[]> {
  const { count, atOnce, subprotocols } = step.connect;
  context.recorder.addConnection({ name: step.connection, members: count, subprotocols });
  const members: Member[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count && !context.signal.aborted) {
      const member = openMember(context, step, next++);
      members.push(member);
      await settled(context, member, step.connect.untilSent);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
  return members.toSorted((a, b) => a.index - b.index);
}

async function settled(context: CaseContext, member: Member, untilSent: boolean): Promise<void> {
  const { connection } = member;
  if (untilSent) {
    await Promise.race([connection.sent, whenAborted(context.signal)]);
    void followHolds(context, member);
    return;
  }
  await Promise.race([
    connection.answered,
    followHolds(context, member),
    whenAborted(context.signal),
  ]);
}

/**
 * Stops the connection's deadline when an invocation begins to be held (its release lets it run on);
 * resolves at the first hold.
 */
function followHolds(context: CaseContext, member: Member): Promise<void> {
  const { connection, enrolment } = member;
  if (enrolment === undefined) return new Promise(() => {});
  return new Promise((resolve) => {
    const answered = new AbortController();
    void connection.answered.then(() => answered.abort());
    const signal = AbortSignal.any([answered.signal, context.signal]);
    void (async (): Promise<void> => {
      while (!signal.aborted) {
        const held = await enrolment.whenHeld(signal);
        if (held === undefined) return;
        connection.pauseDeadline();
        resolve();
      }
    })();
  });
}

function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
