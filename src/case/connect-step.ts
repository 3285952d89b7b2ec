// The `connect` step: opens a group and ends when each member has been answered or is being held.
import { Buffer } from 'node:buffer';
import { URL_LIMIT_BYTES } from '../probe/script.ts';
import type { ConnectSpec } from '../scenario/model.ts';
import { type CaseContext, type Member, openMember } from './member.ts';
import { plansFor } from './plans.ts';
import { buildRequest } from './request.ts';
import { scriptFor } from './script.ts';
import { holdsUpgrade, isScripted } from './scripted-hold.ts';
import { signAttempt } from './sign.ts';

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
  context.recorder.addConnection({
    name: step.connection,
    members: count,
    // Browsers have no other place for a token.
    subprotocols: subprotocols.map((one) => context.redactor.text(one)),
  });
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

/**
 * Why the request may not be sent; undefined when it may. A script makes the URL longer, and what
 * refuses a URL for its length would look like an answer to the scenario.
 */
export function whyUnsent(
  { target, clock }: CaseContext,
  { connect }: Pick<ConnectStep, 'connect'>,
): string | undefined {
  const { urlBytes } = connect;
  const script = scriptFor(plansFor(connect, target), { target, clock });
  if (script.length === 0 && urlBytes === undefined) return undefined;
  const unsigned = buildRequest(connect, target, { nonce: 'a'.repeat(26), script });
  const request = signAttempt(unsigned, connect, { target, wallMs: clock.wallMs() });
  const bytes = Buffer.byteLength(`${new URL(request.url).origin}${request.target}`);
  if (urlBytes !== undefined) {
    if (bytes === urlBytes) return undefined;
    return `the URL has ${bytes} bytes and cannot be filled up to ${urlBytes}`;
  }
  if (bytes <= URL_LIMIT_BYTES) return undefined;
  return `the plan makes a URL of ${bytes} bytes, and more than ${URL_LIMIT_BYTES} are not sent`;
}

async function settled(context: CaseContext, member: Member, untilSent: boolean): Promise<void> {
  const { connection } = member;
  if (untilSent) {
    await Promise.race([connection.sent, whenAborted(context.signal)]);
    void followHolds(context, member);
    return;
  }
  const held = isScripted(context) ? whenSent(member) : followHolds(context, member);
  await Promise.race([connection.answered, held, whenAborted(context.signal)]);
}

/**
 * A scripted probe holds by itself, out of our sight: a hold begins, for all we know, when the request
 * was sent, and the deadline stands still until its release.
 */
async function whenSent(member: Member): Promise<void> {
  if (!holdsUpgrade(member) || !(await member.connection.sent)) return new Promise(() => {});
  member.connection.pauseDeadline();
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
