// One finding in full: what was asked for, what was seen, who asks for it, what happened when, and
// how to do it again.
import type { VNode } from 'preact';
import { formatPlace } from '../../base/source-span.ts';
import type { Entry } from '../entry.ts';
import { anchorOf } from '../entry.ts';
import { standingOf } from '../standing.ts';
import { isTurningPoint, selectRecords } from '../timeline.ts';
import { ExpectedActual } from './actual.tsx';
import { Citation } from './citation.tsx';
import { AgainstBaseline } from './known-deviations.tsx';
import { Badge, Code, Seen } from './seen.tsx';
import { TimelineChart } from './timeline-chart.tsx';
import { TimelineTable } from './timeline-table.tsx';

/** Renders `entry`; its `id` is a permalink that is the same in every run. */
export function FindingArticle({ entry }: { readonly entry: Entry }): VNode {
  const { finding, of, requirement } = entry;
  const anchor = anchorOf('check', entry.id);
  return (
    <article id={anchor} class={`finding v-${standingOf(finding)}`}>
      <h3>
        <Badge standing={standingOf(finding)} /> <Seen text={finding.title ?? of.title} />
      </h3>
      <p class="ids">
        <a href={`#${anchor}`}>
          <Code text={entry.id} />
        </a>{' '}
        <Code text={formatPlace(finding.span)} />
      </p>
      <ExpectedActual finding={finding} />
      <Refusals lines={entry.refusals} />
      {finding.baseline === undefined ? null : <AgainstBaseline overlay={finding.baseline} />}
      {finding.requirement === undefined ? null : (
        <Citation id={finding.requirement} level={finding.level} requirement={requirement} />
      )}
      {of.targetDied === undefined ? null : (
        <p class="died">
          Target died: <Seen text={of.targetDied} />
        </p>
      )}
      <Story entry={entry} anchor={anchor} />
      <Rerun line={of.rerun} />
    </article>
  );
}

/** Who refused the upgrades of a case. */
export function Refusals({ lines }: { readonly lines: readonly string[] }): VNode | null {
  if (lines.length === 0) return null;
  return (
    <ul class="refusals">
      {lines.map((line) => (
        <li>
          <Seen text={line} />
        </li>
      ))}
    </ul>
  );
}

/** The line that runs a case again, alone. */
export function Rerun({ line }: { readonly line: string }): VNode {
  return (
    <p class="rerun">
      <span>Run again</span> <Code text={line} />
    </p>
  );
}

// The chart has everything that fits, the table what decided and the turning points.
function Story({
  entry,
  anchor,
}: {
  readonly entry: Entry;
  readonly anchor: string;
}): VNode | null {
  const { of, finding } = entry;
  if (of.records.length === 0) return null;
  const deciding = new Set(finding.evidence);
  const key = of.records.filter((record) => deciding.has(record.seq) || isTurningPoint(record));
  const chart = selectRecords(of.records, finding.evidence, CHART_ROOM).shown;
  return (
    <>
      <TimelineChart id={anchor} of={of} records={chart} evidence={finding.evidence} />
      <details open={finding.verdict === 'failed'}>
        <summary>What decided, and the turning points</summary>
        <TimelineTable
          of={of}
          timeline={selectRecords(key, finding.evidence, TABLE_ROOM)}
          evidence={finding.evidence}
        />
      </details>
      <p class="note">
        <a
          href={`#${anchorOf('case', of.id)}`}
        >{`All ${of.records.length} records of this case`}</a>
      </p>
    </>
  );
}

const CHART_ROOM = 60;
const TABLE_ROOM = 16;
