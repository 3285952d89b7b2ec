// A linear time axis: microseconds to pixels, and the round instants to write under it.

/** Where an instant stands, and what to write below the axis. */
export interface TimeScale {
  readonly x: (us: number) => number;
  readonly ticks: readonly { readonly us: number; readonly label: string }[];
}

/** Maps `fromUs`..`toUs` to `left`..`right`; a span of nothing is drawn as one millisecond. */
export function timeScale(fromUs: number, toUs: number, left: number, right: number): TimeScale {
  const span = Math.max(toUs - fromUs, 1000);
  const step = roundStep(span / TICKS);
  const first = Math.ceil(fromUs / step);
  const count = Math.floor((fromUs + span) / step) - first + 1;
  return {
    x: (us) => round(left + ((us - fromUs) / span) * (right - left)),
    ticks: Array.from({ length: count }, (_, at) => {
      const us = (first + at) * step;
      return { us, label: tickLabel(us, step) };
    }),
  };
}

const TICKS = 8;

// 1, 2 or 5 times a power of ten, the next above.
function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((one) => one * power >= raw) ?? 10;
  return factor * power;
}

function tickLabel(us: number, step: number): string {
  if (us === 0) return '0';
  if (step < 1000) return `${Number((us / 1000).toFixed(2))} ms`;
  if (step < 200_000) return `${us / 1000} ms`;
  return `${Number((us / 1_000_000).toFixed(2))} s`;
}

function round(x: number): number {
  return Math.round(x * 10) / 10;
}
