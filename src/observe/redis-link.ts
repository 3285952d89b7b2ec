// One connection to a Redis store, for as long as it holds, and what is asked of a stream there. ioredis is loaded on first
// use; it never connects again by itself: whoever lost a connection must know that something may have been missed.
import { readFileSync } from 'node:fs';
import type { Redis, RedisOptions } from 'ioredis';
import type { Clock } from '../base/clock.ts';
import { messageOf, ToolError } from '../base/errors.ts';
import { loadPeer } from './peer.ts';

/** Which stream of which store. */
export interface RedisSource {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** Key of the stream. */
  readonly stream: string;
  /** Field of an entry that holds a record as JSON; an entry without it is read as flat fields. */
  readonly field: string;
  /** Instead of those in the URL. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** File with PEM certificates of the authorities to trust. */
  readonly ca: string | undefined;
}

/** An entry: its id, and its fields by name. */
export interface StreamEntry {
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** What the store says of a stream. */
export interface StreamState {
  readonly lastId: string;
  /** Entries that stand in it now, and that were ever added to it. */
  readonly length: number;
  readonly added: number;
}

/** Whatever is asked rejects when the store does not answer in time, or the connection has ended. */
export interface RedisLink {
  /** Undefined: there is no such key. */
  state(): Promise<StreamState | undefined>;
  /** Entries behind an id, at most `MOST_ENTRIES`; waits a while for the first. */
  wait(after: string): Promise<readonly StreamEntry[]>;
  /** The same without waiting, and the state of the stream at that very instant. */
  look(
    after: string,
  ): Promise<{ readonly entries: readonly StreamEntry[]; readonly state: StreamState | undefined }>;
  /** Idempotent. */
  close(): void;
}

/** No more are taken at once, however many wait: so much is held in memory. */
export const MOST_ENTRIES = 500;
/** How long `wait` waits. */
const WAIT_MS = 250;
/** So long an answer may take; a store that stops answering is known within both. */
const PATIENCE_MS = 1500;
/** Within this much it is known that nothing is seen any more. */
export const KNOWN_WITHIN_MS = WAIT_MS + PATIENCE_MS + 250;

/** As a sentence names it; without credentials. */
export function nameOf({ url, stream }: RedisSource): string {
  const { protocol, host, pathname } = new URL(url);
  return `the stream ${stream} of ${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

/**
 * Connects.
 *
 * @throws {ToolError} OBSERVER_FAILED without ioredis or with a `ca` that cannot be read; other errors where nobody answers
 */
export async function connectRedis(source: RedisSource, clock: Clock): Promise<RedisLink> {
  const { Redis: Client } = await loadPeer(
    'ioredis',
    () => import('ioredis'),
    'The observer redis',
  );
  const client = new Client(source.url, optionsOf(source));
  let last: Error | undefined;
  client.on('error', (error: Error) => {
    last = error;
  });
  try {
    await within(clock, PATIENCE_MS, client.connect());
  } catch (thrown) {
    client.disconnect();
    // What is thrown says that the connection is closed; what was told before says why.
    throw last ?? thrown;
  }
  return linkOver(client, { source, clock });
}

function optionsOf({ username, password, ca }: RedisSource) {
  return {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: PATIENCE_MS,
    // Nothing that the user of the store need not be allowed to ask.
    enableReadyCheck: false,
    disableClientInfo: true,
    protocol: 2,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { tls: { ca: certificateOf(ca) } }),
  } satisfies RedisOptions;
}

function certificateOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new ToolError('OBSERVER_FAILED', `Cannot read ${path}: ${messageOf(thrown)}.`, {
      cause: thrown,
      hint: 'observer.redis.ca names a file with the certificates to trust.',
    });
  }
}

function linkOver(
  client: Redis,
  { source: { stream }, clock }: { readonly source: RedisSource; readonly clock: Clock },
): RedisLink {
  const ask = <T>(asked: Promise<T>, ms = PATIENCE_MS): Promise<T> => within(clock, ms, asked);
  const after = (id: string) => ['STREAMS', stream, id] as const;
  return {
    state: async () => stateOf(await ask(orMissing(client.call('XINFO', 'STREAM', stream)))),
    wait: async (id) => {
      const most = ['COUNT', MOST_ENTRIES, 'BLOCK', WAIT_MS];
      const asked = client.call('XREAD', [...most, ...after(id)]);
      return entriesOf(await ask(asked, WAIT_MS + PATIENCE_MS));
    },
    look: async (id) => {
      const both = client.multi([
        ['xread', 'COUNT', MOST_ENTRIES, ...after(id)],
        ['xinfo', 'STREAM', stream],
      ]);
      const answers = await ask(both.exec().catch(causeOfAbort));
      const [[unread, read] = [], [unknown, known] = []] = answers ?? [];
      if (unread) throw unread;
      if (unknown && !isMissing(unknown)) throw unknown;
      return { entries: entriesOf(read), state: unknown ? undefined : stateOf(known) };
    },
    close: () => client.disconnect(),
  };
}

async function within<T>(clock: Clock, ms: number, asked: Promise<T>): Promise<T> {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => reject(new Error(`it did not answer within ${ms} ms`)));
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    cancel();
    // Whatever becomes of it now, nobody asks.
    asked.catch(() => undefined);
  }
}

/** That a transaction was discarded says nothing; why it was, the command that was refused says. */
function causeOfAbort(thrown: unknown): never {
  const [first] = (thrown as { readonly previousErrors?: readonly Error[] }).previousErrors ?? [];
  throw first ?? thrown;
}

function orMissing(asked: Promise<unknown>): Promise<unknown> {
  return asked.catch((thrown: unknown) => {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  });
}

function isMissing(thrown: unknown): boolean {
  return /no such key/i.test(messageOf(thrown));
}

/** [[key, [[id, [field, value, …]], …]]], or null where there is none. */
function entriesOf(answer: unknown): readonly StreamEntry[] {
  const [[, entries] = []] = (answer ?? []) as [string, [string, string[]][]][]; // RESP2 of XREAD
  return (entries ?? []).map(([id, flat]) => ({ id, fields: pairsOf(flat) }));
}

/** Names and values by turns. @throws {ToolError} OBSERVER_FAILED where the store is too old to count what was added */
function stateOf(answer: unknown): StreamState | undefined {
  if (answer === undefined) return undefined;
  const told = pairsOf(answer as unknown[]); // RESP2 of XINFO STREAM
  const { length, 'last-generated-id': lastId, 'entries-added': added } = told;
  if (added === undefined) {
    throw new ToolError(
      'OBSERVER_FAILED',
      'The store does not say how many entries were ever added to a stream, so what is trimmed would go unnoticed.',
      { hint: 'Redis 7.0 or later does, and so does Valkey.' },
    );
  }
  return { lastId: String(lastId), length: Number(length), added: Number(added) };
}

function pairsOf<T>(flat: readonly T[]): Readonly<Record<string, T>> {
  const pairs: [string, T][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) pairs.push([String(flat[at]), flat[at + 1] as T]);
  return Object.fromEntries(pairs);
}
