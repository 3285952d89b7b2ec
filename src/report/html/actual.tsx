// Expected beside actual.
import type { VNode } from 'preact';
import type { Finding } from '../../result/finding.ts';
import { actualLines } from '../detail.ts';
import { Code, Seen } from './seen.tsx';

/** What was asked for and what was seen, side by side. */
export function ExpectedActual({ finding }: { readonly finding: Finding }): VNode {
  return (
    <dl class="compare">
      {finding.expected === '' ? null : (
        <div>
          <dt>Expected</dt>
          <dd>
            <Code text={finding.expected} />
          </dd>
        </div>
      )}
      <div>
        <dt>Actual</dt>
        <dd>
          <Seen text={finding.message} />
          <Values finding={finding} />
        </dd>
      </div>
      {finding.reason === undefined ? null : (
        <div>
          <dt>Reason</dt>
          <dd>
            <Seen text={finding.reason} />
          </dd>
        </div>
      )}
    </dl>
  );
}

/** The values that were seen, one a line. */
export function Values({ finding }: { readonly finding: Finding }): VNode | null {
  const lines = actualLines(finding.actual);
  if (lines.length === 0) return null;
  return (
    <ul class="values">
      {lines.map((line) => (
        <li>
          <Code text={line} />
        </li>
      ))}
    </ul>
  );
}
