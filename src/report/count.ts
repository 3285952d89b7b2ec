// Numbers with their nouns.

/** `1 check`, `3 checks`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Microseconds as a reader wants them: `412 µs`, `41.2 ms`, `1.204 s`, `2 m 05 s`. */
export function formatUs(us: number): string {
  const size = Math.abs(us);
  if (size < 1000) return `${Math.round(us)} µs`;
  if (size < 100_000) return `${(us / 1000).toFixed(1)} ms`;
  if (size < 1_000_000) return `${Math.round(us / 1000)} ms`;
  if (size < 60_000_000) return `${(us / 1_000_000).toFixed(3)} s`;
  const seconds = Math.round(us / 1_000_000);
  return `${Math.trunc(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`;
}
