// Microseconds as a reader of a finding wants them.

/** `412 ms`; a tenth of a millisecond below ten. */
export function ms(us: number): string {
  const value = us / 1000;
  const digits = Math.abs(value) < 10 ? 1 : 0;
  return `${Number(value.toFixed(digits))} ms`;
}
