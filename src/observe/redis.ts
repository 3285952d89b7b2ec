// Follows a Redis stream from where it ends now, by the ids that the store gives its entries: after a lost connection it goes
// on behind the last one that it has read. What was lost for good is noticed by counting: a store knows how many entries were
// ever added, and we know how many we have read.
import type { Clock } from '../base/clock.ts';
import { messageOf, ToolError } from '../base/errors.ts';
import type { Observer, Watch } from './observer.ts';
import { createEntryIntake } from './redis-entry.ts';
import {
  connectRedis,
  KNOWN_WITHIN_MS,
  MOST_ENTRIES,
  nameOf,
  type RedisLink,
  type RedisSource,
  type StreamState,
} from './redis-link.ts';
import { createSight } from './sight.ts';

/**
 * Follows a stream; a key that is not there yet is an empty one. `mayAppear`: the store may, too, because the run starts it.
 *
 * @throws {ToolError} OBSERVER_FAILED when it cannot be read
 */
export async function observeRedis(
  { mayAppear, ...source }: RedisSource & { readonly mayAppear: boolean },
  watch: Watch,
): Promise<Observer> {
  const { clock } = watch;
  const name = nameOf(source);
  const sight = createSight(clock, {
    knownWithinMs: KNOWN_WITHIN_MS,
    isHealable: false,
    afterMs: OTHERS_RETURN_MS,
  });
  const intake = createEntryIntake({ name, field: source.field }, watch);
  const cursor = createCursor({ name, intake, sight, clock });
  const closing = new AbortController();
  let failure: string | undefined;

  const open = async (): Promise<RedisLink | undefined> => {
    try {
      const link = await connectRedis(source, clock);
      return await cursor.start(link).catch(ending(link));
    } catch (thrown) {
      if (!mayAppear || isFinal(thrown)) throw unreadable(name, thrown);
      // It is read from when this run began, by the clock of the store.
      cursor.startAt(`${clock.wallMs() - SKEW_MS}-0`);
      sight.lost(`${name} was not there yet`);
      return undefined;
    }
  };
  const follow = async (first: RedisLink | undefined): Promise<void> => {
    let link = first;
    while (!closing.signal.aborted) {
      try {
        link ??= await connectRedis(source, clock);
        await cursor.follow(link, closing.signal);
      } catch (thrown) {
        link?.close();
        link = undefined;
        const why = `${name} could not be read: ${messageOf(thrown)}`;
        sight.lost(why);
        if (isFinal(thrown)) failure = why;
        if (failure !== undefined) return;
        await clock.sleep(AGAIN_MS, closing.signal);
      }
    }
    link?.close();
  };
  const following = follow(await open());
  return {
    name,
    sight,
    get failure() {
      return failure;
    },
    notices: () => intake.notices(),
    close: () => {
      closing.abort();
      return following;
    },
  };
}

const AGAIN_MS = 200;
// Whoever writes to a store that comes back connects again on a schedule of its own.
const OTHERS_RETURN_MS = 5000;
const SKEW_MS = 60_000;

/** Asking again would not help. */
function isFinal(thrown: unknown): boolean {
  if (thrown instanceof ToolError) return true;
  return /^(WRONGTYPE|WRONGPASS|NOAUTH|NOPERM|MOVED|ERR (?!max number of clients))/.test(
    messageOf(thrown),
  );
}

function ending(link: RedisLink): (thrown: unknown) => never {
  return (thrown) => {
    link.close();
    throw thrown;
  };
}

function unreadable(name: string, cause: unknown): ToolError {
  if (cause instanceof ToolError) return cause;
  return new ToolError('OBSERVER_FAILED', `Cannot read ${name}: ${messageOf(cause)}.`, {
    cause,
    hint: 'It must be reachable from here, and its user may XREAD and XINFO that key. See docs/observing-your-backend.md.',
  });
}

/** How far a stream was read. */
interface Cursor {
  /** Begins where the stream ends now. */
  start(link: RedisLink): Promise<RedisLink>;
  startAt(id: string): void;
  /** Reads until the signal aborts, and then what is there still. Rejects when the link does not hold. */
  follow(link: RedisLink, signal: AbortSignal): Promise<void>;
}

function createCursor({
  name,
  intake,
  sight,
  clock,
}: {
  readonly name: string;
  readonly intake: ReturnType<typeof createEntryIntake>;
  readonly sight: ReturnType<typeof createSight>;
  readonly clock: Clock;
}): Cursor {
  let lastId = FIRST;
  /** Entries added that need no reading: those before the start, and those known to be gone. Undefined: not known yet. */
  let settled: number | undefined = 0;
  let read = 0;

  const take = (entries: Awaited<ReturnType<RedisLink['wait']>>): void => {
    for (const entry of entries) intake.take(entry);
    read += entries.length;
    lastId = entries.at(-1)?.id ?? lastId;
  };
  /** At an instant at which everything that stands in the stream has been read. */
  const account = (state: StreamState | undefined): void => {
    const added = state?.added ?? 0;
    settled ??= added - read;
    const missed = added - settled - read;
    if (missed > 0) sight.missed(`entries of ${name} were gone before they were read`);
    if (missed < 0) sight.missed(`${name} was emptied, or came back without its last entries`);
    settled += missed;
    if (state !== undefined && !isBefore(state.lastId, lastId)) return;
    // Ids that begin anew: what stands there is read from the first one.
    lastId = FIRST;
    settled -= state?.length ?? 0;
  };
  /** True where nothing was left behind it. */
  const look = async (link: RedisLink): Promise<boolean> => {
    const askedUs = clock.nowUs();
    const { entries, state } = await link.look(lastId);
    take(entries);
    if (entries.length === MOST_ENTRIES) return false;
    account(state);
    sight.sawAll(askedUs);
    return true;
  };
  return {
    start: async (link) => {
      const state = await link.state();
      settled = state?.added ?? 0;
      lastId = state?.lastId ?? FIRST;
      // Whether it may be read at all; what came meanwhile is read again.
      await link.look(lastId);
      return link;
    },
    startAt: (id) => {
      lastId = id;
      settled = undefined;
    },
    follow: async (link, signal) => {
      while (!signal.aborted) {
        if (await look(link)) take(await link.wait(lastId));
      }
      for (let left = LAST_LOOKS; left > 0 && !(await look(link)); left -= 1);
    },
  };
}

const FIRST = '0-0';
// A stream may be written to without an end.
const LAST_LOOKS = 1000;

function isBefore(one: string, other: string): boolean {
  const [ms = '0', sequence = '0'] = one.split('-');
  const [otherMs = '0', otherSequence = '0'] = other.split('-');
  const difference = BigInt(ms) - BigInt(otherMs);
  return difference < 0n || (difference === 0n && BigInt(sequence) < BigInt(otherSequence));
}
