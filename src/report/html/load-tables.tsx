// Delivery of $disconnect by way of ending, and the line through the accepts of a limiter.
import type { VNode } from 'preact';
import { formatDuration } from '../../base/duration.ts';
import type { DeliveryStratum, LoadResult } from '../../result/load-result.ts';
import { msText, number, share } from '../load-lines.ts';
import { ChartTable } from './chart-table.tsx';
import { Seen } from './seen.tsx';
import { SeriesChart } from './series-chart.tsx';

/** The fit over the data; nothing where no limiter was looked for. */
export function ThrottleFit({
  id,
  load,
}: {
  readonly id: string;
  readonly load: LoadResult;
}): VNode | null {
  const { accepts = [], fit, kind } = load.throttle ?? {};
  if (accepts.length < 2) return null;
  const title = 'Accepted connects so far';
  const atMs = accepts.map(([at]) => at);
  const series = [
    {
      name: 'accepted',
      look: 1 as const,
      isStepped: true,
      values: accepts.map(([, count]) => count),
    },
    ...(fit === undefined
      ? []
      : [
          {
            name: 'line fitted',
            look: 3 as const,
            values: atMs.map((at) =>
              at < fit.fromMs || at > fit.toMs
                ? undefined
                : fit.intercept + (fit.slopePerS * (at - fit.fromMs)) / 1000,
            ),
          },
        ]),
  ];
  return (
    <>
      <h3>
        {title}: <Seen text={kind ?? ''} />
      </h3>
      <SeriesChart id={`${id}-fit`} title={title} atMs={atMs} series={series} write={number} />
      <ChartTable title={title} atMs={atMs} series={series} write={number} />
    </>
  );
}

/** How `$disconnect` came, by way of ending; nothing without an observer. */
export function Deliveries({ load }: { readonly load: LoadResult }): VNode | null {
  const { delivery } = load;
  if (delivery === undefined || delivery.strata.length === 0) return null;
  return (
    <>
      <h3>{`Delivery of $disconnect, on time within ${formatDuration(delivery.deadlineMs)}`}</h3>
      <div class="scroll" tabIndex={0} role="group" aria-label="Delivery of $disconnect">
        <table class="numbers">
          <thead>
            <tr>
              {HEADS.map((head) => (
                <th scope="col">{head}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {delivery.strata.map((stratum) => (
              <Row stratum={stratum} />
            ))}
          </tbody>
        </table>
      </div>
      <Ladder strata={delivery.strata} />
    </>
  );
}

const HEADS = [
  'ending',
  'ended',
  'on time',
  'share (95% interval)',
  'late',
  'missing',
  'not known',
  'twice',
  'out of order',
  'p50',
  'p99',
];

function Row({ stratum }: { readonly stratum: DeliveryStratum }): VNode {
  const { ending, ended, onTime, late, missing, indeterminate, duplicated, outOfOrder } = stratum;
  const { held, samples, low, high } = stratum.onTimeShare;
  const known = samples === 0 ? '–' : `${share(held / samples)} (${share(low)} to ${share(high)})`;
  const { p50, p99 } = stratum.survival;
  return (
    <tr>
      <th scope="row">
        <Seen text={ending} />
      </th>
      <td>{number(ended)}</td>
      <td>{number(onTime)}</td>
      <td>{known}</td>
      {[late, missing, indeterminate, duplicated, outOfOrder].map((count) => (
        <td>{number(count)}</td>
      ))}
      {[p50, p99].map((ms) => (
        <td>{ms === undefined ? 'not reached' : msText(ms)}</td>
      ))}
    </tr>
  );
}

function Ladder({ strata }: { readonly strata: readonly DeliveryStratum[] }): VNode | null {
  const deadlines = strata[0]?.ladder ?? [];
  if (deadlines.length === 0) return null;
  return (
    <details class="data">
      <summary>Delivered by each deadline</summary>
      <div class="scroll" tabIndex={0} role="group" aria-label="Delivered by each deadline">
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col">ending</th>
              {deadlines.map(({ deadlineMs }) => (
                <th scope="col">{`within ${formatDuration(deadlineMs)}`}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {strata.map(({ ending, ladder }) => (
              <tr>
                <th scope="row">
                  <Seen text={ending} />
                </th>
                {ladder.map(({ held, samples }) => (
                  <td>{samples === 0 ? '–' : share(held / samples)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
