// Values that one worker measured in one second, in memory that garbage collection does not move.

/** Whole microseconds, in order of arrival. */
export interface Samples {
  /** In milliseconds; below 0 counts as 0. NaN: nothing was measured. */
  add(ms: number): void;
  /** What was added since the last time; undefined of nothing. */
  take(): Uint32Array | undefined;
}

const FIRST_ROOM = 256;

/** None yet. */
export function createSamples(): Samples {
  let values = new Uint32Array(FIRST_ROOM);
  let count = 0;
  return {
    add: (ms) => {
      if (Number.isNaN(ms)) return;
      if (count === values.length) {
        const more = new Uint32Array(count * 2);
        more.set(values);
        values = more;
      }
      values[count] = Math.max(0, Math.round(ms * 1000));
      count += 1;
    },
    take: () => {
      if (count === 0) return undefined;
      const taken = values.slice(0, count);
      count = 0;
      return taken;
    },
  };
}
