// The verdict, before everything else: sign, word, sentence, counts.
import type { ComponentChildren, VNode } from 'preact';
import type { RunResult } from '../../result/run-result.ts';
import type { Conclusion } from '../conclusion.ts';
import { countStandings, STANDINGS, type Standing } from '../standing.ts';
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
  const counts = countStandings(result);
  const seen = STANDINGS.filter((standing) => counts[standing] > 0);
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
        {seen.map((standing) => (
          <li>
            <a href={sectionOf(standing)}>
              <strong>{counts[standing]}</strong> <Badge standing={standing} />
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

function sectionOf(standing: Standing): string {
  const own = IN_FULL.has(standing) || SECTIONS.has(standing);
  return own ? `#${standing}` : '#all';
}

const SECTIONS: ReadonlySet<Standing> = new Set(['known', 'recorded', 'not-applicable']);
