// The log of a target, whole, where its observer is one that can be read again.
import { createReadStream } from 'node:fs';
import { messageOf, ToolError } from '../base/errors.ts';
import { readLogGroup } from '../observe/cwlogs-log.ts';
import { createIntake } from '../observe/intake.ts';
import type { Watch } from '../observe/observer.ts';
import { decoderOf } from '../observe/open.ts';
import { readRedisLog } from '../observe/redis-log.ts';
import type { PlacedRecord } from '../run/reconcile-load.ts';
import type { Target } from '../target/model.ts';
import type { Io } from './io.ts';

/**
 * Every record of the log; of one that is kept for months, from a while before `sinceMs`, epoch milliseconds.
 *
 * @throws {ToolError} USAGE where the target keeps none, FILE_UNREADABLE, OBSERVER_FAILED
 */
export async function readLog(
  io: Io,
  { observer, name }: Target,
  sinceMs: number,
): Promise<readonly PlacedRecord[]> {
  const records: PlacedRecord[] = [];
  const watch: Watch = {
    clock: io.clock,
    decode: decoderOf(observer ?? { kind: 'file', map: undefined }),
    onRecord: (record, _, place = 0) => void records.push({ record, place }),
  };
  if (observer?.kind === 'file') await readFile(observer.path, watch);
  else if (observer?.kind === 'redis') await readRedisLog(observer, watch);
  else if (observer?.kind === 'cwlogs') await readLogGroup(observer, { sinceMs, watch });
  else {
    throw new ToolError('USAGE', `The target ${name} keeps no log that can be read again.`, {
      hint: 'Only observers of the kinds file, redis and cwlogs do; --target names the target of the run.',
    });
  }
  return records;
}

async function readFile(path: string, watch: Watch): Promise<void> {
  const intake = createIntake(`the file ${path}`, watch);
  let from = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      const bytes = chunk as Buffer; // no encoding was asked for
      intake.bytes(bytes, from);
      from += bytes.length;
    }
  } catch (thrown) {
    throw new ToolError('FILE_UNREADABLE', `Cannot read ${path}: ${messageOf(thrown)}.`, {
      cause: thrown,
    });
  }
  intake.end();
}
