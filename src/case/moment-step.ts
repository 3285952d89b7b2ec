// The `wait` step: waits until a moment is seen.
import { isAt } from '../check/moment.ts';
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
  const hadByAll = createTally(recorder, step);
  while (!signal.aborted) {
    if (hadByAll()) return { kind: 'done' };
    if (clock.nowUs() >= untilUs) return { kind: 'deadline' };
    await recorder.whenChanged(untilUs, signal);
  }
  return { kind: 'deadline' };
}

// Asked at every record, so each record is looked at once: a crowd has thousands.
function createTally(
  recorder: CaseContext['recorder'],
  { moment, connection }: WaitStep,
): () => boolean {
  const name = moment.connection ?? connection;
  const had = new Set<number>();
  let looked = 0;
  return () => {
    const { connections, records } = recorder.snapshot();
    for (const record of records.slice(looked)) {
      if (record.connection === name && isAt(moment.of, record)) had.add(record.member);
    }
    looked = records.length;
    return had.size === connections.find((one) => one.name === name)?.members;
  };
}
