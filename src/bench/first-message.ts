// Finds out what an endpoint's first message is: one that comes unasked, an answer, or at least a pong.
import { pingFrame, textFrame } from '../wire/frame.ts';
import { type DialEndpoint, type FirstMessage, type Watch, watchConnection } from './trip.ts';

// What is sent where nobody said what.
const DEFAULT_MESSAGE = '{"action":"ping"}';

// A greeting comes with the 101 or right after it; an answer may pass through a backend that has to start.
const GREETING_MS = 300;
const ANSWER_MS = 2000;

/**
 * Tries it. A text that the user gave is what counts, whatever comes of it; without one the first that works is
 * taken, and undefined says that none did. An endpoint that refuses to open counts as one that would answer.
 */
export async function findFirstMessage(
  dial: DialEndpoint,
  given: string | undefined,
): Promise<FirstMessage | undefined> {
  const text = given ?? DEFAULT_MESSAGE;
  const asked = await withOpen(dial, async (watch): Promise<FirstMessage | undefined> => {
    const greeted = await watch.messages(1, GREETING_MS);
    if (greeted !== undefined && given === undefined) return { kind: 'greeting' };
    const skip = watch.received;
    watch.connection.send([textFrame(text)]);
    const answered = await watch.messages(skip + 1, ANSWER_MS);
    return answered !== undefined || given !== undefined
      ? { kind: 'answer', text, skip }
      : undefined;
  });
  if (asked === 'not open') return { kind: 'answer', text, skip: 0 };
  if (asked !== undefined) return asked;
  // On a fresh connection: what it does not know it may have closed.
  const pinged = await withOpen(dial, async (watch) => {
    watch.connection.send([pingFrame()]);
    return await watch.pong(ANSWER_MS);
  });
  return pinged === undefined || pinged === 'not open' ? undefined : { kind: 'pong' };
}

async function withOpen<T>(
  dial: DialEndpoint,
  use: (watch: Watch) => Promise<T>,
): Promise<T | 'not open'> {
  const watch = watchConnection(dial);
  const { outcome } = await watch.connection.answered;
  const result = outcome === 'opened' ? await use(watch) : 'not open';
  watch.connection.close(1000);
  await watch.connection.closed;
  return result;
}

/** In words. */
export function describeFirstMessage(first: FirstMessage | undefined): string {
  switch (first?.kind) {
    case 'greeting':
      return 'what the endpoint sends unasked';
    case 'answer':
      // A text of the user's may hold a secret.
      return `the answer to ${first.text === DEFAULT_MESSAGE ? DEFAULT_MESSAGE : '--message'}${first.skip === 0 ? '' : `, after ${first.skip} that came unasked`}`;
    case 'pong':
      return `the pong to a ping (nothing answered ${DEFAULT_MESSAGE})`;
    default:
      return `none: neither ${DEFAULT_MESSAGE} nor a ping was answered within ${ANSWER_MS / 1000} s`;
  }
}
