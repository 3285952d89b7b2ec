// How coarse the stamps of a backend are. Many logs write whole seconds: what such a stamp marks came
// up to a second later.

/** A stamp, and what it is on. */
export interface Stamp {
  /** Those of one kind are written by one line of the backend's code. */
  readonly kind: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** When it was read, on the runner's clock. */
  readonly readAtUs: number;
}

/** What is known of the stamps so far. */
export interface StampTick {
  readonly note: (stamp: Stamp) => void;
  /** The coarsest that any kind may be, in microseconds; a millisecond while there is none. */
  readonly us: number;
}

/** Knows of no stamp yet. */
export function createStampTick(): StampTick {
  const all = createGrain();
  const kinds = new Map<string, Grain>();
  return {
    note: (stamp) => {
      const own = kinds.get(stamp.kind) ?? createGrain();
      kinds.set(stamp.kind, own);
      own.note(stamp);
      all.note(stamp);
    },
    get us() {
      // Of a few stamps nothing can be told but by those of other kinds.
      const told = [...kinds.values()].filter(({ samples }) => samples >= ENOUGH);
      return Math.max(all.ms, ...told.map(({ ms }) => ms)) * 1000;
    },
  };
}

// A clock of milliseconds shows three whole seconds in a row once in a billion times.
const ENOUGH = 3;

interface Grain {
  readonly samples: number;
  readonly ms: number;
  readonly note: (stamp: Stamp) => void;
}

// What divides every stamp. What is written to a minute or a second, by whatever format, never has more.
function createGrain(): Grain {
  let index = 0;
  let samples = 0;
  let lastReadUs = Number.NEGATIVE_INFINITY;
  return {
    get samples() {
      return samples;
    },
    get ms() {
      return samples === 0 ? FINEST_MS : gradeOf(index);
    },
    note: ({ atMs, readAtUs }) => {
      while (atMs % gradeOf(index) !== 0) index += 1;
      // What is read at once may have happened at once, and says the same.
      if (readAtUs - lastReadUs < APART_US && samples > 0) return;
      samples += 1;
      lastReadUs = readAtUs;
    },
  };
}

const APART_US = 20_000;
const FINEST_MS = 1;
const GRADES_MS: readonly number[] = [60_000, 1000, 100, 10, FINEST_MS];

function gradeOf(index: number): number {
  return GRADES_MS[index] ?? FINEST_MS;
}
