// Shares as a reader of a finding wants them.

/**
 * `97.5%`, `99.96%`: two digits behind the point, more where they would show what is not all as all
 * or what is not nothing as nothing.
 */
export function percent(share: number): string {
  const whole = share * 100;
  for (let digits = 2; digits < 12; digits += 1) {
    const rounded = Number(whole.toFixed(digits));
    const hides = (rounded === 100 && share < 1) || (rounded === 0 && share > 0);
    if (!hides) return `${rounded}%`;
  }
  return share < 0.5 ? '0%' : '100%';
}
