import { expect, test } from 'vitest';
import type { CaseResult } from '../result/run-result.ts';
import { GREEN_RUN } from './fixture/run-result.ts';
import { renderHtml } from './html.tsx';
import { slowestCases } from './slowest.ts';
import { renderSummary } from './summary.ts';

const [CASE] = GREEN_RUN.cases;

test('the five that took longest, longest first; what ran alone is marked', () => {
  const result = { ...GREEN_RUN, cases: casesOf([3, 1, 12, 5, 4, 2, 9, 1, 1, 1, 1]) };
  expect(slowestCases(result).map(({ id }) => id)).toEqual(['s/2', 's/6', 's/3', 's/4', 's/0']);
  expect(renderSummary(result, { color: false })).toContain(
    [
      'Slowest cases',
      '  12.000 s  s/2 (alone)',
      '  9.000 s   s/6',
      '  5.000 s   s/3',
      '  4.000 s   s/4',
      '  3.000 s   s/0',
      '',
    ].join('\n'),
  );
  const html = renderHtml(result);
  expect(html).toContain('<h2 id="slowest-h">Slowest cases</h2>');
  expect(html).toMatch(/12\.000 s.*9\.000 s.*5\.000 s/s);
});

test('a run of few cases needs no list, and cases that were not driven are none', () => {
  expect(slowestCases({ cases: casesOf([9, 8, 7, 6, 5, 4, 3, 2, 1]) })).toEqual([]);
  expect(slowestCases({ cases: casesOf([9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) })).toEqual([]);
});

function casesOf(seconds: readonly number[]): readonly CaseResult[] {
  if (CASE === undefined) throw new Error('the fixture has a case');
  return seconds.map((duration, index) => ({
    ...CASE,
    id: `s/${index}`,
    durationUs: duration * 1e6,
    isolation: duration === 12 ? ('exclusive' as const) : ('shared' as const),
  }));
}
