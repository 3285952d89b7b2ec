// How a verdict is called and drawn. The sign never stands alone: colour and sign only repeat the word.
import type { Verdict } from '../result/finding.ts';

/** Every verdict, in the order of how much it asks of the reader. */
export const VERDICTS: readonly Verdict[] = [
  'failed',
  'warned',
  'errored',
  'inconclusive',
  'passed',
  'recorded',
  'skipped',
  'not-applicable',
];

/** One character in front of the word. */
export const VERDICT_SIGN: Readonly<Record<Verdict, string>> = {
  failed: '✗',
  warned: '▲',
  errored: '!',
  inconclusive: '?',
  passed: '✓',
  recorded: '•',
  skipped: '–',
  'not-applicable': '○',
};

/** The word in running text. */
export const VERDICT_WORD: Readonly<Record<Verdict, string>> = {
  failed: 'failed',
  warned: 'warned',
  errored: 'errored',
  inconclusive: 'inconclusive',
  passed: 'passed',
  recorded: 'recorded',
  skipped: 'skipped',
  'not-applicable': 'not applicable',
};

/** The verdict that says most about a case: its worst; undefined without any. */
export function worstOf(verdicts: readonly Verdict[]): Verdict | undefined {
  return VERDICTS.find((verdict) => verdicts.includes(verdict));
}
