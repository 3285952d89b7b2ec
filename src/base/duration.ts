// Durations as users write them. One grammar for files and the command line:
//
//   duration = [ share ] number unit        share = number "% of "
//   number = digits [ "." digits ]          unit = "ms" | "s" | "m" | "h"

/** A duration, and nothing else: for schemas. */
export const DURATION = /^(?:(\d+(?:\.\d+)?)% of )?(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/** Parses `250ms`, `1.5s`, `2m`, `1h`, `80% of 10m` into milliseconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const [, share = '100', number = '', unit = ''] = match;
  // To the microsecond: in binary 1.005 times 1000 is a little less than 1005.
  return Math.round(Number(number) * (MS_PER_UNIT[unit] ?? 0) * Number(share) * 10) / 1000;
}

/** Writes milliseconds the way `parseDuration` reads them, in the largest unit that is exact. */
export function formatDuration(ms: number): string {
  for (const unit of ['h', 'm', 's'] as const) {
    const size = MS_PER_UNIT[unit] ?? 1;
    if (ms >= size && Number.isInteger(ms / size)) return `${ms / size}${unit}`;
  }
  if (ms >= 1000) return `${Number((ms / 1000).toFixed(3))}s`;
  return `${Number(ms.toFixed(3))}ms`;
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
