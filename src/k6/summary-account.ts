// What a summary of k6 holds about connecting, and what it does not: said, so that nobody takes it for the attempts themselves.
import type { K6Summary, K6Values } from './summary.ts';

/** One number or distribution, under the name that k6 has for it. */
export interface SummaryFact {
  readonly metric: string;
  /** A sentence without a capital. */
  readonly text: string;
  readonly values: K6Values;
}

/** All about attempts; empty: none was made, or none was measured. */
export function summaryFacts({ metrics }: Pick<K6Summary, 'metrics'>): readonly SummaryFact[] {
  const attempts = metrics.get('ws_sessions')?.['count'] ?? 0;
  if (attempts === 0) return [];
  const dropped = metrics.get('dropped_iterations');
  return [
    { metric: 'ws_sessions', text: `${attempts} attempts`, values: { count: attempts } },
    ...submetrics(metrics, 'ws_sessions').map(([metric, values, tags]) => ({
      metric,
      text: `${values['count'] ?? 0} of them with ${tags}`,
      values: { count: values['count'] ?? 0 },
    })),
    ...(dropped === undefined
      ? []
      : [
          {
            metric: 'dropped_iterations',
            text: `${dropped['count'] ?? 0} arrivals found no virtual user and were dropped`,
            values: { count: dropped['count'] ?? 0 },
          },
        ]),
    ...timesOf(metrics),
  ];
}

/** How many attempts it counts, and how many arrivals were dropped. */
export function summaryCounts({ metrics }: Pick<K6Summary, 'metrics'>): {
  readonly attempts: number;
  readonly dropped: number;
} {
  const count = (name: string): number => metrics.get(name)?.['count'] ?? 0;
  return { attempts: count('ws_sessions'), dropped: count('dropped_iterations') };
}

/** What it does not hold, a sentence each without a capital. */
export function summaryGaps({
  form,
  metrics,
}: Pick<K6Summary, 'form' | 'metrics'>): readonly string[] {
  const counted = submetrics(metrics, 'ws_sessions').length > 0;
  return [
    'single attempts: when each was due and sent, how it ended, what the backend was told of it',
    counted
      ? 'counts by status, other than those that a threshold of the script names'
      : 'counts by status: no threshold of the script names one',
    'sums over runners: percentiles cannot be added, and each runner judged its own share',
    ...(form === 'machine-readable'
      ? [
          'how k6 judged its thresholds, and percentiles other than p(90) and p(95): this form has none',
        ]
      : []),
  ];
}

function timesOf(metrics: K6Summary['metrics']): readonly SummaryFact[] {
  const all = metrics.get('ws_connecting');
  return [
    ...(all === undefined ? [] : [['ws_connecting', all, 'any answer or none'] as const]),
    ...submetrics(metrics, 'ws_connecting'),
  ].map(([metric, values, of]) => ({
    metric,
    text: `from start to answer, of those with ${of}: ${timesText(ordered(values))}`,
    values: ordered(values),
  }));
}

function timesText(values: K6Values): string {
  return Object.entries(values)
    .filter(([name]) => name !== 'count')
    .map(([name, ms]) => `${name} ${Number(ms.toFixed(2))} ms`)
    .join(' · ');
}

/** From the least to the most, to the microsecond. */
function ordered(values: K6Values): K6Values {
  const names = ['count', 'min', 'avg', 'med', ...percentilesOf(values), 'max'];
  const entries = names.flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [[name, Number(value.toFixed(3))] as const];
  });
  return Object.fromEntries(entries);
}

function percentilesOf(values: K6Values): readonly string[] {
  const shareOf = (name: string): number => Number(name.slice(2, -1));
  return Object.keys(values)
    .filter((name) => name.startsWith('p('))
    .toSorted((a, b) => shareOf(a) - shareOf(b));
}

function submetrics(
  metrics: K6Summary['metrics'],
  name: string,
): readonly (readonly [string, K6Values, string])[] {
  return [...metrics].flatMap(([metric, values]) =>
    metric.startsWith(`${name}{`)
      ? [[metric, values, metric.slice(name.length + 1, -1).replaceAll(':', ' ')] as const]
      : [],
  );
}
