// Canaries of a load: one that must come through before anything is sent, then one each second, and a last one.
import type { Clock } from '../base/clock.ts';
import { ToolError } from '../base/errors.ts';
import { loadNonce, PREFIX_LENGTH } from '../load/nonce.ts';
import type { CanarySender } from '../observe/canary.ts';

/** Where it is kept which were sent and seen; times in milliseconds as attempts count. */
export interface CanaryBook {
  sent(this: void, id: string, atMs: number): void;
  seen(this: void, id: string): void;
}

/** The canaries of one load. */
export interface LoadCanaries {
  /**
   * Puts the first one there and waits for it.
   *
   * @throws {ToolError} OBSERVER_FAILED when it does not come through
   */
  first(): Promise<void>;
  /** One each second from here on. */
  start(zeroUs: number): void;
  /** Told of every canary that the observer reads. */
  readonly take: (id: string) => void;
  /** No more are sent; where any were, waits for a last one. Idempotent. */
  stop(): Promise<void>;
}

/** How long a canary may be on its way: what is judged waits for those of its time. */
export const CANARY_MS = 5000;

/** Draws ids that begin with `nonce` of the load; nothing is sent yet. */
export function createLoadCanaries(
  sender: CanarySender,
  {
    clock,
    signal,
    nonce,
    book,
  }: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly nonce: string;
    readonly book: CanaryBook;
  },
): LoadCanaries {
  // As long as a nonce: it is found wherever one is, also inside a longer text.
  const prefix = `canary${nonce}`.slice(0, PREFIX_LENGTH);
  const waiting = new Map<string, () => void>();
  let drawn = 0;
  let zeroUs = clock.nowUs();
  let cancel = (): void => undefined;
  let stopping: Promise<void> | undefined;
  let started = false;

  const put = async (): Promise<string | undefined> => {
    const id = loadNonce(prefix, drawn++);
    const came = new Promise<void>((resolve) => void waiting.set(id, resolve));
    book.sent(id, (clock.nowUs() - zeroUs) / 1000);
    const why = await sender.put(id);
    if (why !== undefined) return `${sender.name} ${why}`;
    const late = new AbortController();
    await Promise.race([came, clock.sleep(CANARY_MS, AbortSignal.any([signal, late.signal]))]);
    late.abort();
    return waiting.has(id) ? `it was not seen within ${CANARY_MS / 1000} s` : undefined;
  };
  const again = (): void => {
    cancel = clock.after(EVERY_MS, () => {
      void put();
      again();
    });
  };
  return {
    first: async () => {
      const why = await put();
      if (why === undefined || signal.aborted) return;
      throw new ToolError('OBSERVER_FAILED', `The first canary did not come through: ${why}.`, {
        hint: 'observer.canary of the target must put its standard input, a line, where the backend’s events go.',
      });
    },
    start: (us) => {
      zeroUs = us;
      started = true;
      again();
    },
    take: (id) => {
      book.seen(id);
      waiting.get(id)?.();
      waiting.delete(id);
    },
    stop: () => {
      cancel();
      stopping ??= started ? put().then(() => undefined) : Promise.resolve();
      return stopping;
    },
  };
}

const EVERY_MS = 1000;
