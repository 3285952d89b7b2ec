// A linear axis of values that begins at zero: values to pixels, and the round ones to write beside it.

/** Where a value stands, and which are marked. */
export interface ValueScale {
  readonly y: (value: number) => number;
  readonly marks: readonly number[];
}

/** Maps 0..`top` to `bottom`..`ceiling` in pixels; an axis of nothing reaches to 1. */
export function valueScale(top: number, bottom: number, ceiling: number): ValueScale {
  const step = roundStep((top > 0 ? top : 1) / MARKS);
  const steps = Math.max(1, Math.ceil((top > 0 ? top : 1) / step - 1e-9));
  const highest = steps * step;
  return {
    y: (value) => Math.round((bottom - (value / highest) * (bottom - ceiling)) * 10) / 10,
    marks: Array.from({ length: steps + 1 }, (_, at) => Number((at * step).toPrecision(12))),
  };
}

const MARKS = 5;

// 1, 2 or 5 times a power of ten, the next above.
function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((one) => one * power >= raw * (1 - 1e-9)) ?? 10;
  return factor * power;
}
