// Entries of a stream to records: one field holds a record as JSON, or the fields are those of a log with a map.
import type { Watch } from './observer.ts';
import type { StreamEntry } from './redis-link.ts';
import { createTally } from './tally.ts';

/** Takes entries; what is no record is counted and said once. */
export interface EntryIntake {
  take(entry: StreamEntry): void;
  notices(): readonly string[];
}

/** Makes one; `name` is that of its observer. */
export function createEntryIntake(
  { name, field }: { readonly name: string; readonly field: string },
  watch: Watch,
): EntryIntake {
  const tally = createTally(name, ['entry', 'entries']);
  return {
    take: (entry) => {
      const text = textOf(entry, field);
      const decoded = watch.decode(text);
      if (decoded.kind === 'record') watch.onRecord(decoded.record, watch.clock.nowUs(), entry.id);
      else tally.count(decoded.kind, 'reason' in decoded ? decoded.reason : text);
    },
    notices: () => tally.notices(),
  };
}

function textOf({ fields }: StreamEntry, field: string): string {
  return (Object.hasOwn(fields, field) ? fields[field] : undefined) ?? JSON.stringify(fields);
}
