// Percentiles of times of which some have not ended yet: what is still missing was longer than it was
// watched, and is neither dropped nor taken for lost. E. L. Kaplan, P. Meier, Journal of the American
// Statistical Association 53 (1958).

/** So many times of the same length, in milliseconds. */
export interface Times {
  readonly ms: number;
  readonly count: number;
}

/**
 * The shortest time within which at least this share has ended; undefined where the watch was too short
 * to tell. Of a time that ended when another ceased to be watched, the ending counts first.
 *
 * @param share above 0, below 1
 */
export function survivalPercentile(
  { ended, censored }: { readonly ended: readonly Times[]; readonly censored: readonly Times[] },
  share: number,
): number | undefined {
  const ends = ended.toSorted((a, b) => a.ms - b.ms);
  const cuts = censored.toSorted((a, b) => a.ms - b.ms);
  let atRisk = total(ends) + total(cuts);
  let survival = 1;
  let cut = 0;
  for (const { ms, count } of ends) {
    for (let next = cuts[cut]; next !== undefined && next.ms < ms; next = cuts[cut]) {
      atRisk -= next.count;
      cut += 1;
    }
    survival *= 1 - count / atRisk;
    atRisk -= count;
    // A product of many factors is off by some rounding.
    if (survival <= 1 - share + 1e-9) return ms;
  }
  return undefined;
}

function total(times: readonly Times[]): number {
  return times.reduce((sum, { count }) => sum + count, 0);
}
