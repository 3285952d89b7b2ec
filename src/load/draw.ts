// Draws that depend on a seed and on a place only: whoever knows both knows the value, so that all workers
// and their coordinator agree without a word.
import { seededRandom } from '../base/random.ts';

/** A uniform value in [0, 1) for each index from 0 to 2^32 - 1; other purposes give other values. */
export function createDraw(seed: string, purpose: string): (index: number) => number {
  const [a, b, c, d] = drawKeys(seed, purpose);
  return (index) => {
    const high = mix(mix(index ^ a) + b);
    const low = mix(mix(index ^ c) + d);
    return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
  };
}

/** All that a draw depends on: whoever cannot be given the seed's generator is given these. */
export function drawKeys(seed: string, purpose: string): readonly [number, number, number, number] {
  const keys = new Uint32Array(seededRandom(`${seed}/${purpose}`).bytes(16).buffer);
  const [a = 0, b = 0, c = 0, d = 0] = keys;
  return [a, b, c, d];
}

/** The index of the one that is drawn among shares that add up to 1. */
export function pickShare(parts: readonly { readonly share: number }[], drawn: number): number {
  const last = Math.max(0, parts.length - 1);
  let sum = 0;
  for (let index = 0; index < last; index += 1) {
    sum += parts[index]?.share ?? 0;
    if (drawn < sum) return index;
  }
  return last;
}

// A 32-bit finaliser (two multiplications, three shifts) in which each bit of the input moves every
// bit of the output.
function mix(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0xd35a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
