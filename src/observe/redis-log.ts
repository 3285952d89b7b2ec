// A Redis stream as a log that is read again, from its first entry to what is its last one now.
import { messageOf, ToolError } from '../base/errors.ts';
import type { Watch } from './observer.ts';
import { createEntryIntake } from './redis-entry.ts';
import { connectRedis, MOST_ENTRIES, nameOf, type RedisSource } from './redis-link.ts';

/**
 * Hands over every record of it.
 *
 * @throws {ToolError} OBSERVER_FAILED when it cannot be read
 */
export async function readRedisLog(source: RedisSource, watch: Watch): Promise<void> {
  const name = nameOf(source);
  try {
    await readWhole(source, { name, watch });
  } catch (thrown) {
    if (thrown instanceof ToolError) throw thrown;
    throw new ToolError('OBSERVER_FAILED', `Cannot read ${name}: ${messageOf(thrown)}.`, {
      cause: thrown,
      hint: 'What is missing is not known until it can be read: reconcile again when the store is back.',
    });
  }
}

async function readWhole(
  source: RedisSource,
  { name, watch }: { readonly name: string; readonly watch: Watch },
): Promise<void> {
  const link = await connectRedis(source, watch.clock);
  const intake = createEntryIntake({ name, field: source.field }, watch);
  try {
    // What is added while it is read may be left for the next time.
    const { length = 0 } = (await link.state()) ?? {};
    let lastId = '0-0';
    for (let read = 0; read < length; ) {
      const { entries } = await link.look(lastId);
      for (const entry of entries) intake.take(entry);
      read += entries.length;
      lastId = entries.at(-1)?.id ?? lastId;
      if (entries.length < MOST_ENTRIES) break;
    }
  } finally {
    link.close();
  }
}
