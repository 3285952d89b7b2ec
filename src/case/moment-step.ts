// The `wait` step: waits until a moment is seen.
import { momentSeen } from '../check/moment.ts';
import type { Moment } from '../scenario/model.ts';
import type { CaseContext } from './member.ts';
import type { StepEnd } from './step-end.ts';

/** Resolves when every member of the connection has had the moment, or when the deadline passes. */
export async function waitForMoment(
  context: CaseContext,
  step: { readonly moment: Moment; readonly connection: string; readonly withinMs: number },
): Promise<StepEnd> {
  const untilUs = context.clock.nowUs() + step.withinMs * 1000;
  while (!context.signal.aborted) {
    if (momentSeen(context.recorder.snapshot(), step.moment, step.connection))
      return { kind: 'done' };
    if (context.clock.nowUs() >= untilUs) return { kind: 'deadline' };
    await context.recorder.whenChanged(untilUs, context.signal);
  }
  return { kind: 'deadline' };
}
