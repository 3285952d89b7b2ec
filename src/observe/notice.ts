// Waiting for something that may or may not come.
import { setMaxListeners } from 'node:events';

/** Those who wait for the next value. */
export interface Notice<T> {
  /** Resolves to the next value that is told, or to undefined when the signal aborts. Never rejects. */
  wait(signal: AbortSignal): Promise<T | undefined>;
  /** Tells everyone who waits now; undefined sends them away without a value. */
  tell(value: T | undefined): void;
}

/** A notice that nobody waits for yet. */
export function createNotice<T>(): Notice<T> {
  const waiters = new Set<(value: T | undefined) => void>();
  const wait = (signal: AbortSignal): Promise<T | undefined> => {
    if (signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const settle = (value: T | undefined): void => {
        waiters.delete(settle);
        signal.removeEventListener('abort', leave);
        resolve(value);
      };
      const leave = (): void => settle(undefined);
      waiters.add(settle);
      // The members of a group wait on one signal; Node would warn of a leak at the eleventh.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', leave, { once: true });
    });
  };
  const tell = (value: T | undefined): void => {
    // A copy: who is told may wait again at once.
    const now = Array.from(waiters);
    for (const settle of now) settle(value);
  };
  return { wait, tell };
}
