// Which standings have a section of their own in which each finding is told in full.
import type { Standing } from '../standing.ts';

/** Sections in the order of the page. */
export const FULL_SECTIONS: readonly { readonly standing: Standing; readonly title: string }[] = [
  { standing: 'failed', title: 'Failed' },
  { standing: 'unlike-baseline', title: 'Unlike the baseline' },
  { standing: 'warned', title: 'Warnings' },
  { standing: 'errored', title: 'Errored' },
  { standing: 'inconclusive', title: 'Inconclusive' },
];

/** Their standings. */
export const IN_FULL: ReadonlySet<Standing> = new Set(
  FULL_SECTIONS.map(({ standing }) => standing),
);
