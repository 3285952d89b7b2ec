// When the observer could not see. What did not come then proves nothing: of cases, and of loads.
import type { Clock } from '../base/clock.ts';
import type { BlindSpan } from '../load/blind-span.ts';
import type { Observer } from '../observe/observer.ts';
import type { CaseResult } from '../result/run-result.ts';

type Stretch = Pick<CaseResult, 'startedAtUs' | 'durationUs'>;

/** Why what did not come in a case that ends now proves nothing; undefined: it was seen all the time. */
export function whyBlind(observer: Observer | undefined, stretch: Stretch): string | undefined {
  return observer?.failure ?? gapIn(observer, stretch);
}

/** Why a case was not seen all the time, as far as that is known by now. */
export function gapIn(
  observer: Observer | undefined,
  { startedAtUs, durationUs }: Stretch,
): string | undefined {
  const endedUs = startedAtUs + durationUs;
  const gaps = observer?.sight?.gaps() ?? [];
  return gaps.find(({ fromUs, toUs = Infinity }) => fromUs <= endedUs && toUs >= startedAtUs)?.why;
}

/**
 * Waits until it is known whether all that stood in the store at an instant was seen: at most for as long as that takes.
 */
export async function untilKnown(
  observer: Observer,
  {
    atUs,
    clock,
    signal,
  }: { readonly atUs: number; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const { sight } = observer;
  if (sight === undefined) return;
  const untilUs = atUs + sight.knownWithinMs * 1000;
  const isKnown = (): boolean => sight.sawAllUs >= atUs || whyDark(observer) !== undefined;
  while (!isKnown() && clock.nowUs() < untilUs && !signal.aborted)
    await clock.sleep(STEP_MS, signal);
}

const STEP_MS = 25;

/** Why it does not see now. */
export function whyDark(observer: Observer): string | undefined {
  return observer.failure ?? observer.sight?.gaps().find(({ toUs }) => toUs === undefined)?.why;
}

/** The spans of a load that lasts until now, in milliseconds from its start `zeroUs`. */
export function blindSpans(
  observer: Observer | undefined,
  { zeroUs, nowMs }: { readonly zeroUs: number; readonly nowMs: number },
): readonly BlindSpan[] {
  const why = observer?.failure;
  // Since when is not known: what is missing may have come at any time.
  if (why !== undefined) return [{ fromMs: 0, toMs: nowMs, why }];
  const ofLoad = (us: number): number => Math.min(nowMs, Math.max(0, (us - zeroUs) / 1000));
  return (observer?.sight?.gaps() ?? [])
    .filter(({ toUs = Infinity }) => toUs >= zeroUs)
    .map((gap) => ({
      fromMs: ofLoad(gap.fromUs),
      toMs: ofLoad(gap.toUs ?? Infinity),
      why: gap.why,
    }));
}
