// Where the time of the run went.
import type { VNode } from 'preact';
import type { RunResult } from '../../result/run-result.ts';
import { formatUs } from '../count.ts';
import { anchorOf } from '../entry.ts';
import { ranAlone, slowestCases } from '../slowest.ts';
import { Section } from './section.tsx';
import { Code } from './seen.tsx';

/** The cases that took longest, each a link to its timeline; nothing for a small run. */
export function SlowestCases({ result }: { readonly result: RunResult }): VNode | null {
  const slowest = slowestCases(result);
  if (slowest.length === 0) return null;
  return (
    <Section id="slowest" title="Slowest cases">
      <ol>
        {slowest.map((of) => (
          <li>
            {`${formatUs(of.durationUs)} `}
            <a href={`#${anchorOf('case', of.id)}`}>
              <Code text={of.id} />
            </a>
            {ranAlone(of) ? ' (alone)' : ''}
          </li>
        ))}
      </ol>
    </Section>
  );
}
