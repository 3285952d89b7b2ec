// One case, closed: its checks and its whole story.
import type { VNode } from 'preact';
import type { CaseResult } from '../../result/run-result.ts';
import { countOf, formatUs } from '../count.ts';
import type { Entry } from '../entry.ts';
import { anchorOf } from '../entry.ts';
import { standingOf, worstOf } from '../standing.ts';
import { selectRecords } from '../timeline.ts';
import { Refusals, Rerun } from './finding-article.tsx';
import { Badge, Code, Seen } from './seen.tsx';
import { TimelineChart } from './timeline-chart.tsx';
import { TimelineTable } from './timeline-table.tsx';

/** Renders a case and its `entries`. `room`: how many records it may show. */
export function CaseDetails({
  of,
  entries,
  room,
}: {
  readonly of: CaseResult;
  readonly entries: readonly Entry[];
  readonly room: number;
}): VNode {
  const anchor = anchorOf('case', of.id);
  const timeline = selectRecords(
    of.records,
    entries.flatMap(({ finding }) => finding.evidence),
    room,
  );
  const worst = worstOf(of.findings.map(standingOf)) ?? 'errored';
  return (
    <details id={anchor} class="case" data-case={anchor} data-checks={of.findings.length}>
      <summary>
        <Badge standing={worst} /> <Code text={of.id} />{' '}
        <span class="note">{`${countOf(of.findings.length, 'check')}, ${formatUs(of.durationUs)}`}</span>
      </summary>
      <p>
        <Seen text={of.title} />
      </p>
      {of.description === undefined ? null : (
        <p class="note">
          <Seen text={of.description} />
        </p>
      )}
      <Refusals lines={entries[0]?.refusals ?? []} />
      {of.targetDied === undefined ? null : (
        <p class="died">
          Target died: <Seen text={of.targetDied} />
        </p>
      )}
      {of.records.length === 0 ? null : (
        <>
          <TimelineChart id={anchor} of={of} records={timeline.shown} evidence={[]} />
          <TimelineTable of={of} timeline={timeline} evidence={[]} />
        </>
      )}
      <Rerun line={of.rerun} />
    </details>
  );
}
