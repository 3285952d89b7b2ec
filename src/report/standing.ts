// How a check stands: its verdict, unless the target's baseline says something of it. And how that is
// called and drawn: the sign never stands alone, colour and sign only repeat the word.
import type { Finding, Verdict } from '../result/finding.ts';
import type { RunResult } from '../result/run-result.ts';

/** `known`: it deviates as the baseline says. `unlike-baseline`: it does not, and fails the run. */
export type Standing = Verdict | 'known' | 'unlike-baseline';

/** How a finding stands. */
export function standingOf({ verdict, baseline }: Pick<Finding, 'verdict' | 'baseline'>): Standing {
  if (baseline === undefined) return verdict;
  return baseline.state === 'expected-failure' ? 'known' : 'unlike-baseline';
}

/** Every standing, in the order of how much it asks of the reader. */
export const STANDINGS: readonly Standing[] = [
  'failed',
  'unlike-baseline',
  'warned',
  'errored',
  'inconclusive',
  'known',
  'passed',
  'recorded',
  'skipped',
  'not-applicable',
];

/** Checks by standing; entries of the baseline that nothing answers to are unlike it, too. */
export function countStandings(result: RunResult): Readonly<Record<Standing, number>> {
  const counts = { known: 0, 'unlike-baseline': result.stale?.length ?? 0, ...result.counts };
  for (const finding of result.cases.flatMap(({ findings }) => findings)) {
    if (finding.baseline === undefined) continue;
    counts[finding.verdict] -= 1;
    counts[standingOf(finding)] += 1;
  }
  return counts;
}

/** One character in front of the word. */
export const STANDING_SIGN: Readonly<Record<Standing, string>> = {
  failed: '✗',
  'unlike-baseline': '≠',
  warned: '▲',
  errored: '!',
  inconclusive: '?',
  known: '≈',
  passed: '✓',
  recorded: '•',
  skipped: '–',
  'not-applicable': '○',
};

/** The word in running text. */
export const STANDING_WORD: Readonly<Record<Standing, string>> = {
  failed: 'failed',
  'unlike-baseline': 'unlike the baseline',
  warned: 'warned',
  errored: 'errored',
  inconclusive: 'inconclusive',
  known: 'known',
  passed: 'passed',
  recorded: 'recorded',
  skipped: 'skipped',
  'not-applicable': 'not applicable',
};

/** The standing that says most about a case: its worst; undefined without any. */
export function worstOf(standings: readonly Standing[]): Standing | undefined {
  return STANDINGS.find((standing) => standings.includes(standing));
}
