// The records of a case as a real table: when, who, what, how many bytes and which.
import type { VNode } from 'preact';
import type { EvidenceRecord } from '../../result/evidence.ts';
import type { CaseResult } from '../../result/run-result.ts';
import { countOf, formatUs } from '../count.ts';
import { connectionName, recordLine } from '../record-line.ts';
import type { Timeline } from '../timeline.ts';
import { Bytes, Seen } from './seen.tsx';

/** Shows `timeline`; records in `evidence` are marked, and what was left out is said. */
export function TimelineTable({
  of,
  timeline,
  evidence,
}: {
  readonly of: CaseResult;
  readonly timeline: Timeline;
  readonly evidence: readonly number[];
}): VNode {
  const deciding = new Set(evidence);
  const { shown, left } = timeline;
  return (
    <>
      <div class="scroll" role="group" aria-label={`Records of ${of.id}`} tabIndex={0}>
        <table class="records">
          <thead>
            <tr>
              <th scope="col">t</th>
              <th scope="col">who</th>
              <th scope="col">what</th>
              <th scope="col">bytes</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((record) => (
              <Row record={record} of={of} deciding={deciding.has(record.seq)} />
            ))}
          </tbody>
        </table>
      </div>
      {left === 0 ? null : (
        <p class="note">
          {`${countOf(left, 'more record')} of this case not shown here; the JSON report has ${left === 1 ? 'it' : 'them'}.`}
        </p>
      )}
    </>
  );
}

function Row({
  record,
  of,
  deciding,
}: {
  readonly record: EvidenceRecord;
  readonly of: CaseResult;
  readonly deciding: boolean;
}): VNode {
  const { lane, what, payload } = recordLine(record);
  const name = connectionName(record, of.connections);
  return (
    <tr class={deciding ? `${lane} deciding` : lane}>
      <td>{formatUs(record.atUs - of.startedAtUs)}</td>
      <td>
        {lane}
        {name === '' ? null : (
          <>
            {' '}
            <Seen text={name} />
          </>
        )}
      </td>
      <td>
        <Seen text={what} />
        {deciding ? <strong class="decided"> ◀ decided</strong> : null}
        {payload === undefined || payload.bytes === 0 ? null : <Bytes payload={payload} />}
      </td>
      <td>{payload === undefined ? '' : payload.bytes}</td>
    </tr>
  );
}
