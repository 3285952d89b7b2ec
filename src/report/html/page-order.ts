// Which verdicts have a section of their own in which each finding is told in full.
import type { Verdict } from '../../result/finding.ts';

/** Sections in the order of the page. */
export const FULL_SECTIONS: readonly { readonly verdict: Verdict; readonly title: string }[] = [
  { verdict: 'failed', title: 'Failed' },
  { verdict: 'warned', title: 'Warnings' },
  { verdict: 'errored', title: 'Errored' },
  { verdict: 'inconclusive', title: 'Inconclusive' },
];

/** Their verdicts. */
export const IN_FULL: ReadonlySet<Verdict> = new Set(FULL_SECTIONS.map(({ verdict }) => verdict));
