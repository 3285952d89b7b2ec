import { expect, it } from 'vitest';
import { formatRate, parseRate } from './rate.ts';

it.each([
  ['50/s', 50],
  ['30/m', 0.5],
  ['1/h', 1 / 3600],
  ['0.5/s', 0.5],
  ['50', undefined],
  ['50 /s', undefined],
  ['-1/s', undefined],
  ['50/d', undefined],
])('%s is %s a second', (text, perSecond) => {
  expect(parseRate(text)).toBe(perSecond);
});

it.each([
  [950, '950/s'],
  [949.6, '950/s'],
  [49.96, '50/s'],
  [0.5, '0.5/s'],
  [1.2345, '1.234/s'],
])('%s is written %s', (perSecond, text) => {
  expect(formatRate(perSecond)).toBe(text);
});
