// Both witnesses on one time axis, as inline SVG: the client above, the backend below. It only
// repeats what the table beside it says.
import type { VNode } from 'preact';
import { visible } from '../../base/visible.ts';
import type { EvidenceRecord } from '../../result/evidence.ts';
import type { CaseResult } from '../../result/run-result.ts';
import { formatUs } from '../count.ts';
import type { Bar, Mark } from './lane.ts';
import { barsOf, LABEL_ROWS, marksOf } from './lane.ts';
import { timeScale } from './time-scale.ts';

/** Draws `records` of a case; `id` is unique in the document. Nothing for a single instant. */
export function TimelineChart({
  id,
  of,
  records,
  evidence,
}: {
  readonly id: string;
  readonly of: CaseResult;
  readonly records: readonly EvidenceRecord[];
  readonly evidence: readonly number[];
}): VNode | null {
  const drawn = records
    .filter(({ kind }) => kind !== 'step')
    .map((record) => ({ ...record, atUs: record.atUs - of.startedAtUs }));
  const [first] = drawn;
  const last = drawn.at(-1);
  if (first === undefined || last === undefined || drawn.length < 2) return null;
  const { x, ticks } = timeScale(first.atUs, last.atUs, LEFT, RIGHT);
  const marks = marksOf(drawn, new Set(evidence), x, RIGHT + PADDING);
  return (
    <div class="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={`${id}-t`}>
        <title id={`${id}-t`}>
          {`Client and backend from ${formatUs(first.atUs)} to ${formatUs(last.atUs)}; the table of records says the same.`}
        </title>
        {ticks.map((tick) => (
          <g class="tick">
            <line x1={x(tick.us)} x2={x(tick.us)} y1={TOP} y2={AXIS} />
            <text x={x(tick.us)} y={AXIS + 14} text-anchor="middle">
              {tick.label}
            </text>
          </g>
        ))}
        <Lane name="client" />
        <Lane name="backend" />
        {barsOf(drawn, x).map((bar) => (
          <BarShape bar={bar} />
        ))}
        {marks.map((mark) => (
          <MarkShape mark={mark} />
        ))}
      </svg>
    </div>
  );
}

const WIDTH = 960;
const LEFT = 84;
const RIGHT = 930;
const PADDING = 20;
const ROW = 14;
const TOP = 6;
const Y = { client: TOP + LABEL_ROWS * ROW + 14, backend: TOP + LABEL_ROWS * ROW + 64 } as const;
const AXIS = Y.backend + LABEL_ROWS * ROW + 16;
const HEIGHT = AXIS + 20;

function Lane({ name }: { readonly name: keyof typeof Y }): VNode {
  return (
    <g class="lane">
      <line x1={LEFT} x2={RIGHT} y1={Y[name]} y2={Y[name]} />
      <text x={8} y={Y[name] + 4}>
        {name}
      </text>
    </g>
  );
}

function BarShape({ bar }: { readonly bar: Bar }): VNode {
  const width = Math.max(2, Math.round((bar.to - bar.from) * 10) / 10);
  return (
    <rect
      class={`bar ${bar.kind}`}
      x={bar.from}
      y={Y[bar.lane] - 5}
      width={width}
      height={10}
      rx={2}
    >
      <title>{BAR_TEXT[bar.kind]}</title>
    </rect>
  );
}

const BAR_TEXT: Readonly<Record<Bar['kind'], string>> = {
  pending: 'the upgrade is pending',
  open: 'the connection is open',
  busy: 'the backend is at work or held',
};

function MarkShape({ mark: { record, lane, x, strong, label } }: { readonly mark: Mark }): VNode {
  const y = Y[lane];
  const row = label?.row ?? 0;
  const labelY = lane === 'client' ? y - 12 - row * ROW : y + 20 + row * ROW;
  return (
    <g class={strong ? 'mark strong' : 'mark'}>
      {label === undefined ? null : (
        <>
          <line x1={x} x2={x} y1={y} y2={lane === 'client' ? labelY + 3 : labelY - 9} />
          <text x={label.anchor === 'start' ? x - 3 : x + 3} y={labelY} text-anchor={label.anchor}>
            {label.text}
          </text>
        </>
      )}
      <circle cx={x} cy={y} r={strong ? 5 : 3}>
        <title>{visible(`${formatUs(record.atUs)} ${record.kind}`)}</title>
      </circle>
    </g>
  );
}
