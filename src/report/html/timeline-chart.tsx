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
    <div class="chart" tabIndex={0} role="group" aria-label={visible(`Chart of ${of.id}`)}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={`${id}-t`}>
        <title id={`${id}-t`}>
          {`Client and backend from ${formatUs(first.atUs)} to ${formatUs(last.atUs)}; the table of records says the same.`}
        </title>
        <path class="tick" d={ticks.map(({ us }) => `M${x(us)} ${TOP}V${AXIS}`).join('')} />
        {ticks.map(({ us, label }) => (
          <text class="tick" x={x(us)} y={AXIS + 14}>
            {label}
          </text>
        ))}
        <Lane name="client" />
        <Lane name="backend" />
        {barsOf(drawn, x).map((bar) => (
          <BarShape bar={bar} />
        ))}
        <path class="leader" d={marks.map(leader).join('')} />
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
const Y = { client: TOP + LABEL_ROWS * ROW + 14, backend: TOP + LABEL_ROWS * ROW + 60 } as const;
const AXIS = Y.backend + LABEL_ROWS * ROW + 16;
const HEIGHT = AXIS + 20;

function Lane({ name }: { readonly name: keyof typeof Y }): VNode {
  return (
    <>
      <path class="lane" d={`M${LEFT} ${Y[name]}H${RIGHT}`} />
      <text class="lane" x={8} y={Y[name] + 4}>
        {name}
      </text>
    </>
  );
}

// The word says what the colour means, where there is room for it.
function BarShape({ bar: { from, to, kind, lane } }: { readonly bar: Bar }): VNode {
  const width = Math.max(2, Math.round((to - from) * 10) / 10);
  const { text, room } = BAR_TEXT[kind];
  return (
    <>
      <rect class={kind} x={from} y={Y[lane] - BAR / 2} width={width} height={BAR} rx={2} />
      {width < room ? null : (
        <text class="word" x={Math.round(from + width / 2)} y={Y[lane] + 4}>
          {text}
        </text>
      )}
    </>
  );
}

const BAR = 14;
const BAR_TEXT: Readonly<Record<Bar['kind'], { readonly text: string; readonly room: number }>> = {
  pending: { text: 'upgrade pending', room: 110 },
  open: { text: 'connection open', room: 110 },
  busy: { text: 'backend at work or held', room: 150 },
};

// From the lane to the label.
function leader({ lane, x, label }: Mark): string {
  if (label === undefined) return '';
  const y = labelY(lane, label.row);
  return `M${x} ${Y[lane]}V${lane === 'client' ? y + 3 : y - 9}`;
}

function labelY(lane: Mark['lane'], row: number): number {
  return lane === 'client' ? Y[lane] - 14 - row * ROW : Y[lane] + 22 + row * ROW;
}

function MarkShape({ mark: { lane, x, strong, label } }: { readonly mark: Mark }): VNode {
  const emphasis = strong ? { class: 'strong' } : {};
  return (
    <>
      {label === undefined ? null : (
        <text
          {...emphasis}
          x={label.anchor === 'start' ? x - 3 : x + 3}
          y={labelY(lane, label.row)}
          {...(label.anchor === 'end' ? { 'text-anchor': 'end' } : {})}
        >
          {label.text}
        </text>
      )}
      <circle {...emphasis} cx={x} cy={Y[lane]} r={strong ? 5 : 3} />
    </>
  );
}
