// The first interrupt ends what is on its way and lets results be written; a second one ends at once.
import { setMaxListeners } from 'node:events';
import type { Io } from './io.ts';

// npm passes on the SIGINT that the terminal has sent us already; that is not a second one.
const DUPLICATE_MS = 500;

/** Listens; `signal` aborts at the first one. */
export function onInterrupt(io: Io): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  // Every case that waits listens to it; that is no leak.
  setMaxListeners(0, controller.signal);
  let firstUs = 0;
  const stop = io.onInterrupt((signal) => {
    if (!controller.signal.aborted) {
      firstUs = io.clock.nowUs();
      io.stderr(`\n${signal}: finishing; once more ends at once.\n`);
      controller.abort();
    } else if (io.clock.nowUs() - firstUs > DUPLICATE_MS * 1000) {
      io.exitNow(130);
    }
  });
  return { signal: controller.signal, stop };
}
