import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

test.each([
  ['250ms', 250],
  ['5s', 5000],
  ['1.5s', 1500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['0s', 0],
  ['80% of 10m', 480_000],
  ['120% of 3s', 3600],
  ['7.5% of 8000ms', 600],
])('reads %s as %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  '',
  '5',
  's',
  '5 s',
  '-5s',
  '5S',
  '5sec',
  '1e3ms',
  '.5s',
  '5s ',
  '50%',
  '50% of',
  '50% of 5',
  '-5% of 5s',
  '5%  of 5s',
  '5% of 5% of 5s',
])('refuses "%s"', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test('a fraction of a second is that many milliseconds', () => {
  const inexact = Array.from({ length: 10_000 }, (_, ms) => ms).filter(
    (ms) => parseDuration(`${ms / 1000}s`) !== ms,
  );
  expect(inexact).toEqual([]);
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});
