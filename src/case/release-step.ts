// The `release` step: lets a held invocation go, once it was held for its least time.
import type { Invocation } from '../scenario/model.ts';
import type { CaseContext, Member } from './member.ts';
import type { StepEnd } from './step-end.ts';

/**
 * Waits for the invocation if need be and releases it. It is impossible when the endpoint has
 * already refused or ended the connection and the invocation did not come within the target's
 * settle time after that: nobody will invoke the backend any more. The `$disconnect` of a connection
 * that was open is waited for until the step's deadline.
 */
export async function driveRelease(
  context: CaseContext,
  step: { readonly invocation: Invocation; readonly withinMs: number },
  member: Member,
): Promise<StepEnd> {
  const { enrolment } = member;
  if (enrolment === undefined) return { kind: 'prevented', message: 'the target has no probe' };
  const limit = new AbortController();
  let why: StepEnd = { kind: 'deadline' };
  const cancel = context.clock.after(step.withinMs, () => limit.abort());
  void member.connection.closed.then(async () => {
    // Of a connection that was open this is what comes after its end, as late as the endpoint likes.
    const { outcome } = await member.connection.answered;
    if (step.invocation === '$disconnect' && outcome === 'opened') return;
    await context.clock.sleep(context.target.settleMs, limit.signal);
    if (limit.signal.aborted || enrolment.isHeld(step.invocation)) return;
    why = {
      kind: 'impossible',
      message: `the connection had ended and the backend's ${step.invocation} was not invoked`,
    };
    limit.abort();
  });
  const signal = AbortSignal.any([limit.signal, context.signal]);
  const released = await enrolment.release(step.invocation, signal);
  cancel();
  limit.abort();
  member.connection.resumeDeadline();
  return released ? { kind: 'done' } : why;
}
