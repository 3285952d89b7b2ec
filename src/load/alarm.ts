// The one timer of an engine.

/** Wakes its engine. */
export interface Alarm {
  /** As soon as I/O was looked at. */
  soon(): void;
  /** After so many milliseconds; `precise`: as `soon`, by who looks at the clock himself. */
  after(ms: number, precise: boolean): void;
  /** At an instant, where it would wake later than that. */
  before(atMs: number, nowMs: number): void;
}

/** An alarm that is not set. `wake` calls back once and returns what prevents it. */
export function createAlarm(
  {
    now,
    wake,
  }: {
    readonly now: () => number;
    readonly wake: (ms: number, precise: boolean, callback: () => void) => () => void;
  },
  callback: () => void,
): Alarm {
  let atMs = Infinity;
  let cancel = (): void => {};
  const after = (ms: number, precise: boolean): void => {
    cancel();
    atMs = precise ? -Infinity : now() + ms;
    cancel = wake(ms, precise, callback);
  };
  return {
    after,
    soon: () => after(0, true),
    before: (wantedMs, nowMs) => {
      if (wantedMs < atMs) after(wantedMs - nowMs, false);
    },
  };
}
