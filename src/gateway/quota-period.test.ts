import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayOf, daysFrom, isDay, periodStart, type QuotaPeriod } from './quota-period.ts';

const DAY_MS = 86_400_000;
const day = fc.integer({ min: -10_000, max: 30_000 }).map((n) => dayOf(n * DAY_MS));
const period = fc.oneof(
  fc.constant<QuotaPeriod>({ Period: 'DAY', Offset: 0 }),
  fc.integer({ min: 0, max: 6 }).map((Offset): QuotaPeriod => ({ Period: 'WEEK', Offset })),
  fc.integer({ min: 0, max: 27 }).map((Offset): QuotaPeriod => ({ Period: 'MONTH', Offset })),
);

// The oracle goes back day by day until the calendar shows the day on which a period begins.
function walkBack(from: string, { Period, Offset }: QuotaPeriod): string {
  const begins = (date: Date): boolean =>
    Period === 'DAY' ||
    (Period === 'WEEK' ? date.getUTCDay() === Offset : date.getUTCDate() === Offset + 1);
  let at = Date.parse(from);
  while (!begins(new Date(at))) at -= DAY_MS;
  return dayOf(at);
}

test('a period begins on its last first day', () => {
  fc.assert(
    fc.property(day, period, (one, how) => {
      expect(periodStart(one, how)).toBe(walkBack(one, how));
    }),
  );
});

test('days from one to the other', () => {
  expect(daysFrom('2024-02-28', '2024-03-01')).toEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
  expect(daysFrom('2024-03-01', '2024-02-28')).toEqual([]);
});

test('days that there are', () => {
  fc.assert(fc.property(day, (one) => isDay(one)));
  const wrong = ['', '2026-02-29', '2026-13-01', '26-01-01', '2026-01-01T00:00', ' 2026-01-01'];
  expect(wrong.filter(isDay)).toEqual([]);
});
