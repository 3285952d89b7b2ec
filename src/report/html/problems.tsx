// What kept the run from testing what it should.
import type { VNode } from 'preact';
import type { RunResult } from '../../result/run-result.ts';
import { countOf } from '../count.ts';
import { Section } from './section.tsx';
import { Code, Seen } from './seen.tsx';

/** Problems and planned cases that never ran; nothing if there are none. */
export function Problems({ result }: { readonly result: RunResult }): VNode | null {
  const { problems, notRun } = result;
  if (problems.length === 0 && notRun.length === 0) return null;
  return (
    <Section id="problems" title="What kept the run from testing">
      <ul>
        {problems.map(({ code, message, hint }) => (
          <li>
            <Code text={code} /> <Seen text={message} /> <Seen text={hint ?? ''} />
          </li>
        ))}
        {notRun.length === 0 ? null : (
          <li>
            {`${countOf(notRun.length, 'planned case')} never ran: `}
            {notRun.map((id, at) => (
              <>
                {at === 0 ? '' : ', '}
                <Code text={id} />
              </>
            ))}
          </li>
        )}
      </ul>
    </Section>
  );
}
