// Rates as users write them: a number and a unit of time.

/** A rate, and nothing else: for schemas. */
export const RATE = /^(\d+(?:\.\d+)?)\/(s|m|h)$/;

/** Parses `50/s`, `30/m`, `1/h` into a number per second; `undefined` for anything else. */
export function parseRate(text: string): number | undefined {
  const [, number, unit = ''] = RATE.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) / (SECONDS[unit] ?? 1);
}

/** `950/s`; a few digits behind the point where it has some. */
export function formatRate(perSecond: number): string {
  const digits = perSecond >= 100 ? 0 : perSecond >= 10 ? 1 : 3;
  return `${Number(perSecond.toFixed(digits))}/s`;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
