// How many connections must end before a share can be claimed at all, said before the run.
import { clopperPearson, wilson } from '../base/interval.ts';

/** How a share is judged: by Wilson's interval, or by the exact one when certifying. */
export interface Claim {
  /** From 0 to 1: 0.999. */
  readonly share: number;
  /** Above 0, below 1. */
  readonly confidence: number;
  readonly exact: boolean;
}

/** The fewest samples that prove it when none is lost; Infinity: none do. */
export function cleanSamplesFor({ share, confidence, exact }: Claim): number {
  if (share >= 1) return Infinity;
  const interval = exact ? clopperPearson : wilson;
  const proves = (samples: number): boolean =>
    interval({ held: samples, samples }, confidence).low >= share;
  let high = 1;
  while (!proves(high)) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (proves(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** As a sentence; `expected`: how many this run will end. */
export function claimSentence(claim: Claim, expected: number): string {
  const percent = `${Number((claim.share * 100).toFixed(6))}%`;
  const needed = cleanSamplesFor(claim);
  if (needed === Infinity) return `No number of samples proves ${percent} of all connections.`;
  const count = needed.toLocaleString('en-US');
  const trials = needed === 1 ? '1 clean trial' : `${count} clean trials`;
  const enough =
    expected >= needed
      ? `this run ends ${expected.toLocaleString('en-US')}`
      : `this run ends only ${expected.toLocaleString('en-US')} and cannot prove it`;
  return `To claim ${percent} takes ${trials}; ${enough}.`;
}
