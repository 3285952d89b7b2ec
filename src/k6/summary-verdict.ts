// One threshold of k6, held against what a summary holds. k6 calls a threshold met that nothing was measured for, and each form of
// summary says in its own way whether one was crossed: so what can be computed is, and has to agree.
// https://grafana.com/docs/k6/latest/using-k6/thresholds/#threshold-expression-syntax
import type { K6Summary, K6Values } from './summary.ts';

/** What became of a threshold; with `undecided` why, as a sentence without a capital. */
export type SummaryVerdict =
  | { readonly kind: 'held' | 'crossed'; readonly values: K6Values }
  | { readonly kind: 'undecided'; readonly why: string };

/** Judges it. */
export function summaryVerdict(
  { metrics, thresholds = [] }: Pick<K6Summary, 'metrics' | 'thresholds'>,
  { metric, expression }: { readonly metric: string; readonly expression: string },
): SummaryVerdict {
  const values = metrics.get(metric);
  if (values === undefined) return undecided(`the summary has no ${metric}`);
  const told = thresholds.find((one) => one.metric === metric && one.expression === expression);
  const computed = computedOf(expression, values);
  if (isEmptyTrend(values)) return undecided(`nothing was measured for ${metric}`);
  const held = told?.held ?? computed;
  if (held === undefined) return undecided(`the summary has not what ${expression} is about`);
  if (computed !== undefined && computed !== held) {
    return undecided(
      `k6 says that ${metric} ${held ? 'meets' : 'does not meet'} ${expression}, and its values say the opposite`,
    );
  }
  return { kind: held ? 'held' : 'crossed', values };
}

function undecided(why: string): SummaryVerdict {
  return { kind: 'undecided', why };
}

// All that k6 writes of a trend without samples is 0.
function isEmptyTrend({ min, med, max, count }: K6Values): boolean {
  if (med === undefined || max === undefined) return false;
  return count === undefined ? max === 0 && min === 0 : count === 0;
}

const EXPRESSION =
  /^\s*(count|rate|value|avg|min|max|med|p\([\d.]+\))\s*(===?|!=|<=?|>=?)\s*(-?[\d.]+(?:e[+-]?\d+)?)\s*$/i;

/** Undefined where the values have not what it is about. */
function computedOf(expression: string, values: K6Values): boolean | undefined {
  const [, what = '', operator = '', limit = ''] = EXPRESSION.exec(expression) ?? [];
  // What is called rate of a rate is called value in an export.
  const value = values[what] ?? (what === 'rate' ? values['value'] : undefined);
  if (value === undefined || limit === '') return undefined;
  return COMPARE[operator]?.(value, Number(limit));
}

const COMPARE: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
  '==': (value, limit) => value === limit,
  '===': (value, limit) => value === limit,
  '!=': (value, limit) => value !== limit,
};
