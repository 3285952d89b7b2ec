// What a chart shows, as a table that opens on demand.
import type { VNode } from 'preact';
import type { Series } from './series-chart.tsx';

/** The values of `series` at `atMs`. */
export function ChartTable({
  title,
  atMs,
  series,
  write,
}: {
  readonly title: string;
  readonly atMs: readonly number[];
  readonly series: readonly Series[];
  readonly write: (value: number) => string;
}): VNode {
  return (
    <details class="data">
      <summary>{`Data: ${title}`}</summary>
      <div class="scroll" tabIndex={0} role="group" aria-label={title}>
        <table>
          <thead>
            <tr>
              <th scope="col">second</th>
              {series.map(({ name }) => (
                <th scope="col">{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {atMs.map((ms, at) => (
              <tr>
                <th scope="row">{Number((ms / 1000).toFixed(3))}</th>
                {series.map(({ values }) => (
                  <td>{cellOf(values[at], write)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function cellOf(value: number | undefined, write: (value: number) => string): string {
  return value === undefined ? '–' : write(value);
}
