// Bytes that are nearly right.
import type { Random } from '../../../src/base/random.ts';

/** One of them. */
export function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[random.integer(from.length)];
  if (picked === undefined) throw new RangeError('nothing to pick from');
  return picked;
}

const NASTY: readonly string[] = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  ':',
  '\xff',
  '\r\n\r\n',
  '%',
  '-1',
  '9'.repeat(20),
  '\x7f',
  '\t',
  '0',
  ';',
];

/** A copy with one to three places changed: a bit, a byte, a piece removed, doubled, moved or put in. */
export function mutate(random: Random, bytes: Buffer): Buffer {
  let changed = bytes;
  for (let times = 1 + random.integer(3); times > 0; times -= 1)
    changed = mutateOnce(random, changed);
  return changed;
}

function mutateOnce(random: Random, bytes: Buffer): Buffer {
  const at = random.integer(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.integer(20));
  const before = bytes.subarray(0, at);
  const piece = bytes.subarray(at, end);
  const after = bytes.subarray(end);
  switch (random.integer(6)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.integer(8));
      return flipped;
    }
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, piece, piece, after]);
    case 3:
      return Buffer.concat([after, piece, before]);
    case 4:
      return Buffer.concat([before, Buffer.from(random.bytes(1 + random.integer(8))), after]);
    default:
      return Buffer.concat([before, Buffer.from(pick(random, NASTY), 'latin1'), piece, after]);
  }
}
