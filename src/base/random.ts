// Randomness as an input: whatever is drawn can be drawn again from the seed that a result carries.
import { createHash, randomBytes } from 'node:crypto';

/** A source of random values. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** `length` random bytes. */
  bytes(length: number): Uint8Array;
}

/**
 * A reproducible source: the same seed gives the same values on every machine. Bytes of a SHA-256
 * counter, so that neighbouring seeds share nothing.
 */
export function seededRandom(seed: string): Random {
  let counter = 0;
  const block = (): Buffer => createHash('sha256').update(`${seed}\0${counter++}`).digest();
  const next = (): number => block().readUIntBE(0, 6) / 2 ** 48;
  return {
    next,
    integer: (below) => Math.floor(next() * below),
    bytes: (length) => {
      const blocks: Buffer[] = [];
      for (let have = 0; have < length; have += 32) blocks.push(block());
      return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
    },
  };
}

/** A fresh seed, ten letters and digits, to be printed with the run that uses it. */
export function drawSeed(): string {
  return randomBytes(8).toString('hex').slice(0, 10);
}
