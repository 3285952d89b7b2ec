// What the target's baseline says: what is known and as it was, and what is not.
import type { VNode } from 'preact';
import { formatPlace } from '../../base/source-span.ts';
import type { BaselineEntry, BaselineOverlay, StaleEntry } from '../../result/baseline.ts';
import type { RunResult } from '../../result/run-result.ts';
import { actualLines } from '../detail.ts';
import type { Entry } from '../entry.ts';
import { anchorOf } from '../entry.ts';
import { Section } from './section.tsx';
import { Code, Link, Seen } from './seen.tsx';

/** Deviations that are as the baseline says, one row a check, with reason, evidence and expiry. */
export function KnownDeviations({
  result,
  entries,
}: {
  readonly result: RunResult;
  readonly entries: readonly Entry[];
}): VNode | null {
  if (result.baseline === undefined || entries.length === 0) return null;
  return (
    <Section id="known" title={`Known deviations (${entries.length})`}>
      <p class="note">
        These checks do not pass, and <Code text={result.baseline.file} /> says so. They would fail
        the run if they failed in another way, if they passed, or after the day that is given.
      </p>
      <div class="scroll" role="group" aria-label="Known deviations" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Check</th>
              <th scope="col">What it does</th>
              <th scope="col">Reason</th>
              <th scope="col">Until</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <Row entry={entry} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Row({ entry: { id, finding, of } }: { readonly entry: Entry }): VNode | null {
  if (finding.baseline === undefined) return null;
  const { entry } = finding.baseline;
  return (
    <tr>
      <td>
        <a href={`#${anchorOf('case', of.id)}`}>
          <Code text={id} />
        </a>
      </td>
      <td>
        <Seen text={finding.message} />
        <Evidence entry={entry} />
      </td>
      <td>
        <Reason entry={entry} />
      </td>
      <td>
        <Seen text={entry.expires} />
      </td>
    </tr>
  );
}

/** Entries that no finding answers to; nothing without any. */
export function StaleEntries({ stale }: { readonly stale: readonly StaleEntry[] }): VNode {
  return (
    <>
      {stale.length === 0 ? null : (
        <ul>
          {stale.map(({ check, message }) => (
            <li>
              <Code text={check} />: <Seen text={message} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What the baseline says of one finding. */
export function AgainstBaseline({ overlay }: { readonly overlay: BaselineOverlay }): VNode {
  const { message, entry } = overlay;
  return (
    <dl class="compare">
      <div>
        <dt>Against the baseline</dt>
        <dd>
          <Seen text={message} />
        </dd>
      </div>
      <div>
        <dt>
          Its entry, until <Seen text={entry.expires} />
        </dt>
        <dd>
          <Reason entry={entry} /> <Code text={formatPlace(entry.span)} />
          <Evidence entry={entry} />
        </dd>
      </div>
    </dl>
  );
}

function Reason({ entry: { reason, issue } }: { readonly entry: BaselineEntry }): VNode {
  return (
    <>
      <Seen text={reason} />
      {issue === undefined ? null : (
        <>
          {' '}
          <Link url={issue} text={issue} />
        </>
      )}
    </>
  );
}

function Evidence({ entry }: { readonly entry: BaselineEntry }): VNode {
  return (
    <ul class="values">
      {actualLines(entry.actual).map((line) => (
        <li>
          <Code text={line} />
        </li>
      ))}
    </ul>
  );
}
