// Lines over time as inline SVG, with the thresholds that are about them. It only repeats what the
// table below it says, so it needs no script and hides nothing from who does not see it.
import type { VNode } from 'preact';
import { visible } from '../../base/visible.ts';
import { timeScale } from './time-scale.ts';
import { valueScale } from './value-scale.ts';

/** One line. A gap is where there is no value. */
export interface Series {
  readonly name: string;
  /** 1 to 5: its colour and its dashes. */
  readonly look: 1 | 2 | 3 | 4 | 5;
  /** It stays as it is until the next value: steps instead of slopes. */
  readonly isStepped?: boolean;
  /** Value at each of the chart's instants. */
  readonly values: readonly (number | undefined)[];
}

/** A bound that a threshold sets. */
export interface Bound {
  readonly name: string;
  readonly value: number;
}

/** Draws `series` over `atMs`; `id` is unique in the document. Nothing for a single instant. */
export function SeriesChart({
  id,
  title,
  atMs,
  series,
  bounds = [],
  write,
}: {
  readonly id: string;
  readonly title: string;
  readonly atMs: readonly number[];
  readonly series: readonly Series[];
  readonly bounds?: readonly Bound[];
  /** A value on the axis. */
  readonly write: (value: number) => string;
}): VNode | null {
  const [first = 0] = atMs;
  const last = atMs.at(-1) ?? first;
  if (last <= first) return null;
  const { x, ticks } = timeScale(first * 1000, last * 1000, LEFT, RIGHT);
  const known = series.flatMap(({ values }) => values.filter((one) => one !== undefined));
  const top = Math.max(0, ...known, ...bounds.map(({ value }) => value));
  const { y, marks } = valueScale(top, BOTTOM, TOP);
  return (
    <div class="chart" tabIndex={0} role="group" aria-label={visible(`Chart: ${title}`)}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={`${id}-t`}>
        <title id={`${id}-t`}>{visible(`${title}; the table below says the same.`)}</title>
        <path class="tick" d={marks.map((mark) => `M${LEFT} ${y(mark)}H${RIGHT}`).join('')} />
        {marks.map((mark) => (
          <text class="value" x={LEFT - 6} y={y(mark) + 4}>
            {mark === 0 ? '0' : write(mark)}
          </text>
        ))}
        {ticks.map(({ us, label }) => (
          <text class="tick" x={x(us)} y={BOTTOM + 16}>
            {label}
          </text>
        ))}
        {bounds.map((bound) => (
          <BoundLine bound={bound} y={y(bound.value)} write={write} />
        ))}
        {series.map((one) => (
          <path class={`line s${one.look}`} d={pathOf(one, atMs, { x, y })} />
        ))}
        {series.flatMap(({ look, values }) =>
          values.flatMap((value, at) =>
            isAlone(values, at) && value !== undefined ? (
              <circle class={`dot s${look}`} cx={x((atMs[at] ?? 0) * 1000)} cy={y(value)} r={3} />
            ) : (
              []
            ),
          ),
        )}
      </svg>
      <Legend series={series} />
    </div>
  );
}

const WIDTH = 960;
const HEIGHT = 236;
const LEFT = 72;
const RIGHT = 944;
const TOP = 14;
const BOTTOM = 206;

function BoundLine({
  bound,
  y,
  write,
}: {
  readonly bound: Bound;
  readonly y: number;
  readonly write: (value: number) => string;
}): VNode {
  return (
    <>
      <path class="bound" d={`M${LEFT} ${y}H${RIGHT}`} />
      <text class="bound" x={RIGHT} y={y - 4}>
        {visible(`${bound.name}: ${write(bound.value)}`)}
      </text>
    </>
  );
}

// Words beside the colour, and a sample of the line as it is dashed.
function Legend({ series }: { readonly series: readonly Series[] }): VNode {
  return (
    <ul class="legend">
      {series.map(({ name, look }) => (
        <li>
          <svg viewBox="0 0 28 8" width="28" height="8" aria-hidden="true">
            <path class={`line s${look}`} d="M1 4H27" />
          </svg>{' '}
          {visible(name)}
        </li>
      ))}
    </ul>
  );
}

// Between two gaps there is no line to see.
function isAlone(values: Series['values'], at: number): boolean {
  const isKnown = (index: number): boolean => values[index] !== undefined;
  return isKnown(at) && !isKnown(at - 1) && !isKnown(at + 1);
}

function pathOf(
  { values, isStepped = false }: Series,
  atMs: readonly number[],
  { x, y }: { readonly x: (us: number) => number; readonly y: (value: number) => number },
): string {
  let isDrawing = false;
  const parts = values.map((value, at) => {
    if (value === undefined) {
      isDrawing = false;
      return '';
    }
    const place = [x((atMs[at] ?? 0) * 1000), y(value)] as const;
    const begun = isDrawing;
    isDrawing = true;
    if (!begun) return `M${place.join(' ')}`;
    return isStepped ? `H${place[0]}V${place[1]}` : `L${place.join(' ')}`;
  });
  return parts.join('');
}
