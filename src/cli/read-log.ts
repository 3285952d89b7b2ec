// The log of a target whose observer is a file, whole.
import { createReadStream } from 'node:fs';
import { messageOf, ToolError } from '../base/errors.ts';
import { createIntake } from '../observe/intake.ts';
import { lineDecoder } from '../observe/record-map.ts';
import type { PlacedRecord } from '../run/reconcile-load.ts';
import type { Target } from '../target/model.ts';
import type { Io } from './io.ts';

/**
 * Every record of the log, from its beginning.
 *
 * @throws {ToolError} USAGE where the target keeps none, FILE_UNREADABLE
 */
export async function readLog(
  io: Io,
  { observer, name }: Target,
): Promise<readonly PlacedRecord[]> {
  if (observer?.kind !== 'file') {
    throw new ToolError('USAGE', `The target ${name} keeps no log that can be read again.`, {
      hint: 'Only an observer of the kind file does; --target names the target of the run.',
    });
  }
  const { path, map } = observer;
  const records: PlacedRecord[] = [];
  const intake = createIntake(`the file ${path}`, {
    clock: io.clock,
    decode: lineDecoder(map),
    onRecord: (record, _, place = 0) => void records.push({ record, place }),
  });
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
  return records;
}
