// The `wait` step: waits until a moment is seen.
import { firstOf } from '../check/moment.ts';
import { viewOf } from '../check/view.ts';
import type { Moment } from '../scenario/model.ts';
import type { CaseContext } from './member.ts';
import type { StepEnd } from './step-end.ts';

/** A `wait` step as the driver hands it over. */
export interface WaitStep {
  readonly moment: Moment;
  readonly connection: string;
  readonly withinMs: number;
}

/** Resolves when every member of the connection has had the moment, or when the deadline passes. */
export async function waitForMoment(context: CaseContext, step: WaitStep): Promise<StepEnd> {
  const { clock, recorder, signal } = context;
  const untilUs = clock.nowUs() + step.withinMs * 1000;
  while (!signal.aborted) {
    if (wasSeen(context, step)) return { kind: 'done' };
    if (clock.nowUs() >= untilUs) return { kind: 'deadline' };
    await recorder.whenChanged(untilUs, signal);
  }
  return { kind: 'deadline' };
}

function wasSeen({ recorder, target }: CaseContext, { moment, connection }: WaitStep): boolean {
  const view = viewOf({
    evidence: recorder.snapshot(),
    settleMs: target.settleMs,
    withinMs: undefined,
    cutUs: Number.POSITIVE_INFINITY,
  });
  const members = view.membersOf(moment.connection ?? connection);
  return members.length > 0 && members.every((member) => firstOf(moment.of, member) !== undefined);
}
