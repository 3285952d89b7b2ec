// A few bytes for each attempt of a load, kept for as long as the load is: what came of it, which was
// told of it, and by which delivery. Pages, so that it grows without copying.

/** Bits of a mark. */
export const MARK = {
  over: 1,
  opened: 2,
  ended: 4,
  connect: 8,
  disconnect: 16,
  twice: 32,
  orphan: 64,
};

/** Marks by number of the attempt, from 0. */
export interface AttemptMarks {
  /** All bits set so far. */
  get(number: number): number;
  /** Sets bits. */
  add(number: number, bits: number): void;
  /** The stratum it ended in; 0 as long as it has not. */
  stratum(number: number): number;
  setStratum(number: number, stratum: number): void;
  /** A hash of the delivery that told of its end; 0: none has. */
  delivery(number: number): number;
  setDelivery(number: number, hash: number): void;
}

const PAGE = 1 << 14;

/** Makes them. */
export function createAttemptMarks(): AttemptMarks {
  const pages = new Map<number, Page>();
  const pageOf = (number: number): Page => {
    const at = Math.floor(number / PAGE);
    const known = pages.get(at);
    if (known !== undefined) return known;
    const page: Page = {
      bits: new Uint8Array(PAGE),
      strata: new Uint8Array(PAGE),
      deliveries: new Uint32Array(PAGE),
    };
    pages.set(at, page);
    return page;
  };
  return {
    get: (number) => pageOf(number).bits[number % PAGE] ?? 0,
    add: (number, bits) => {
      const page = pageOf(number);
      page.bits[number % PAGE] = (page.bits[number % PAGE] ?? 0) | bits;
    },
    stratum: (number) => pageOf(number).strata[number % PAGE] ?? 0,
    setStratum: (number, stratum) => {
      pageOf(number).strata[number % PAGE] = stratum;
    },
    delivery: (number) => pageOf(number).deliveries[number % PAGE] ?? 0,
    setDelivery: (number, hash) => {
      pageOf(number).deliveries[number % PAGE] = hash;
    },
  };
}

interface Page {
  readonly bits: Uint8Array;
  readonly strata: Uint8Array;
  readonly deliveries: Uint32Array;
}
