// Bytes to lines, lines to records: what observers of a stream have in common. What is not a record
// is counted and said once, not line by line.
import { Buffer } from 'node:buffer';
import type { Watch } from './observer.ts';
import { createTally } from './tally.ts';

/** Takes a stream apart. */
export interface Intake {
  /**
   * Bytes as they come; a line may be torn anywhere, also within a character. `from`: where in the
   * stream they stand. A line is known by where it begins: read again, it is the same.
   */
  bytes(chunk: Uint8Array, from: number): void;
  /** What has come of a line is all of it: the stream was cut there, or has ended. */
  end(): void;
  /** What has come of a line is nothing, and so is the rest of it. */
  skipLine(): void;
  notices(): readonly string[];
}

/** Makes an intake; `name` is that of its observer. */
export function createIntake(
  name: string,
  watch: Pick<Watch, 'clock' | 'decode' | 'onRecord'>,
): Intake {
  const tally = createTally(name, ['line', 'lines']);
  let torn: Buffer[] = [];
  let tornBytes = 0;
  let begun = 0;
  let skipping = false;

  const line = (text: string): void => {
    if (text.trim() === '') return;
    const decoded = watch.decode(text);
    if (decoded.kind === 'record') watch.onRecord(decoded.record, watch.clock.nowUs(), begun);
    else tally.count(decoded.kind, 'reason' in decoded ? decoded.reason : text);
  };
  const finish = (): void => {
    const text = Buffer.concat(torn).toString('utf8');
    if (!skipping) line(text);
    torn = [];
    tornBytes = 0;
    skipping = false;
  };
  const keep = (part: Buffer, from: number): void => {
    if (skipping || part.length === 0) return;
    if (torn.length === 0) begun = from;
    torn.push(Buffer.from(part)); // a copy: the reader uses its buffer again
    tornBytes += part.length;
    if (tornBytes <= LONGEST_LINE) return;
    tally.count('not-json', `a line of more than ${LONGEST_LINE} bytes`);
    torn = [];
    tornBytes = 0;
    skipping = true;
  };
  return {
    bytes: (chunk, from) => {
      const end = from + chunk.byteLength;
      let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
        keep(rest.subarray(0, at), end - rest.length);
        finish();
        rest = rest.subarray(at + 1);
      }
      keep(rest, end - rest.length);
    },
    end: finish,
    skipLine: () => {
      torn = [];
      tornBytes = 0;
      skipping = true;
    },
    notices: () => tally.notices(),
  };
}

const NEWLINE = 0x0a;
const LONGEST_LINE = 1024 * 1024;
