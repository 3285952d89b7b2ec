// One invocation from its arrival to its answer: when it is let go, and the records of it.
import type { Clock } from '../base/clock.ts';
import type { Arrival } from '../probe/arrival.ts';
import type { ProbeAnswer } from '../probe/contract.ts';
import type { InvocationRecord } from '../result/evidence.ts';
import type { Plan } from '../scenario/model.ts';

/** A record before it is known, or needs to be said, whose it is. */
export type BackendRecord = Omit<InvocationRecord, 'connection' | 'member'>;

/** One phase of a flight; what else its record says is known to whoever launched it. */
export type Phase = Pick<BackendRecord, 'phase' | 'atUs'> & {
  readonly answer?: ProbeAnswer;
};

/** An invocation on its way. */
export interface Flight {
  /** True while its plan holds it: until its answer is being written, or its caller has gone. */
  readonly held: boolean;
  /** Answers it; not before it was held for its `hold` unless `atOnce`. No effect on what is not held. */
  letGo(atOnce: boolean): void;
  /** Resolves when it has been answered or its caller has gone. Never for a `hang` that is kept. */
  readonly done: Promise<void>;
}

/** Takes an arrival through its plan. Emits `started` at once, in the same turn. */
export function launchFlight(options: {
  readonly arrival: Arrival;
  readonly when: Plan['when'];
  readonly answer: ProbeAnswer;
  readonly clock: Clock;
  readonly emit: (phase: Phase) => void;
}): Flight {
  const { arrival, when, answer, clock, emit } = options;
  let state: 'waiting' | 'held' | 'leaving' | 'answering' | 'done' = 'waiting';
  let cancelTimer = (): void => undefined;
  let resolveDone = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    resolveDone = resolve;
  });

  const finish = (phase: 'ended' | 'abandoned'): void => {
    if (state === 'done') return;
    state = 'done';
    cancelTimer();
    emit({ phase, atUs: clock.nowUs(), ...(phase === 'ended' && { answer }) });
    resolveDone();
  };
  const go = (): void => {
    state = 'answering';
    emit({ phase: 'released', atUs: clock.nowUs() });
    arrival.answer(answer).then(
      (handedOver) => finish(handedOver ? 'ended' : 'abandoned'),
      () => finish('abandoned'),
    );
  };
  // Timers may fire a little early, and a hold that is a millisecond short would weaken the test.
  const goAfter = (ms: number): void => {
    cancelTimer();
    const remainingMs = ms - (clock.nowUs() - arrival.atUs) / 1000;
    if (remainingMs <= 0) return go();
    cancelTimer = clock.after(Math.ceil(remainingMs), () => goAfter(ms));
  };
  const begin = (): void => {
    if (when.kind === 'hold') state = 'held';
    if (when.kind === 'now') go();
    if (when.kind === 'delay') goAfter(when.ms);
  };
  const letGo = (atOnce: boolean): void => {
    if (when.kind !== 'hold' || (state !== 'held' && state !== 'leaving')) return;
    state = 'leaving';
    goAfter(atOnce ? 0 : when.ms);
  };

  emit({ phase: 'started', atUs: arrival.atUs });
  if (arrival.gone.aborted) {
    finish('abandoned');
  } else {
    arrival.gone.addEventListener('abort', () => finish('abandoned'), { once: true });
    begin();
  }
  return {
    get held() {
      return state === 'held' || state === 'leaving';
    },
    letGo,
    done,
  };
}
