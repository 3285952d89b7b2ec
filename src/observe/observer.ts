// What every observer of a backend is: a source of event records, at least once and in any order,
// that says so when it can no longer see. One file each: file.ts, exec.ts, http.ts, redis.ts, cwlogs.ts.
import type { Clock } from '../base/clock.ts';
import type { EventRecord } from '../probe/event-record.ts';
import type { LineDecoder } from './record-map.ts';
import type { Sight } from './sight.ts';

/** A source of event records, at work since it was made. */
export interface Observer {
  /** As a sentence names it: `the file /var/log/chat.ndjson`. */
  readonly name: string;
  /** Why it can no longer see, as one sentence; what did not come then proves nothing. */
  readonly failure: string | undefined;
  /** When it could not see for a while; absent: it sees until `failure`. */
  readonly sight?: Sight;
  /** What the program behind it printed last on stderr, one line, as it came; undefined: there is none, or nothing. */
  readonly lastWords?: string | undefined;
  /** What it saw and could not use, one sentence each; empty where all was well. */
  notices(): readonly string[];
  /** Reads what is there already, then lets go of everything. Idempotent. */
  close(): Promise<void>;
}

/** Where a stream has a record, in bytes from its beginning, or the id that its store gave it. */
export type Place = number | string;

/** What an observer is given. */
export interface Watch {
  readonly clock: Clock;
  readonly decode: LineDecoder;
  /**
   * Gets each record with the instant on `clock` at which it was read. `place`: where a stream has it,
   * or the id that its store gave it, so that two equal ones are two records, and one that is read twice is
   * one; undefined where a sender may deliver one twice. Never throws.
   */
  readonly onRecord: (record: EventRecord, atUs: number, place?: Place) => void;
}
