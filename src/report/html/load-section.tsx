// One load: its figures, and what was offered and what came of it second by second. Each chart has its
// table; thresholds that bound what a chart shows are lines in it.
import type { VNode } from 'preact';
import { visible } from '../../base/visible.ts';
import type { Finding } from '../../result/finding.ts';
import type { LoadResult } from '../../result/load-result.ts';
import type { CaseResult } from '../../result/run-result.ts';
import { anchorOf } from '../entry.ts';
import { type LoadBin, loadBins } from '../load-bins.ts';
import { amount, loadFacts, msText } from '../load-lines.ts';
import { ChartTable } from './chart-table.tsx';
import { Deliveries, ThrottleFit } from './load-tables.tsx';
import { Section } from './section.tsx';
import { Seen } from './seen.tsx';
import { type Bound, type Series, SeriesChart } from './series-chart.tsx';

/** Sections of every load that the run has. */
export function Loads({ cases }: { readonly cases: readonly CaseResult[] }): VNode {
  return (
    <>
      {cases.map((of) => (of.load === undefined ? null : <LoadSection of={of} load={of.load} />))}
    </>
  );
}

// A fact of more characters takes a line of its own.
const LONG = 140;

/** How many instants a chart and its table show. */
const BINS = 300;

function LoadSection({ of, load }: { readonly of: CaseResult; readonly load: LoadResult }): VNode {
  const id = anchorOf('load', of.id);
  const bins = loadBins(load.seconds, BINS);
  return (
    <Section id={id} title={visible(`Load ${of.id}`)}>
      <p>
        <Seen text={of.title} />
      </p>
      <dl class="facts">
        {loadFacts(load).map(({ label, text }) => (
          <div {...(text.length > LONG ? { class: 'long' } : {})}>
            <dt>
              <Seen text={label} />
            </dt>
            <dd>
              <Seen text={text} />
            </dd>
          </div>
        ))}
      </dl>
      <Charts id={id} bins={bins} findings={of.findings} />
      <ThrottleFit id={id} load={load} />
      <Deliveries load={load} />
    </Section>
  );
}

function Charts({
  id,
  bins,
  findings,
}: {
  readonly id: string;
  readonly bins: readonly LoadBin[];
  readonly findings: readonly Finding[];
}): VNode | null {
  if (bins.length === 0) return null;
  const atMs = bins.map((bin) => bin.atMs);
  const [first] = bins;
  const merged =
    (first?.seconds ?? 1) === 1
      ? ''
      : ` Each point is ${first?.seconds} seconds: means of numbers, the highest of percentiles.`;
  return (
    <>
      {merged === '' ? null : <p class="note">{merged.trim()}</p>}
      {chartsOf(bins, findings).map((chart, at) => (
        <>
          <h3>{chart.title}</h3>
          <SeriesChart id={`${id}-${at}`} atMs={atMs} {...chart} />
          <ChartTable atMs={atMs} {...chart} />
        </>
      ))}
    </>
  );
}

interface Chart {
  readonly title: string;
  readonly series: readonly Series[];
  readonly bounds?: readonly Bound[];
  readonly write: (value: number) => string;
}

const looks = [1, 2, 3, 4, 5] as const;

function chartsOf(bins: readonly LoadBin[], findings: readonly Finding[]): readonly Chart[] {
  const line = (
    name: string,
    look: Series['look'],
    value: (bin: LoadBin) => number | undefined,
  ): Series => ({ name, look, values: bins.map(value) });
  const statuses = [...new Set(bins.flatMap(({ refused }) => Object.keys(refused)))].toSorted();
  const refused = statuses
    .slice(0, 4)
    .map((status, at) =>
      line(`refused ${status}`, looks[at] ?? 4, (bin) => bin.refused[status] ?? 0),
    );
  const isObserved = bins.some(({ delivered }) => delivered !== undefined);
  return [
    {
      title: 'Offered and opened, attempts a second',
      series: [
        line('offered', 1, ({ offered }) => offered),
        line('opened', 2, ({ opened }) => opened),
        ...(bins.some(({ unsent }) => unsent > 0)
          ? [line('never sent', 3, ({ unsent }) => unsent)]
          : []),
      ],
      write: amount,
    },
    ...(refused.length === 0 && bins.every(({ failed }) => failed === 0)
      ? []
      : [
          {
            title: 'Refused and failed, attempts a second',
            series: [...refused, line('failed or timed out', 5, ({ failed }) => failed)],
            write: amount,
          },
        ]),
    { title: 'Open connections', series: [line('open', 1, ({ open }) => open)], write: amount },
    ...(bins.every(({ p50Ms }) => p50Ms === undefined)
      ? []
      : [
          {
            title: 'Time from due to open',
            // Dashes over the solid line, so that those that coincide are all seen.
            series: [
              line('p50', 1, ({ p50Ms }) => p50Ms),
              line('p90', 2, ({ p90Ms }) => p90Ms),
              line('p99', 3, ({ p99Ms }) => p99Ms),
            ],
            bounds: boundsOf(findings),
            write: msText,
          },
        ]),
    ...(isObserved
      ? [
          {
            title: '$disconnect seen by the backend, events a second',
            series: [line('told', 1, ({ delivered }) => delivered)],
            write: amount,
          },
        ]
      : []),
  ];
}

/** `p99 of connecting to opened at most 800 ms`, as thresholds describe themselves. */
const TIME = /^(p\d+(?:\.\d+)?|max) of connecting to opened at most ([\d.]+) ms/;

function boundsOf(findings: readonly Finding[]): readonly Bound[] {
  return findings.flatMap(({ check, expected }) => {
    const [, name, ms] = TIME.exec(expected) ?? [];
    return name === undefined ? [] : [{ name: `${check} (${name})`, value: Number(ms) }];
  });
}
