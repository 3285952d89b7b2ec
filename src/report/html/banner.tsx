// The verdict, before everything else: sign, word, sentence, counts.
import type { ComponentChildren, VNode } from 'preact';
import type { RunResult } from '../../result/run-result.ts';
import type { Conclusion } from '../conclusion.ts';
import { VERDICTS } from '../verdict-word.ts';
import { IN_FULL } from './page-order.ts';
import { Badge, Seen } from './seen.tsx';

/** The head of the page. */
export function Banner({
  result,
  conclusion,
  children,
}: {
  readonly result: RunResult;
  readonly conclusion: Conclusion;
  readonly children: ComponentChildren;
}): VNode {
  const { outcome, sentence, decided, total } = conclusion;
  const { word, sign } = OUTCOMES[outcome];
  const seen = VERDICTS.filter((verdict) => result.counts[verdict] > 0);
  return (
    <header class={`banner o-${outcome}`}>
      <h1>
        <span aria-hidden="true">{sign}</span> {word}
      </h1>
      <p class="sentence">
        <Seen text={sentence} />
      </p>
      <ul class="counts">
        <li>{`${decided} of ${total} decided`}</li>
        {seen.map((verdict) => (
          <li>
            <a href={sectionOf(verdict)}>
              <strong>{result.counts[verdict]}</strong> <Badge verdict={verdict} />
            </a>
          </li>
        ))}
      </ul>
      {children}
    </header>
  );
}

/** What an outcome is called. */
export const OUTCOMES: Readonly<
  Record<Conclusion['outcome'], { readonly word: string; readonly sign: string }>
> = {
  passed: { word: 'Passed', sign: '✓' },
  failed: { word: 'Failed', sign: '✗' },
  invalid: { word: 'Nothing tested', sign: '!' },
  untested: { word: 'Not fully tested', sign: '!' },
  inconclusive: { word: 'Inconclusive', sign: '?' },
  interrupted: { word: 'Interrupted', sign: '!' },
  broken: { word: 'Tool failure', sign: '!' },
};

function sectionOf(verdict: (typeof VERDICTS)[number]): string {
  const own = IN_FULL.has(verdict) || verdict === 'recorded' || verdict === 'not-applicable';
  return own ? `#${verdict}` : '#all';
}
