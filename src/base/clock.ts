// Time as an input. Everything that measures or waits takes a Clock, so that schedules can be
// tested without waiting and a run has one monotonic clock for both witnesses.
import { setMaxListeners } from 'node:events';

/** One monotonic clock. `nowUs` counts microseconds since the clock was made. */
export interface Clock {
  /** Monotonic microseconds, an integer, never going back. */
  nowUs(): number;
  /** Wall-clock time in epoch milliseconds; used for display and never for differences. */
  wallMs(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `callback` once after `ms` milliseconds and returns the function that prevents it. */
  after(ms: number, callback: () => void): () => void;
}

/** The real clock; its zero is the instant of the call. */
export function realClock(): Clock {
  const zero = process.hrtime.bigint();
  const after = (ms: number, callback: () => void): (() => void) => {
    const timer = setTimeout(callback, Math.min(ms, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  };
  return {
    nowUs: () => Number((process.hrtime.bigint() - zero) / 1000n),
    wallMs: () => Date.now(),
    sleep: (ms, signal) => sleepWith(after, ms, signal),
    after,
  };
}

/** Milliseconds with fractions on the machine's monotonic clock: the same in every process of it. */
export function machineMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** A clock whose time moves only when a test moves it. */
export interface VirtualClock extends Clock {
  /** Moves time on by `ms`, running what falls due in order of due time. */
  advance(ms: number): Promise<void>;
}

/** Makes a virtual clock that starts at zero, wall time 2026-01-01T00:00:00Z. */
export function virtualClock(): VirtualClock {
  let nowUs = 0;
  let timers: { readonly dueUs: number; readonly callback: () => void }[] = [];
  const after = (ms: number, callback: () => void): (() => void) => {
    const timer = { dueUs: nowUs + Math.round(ms * 1000), callback };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };
  const advance = async (ms: number): Promise<void> => {
    const endUs = nowUs + Math.round(ms * 1000);
    for (;;) {
      const [next] = timers.filter((t) => t.dueUs <= endUs).toSorted((a, b) => a.dueUs - b.dueUs);
      if (next === undefined) break;
      nowUs = Math.max(nowUs, next.dueUs);
      timers = timers.filter((other) => other !== next);
      next.callback();
      await settleMicrotasks();
    }
    nowUs = endUs;
    await settleMicrotasks();
  };
  return {
    nowUs: () => nowUs,
    wallMs: () => Date.UTC(2026, 0, 1) + nowUs / 1000,
    sleep: (ms, signal) => sleepWith(after, ms, signal),
    after,
    advance,
  };
}

/**
 * Waits until `promise` settles, at most `ms` milliseconds, and not after `signal` aborts; true when it has. No
 * timer stays behind, which would hold up the end of the process.
 */
export async function settlesWithin(
  clock: Pick<Clock, 'sleep'>,
  promise: Promise<unknown>,
  ms: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const done = new AbortController();
  const signals = signal === undefined ? [done.signal] : [done.signal, signal];
  const late = clock.sleep(ms, AbortSignal.any(signals)).then(() => false);
  const came = await Promise.race([promise.then(() => true), late]);
  done.abort();
  return came;
}

// setTimeout fires at once for anything longer.
const MAX_TIMER_MS = 2_147_483_647;

function sleepWith(after: Clock['after'], ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  // Every wait of a run may listen to the one signal that ends it; that is no leak.
  if (signal !== undefined) setMaxListeners(0, signal);
  return new Promise((resolve) => {
    const wake = (): void => {
      cancel();
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = after(ms, wake);
    signal?.addEventListener('abort', wake, { once: true });
  });
}

function settleMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
