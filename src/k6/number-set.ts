// A set of whole numbers that are close together, a bit each: the attempts of an hour take a megabyte.

/** Whole numbers from 0. */
export interface NumberSet {
  readonly size: number;
  /** True if it was not there. */
  add(number: number): boolean;
  has(number: number): boolean;
}

/** An empty set. */
export function createNumberSet(): NumberSet {
  let bits = new Uint32Array(1024);
  let size = 0;
  const has = (number: number): boolean => ((bits[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0;
  return {
    get size() {
      return size;
    },
    has,
    add: (number) => {
      if (has(number)) return false;
      const at = Math.floor(number / 32);
      if (at >= bits.length) {
        const more = new Uint32Array(Math.max(at + 1, bits.length * 2));
        more.set(bits);
        bits = more;
      }
      bits[at] = (bits[at] ?? 0) | (1 << (number & 31));
      size += 1;
      return true;
    },
  };
}
