import { expect, test } from 'vitest';
import { drawSeed, seededRandom } from './random.ts';

test('the same seed gives the same values, another seed others', () => {
  const a = seededRandom('s');
  const b = seededRandom('s');
  expect([...a.bytes(40)]).toEqual([...b.bytes(40)]);
  expect(a.integer(1000)).toBe(b.integer(1000));
  expect([...seededRandom('t').bytes(8)]).not.toEqual([...seededRandom('s').bytes(8)]);
});

test('integers stay below their bound and reach all of it', () => {
  const random = seededRandom('range');
  const seen = new Set(Array.from({ length: 500 }, () => random.integer(5)));
  expect([...seen].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
});

test('a drawn seed is ten hexadecimal digits', () => {
  expect(drawSeed()).toMatch(/^[0-9a-f]{10}$/);
  expect(drawSeed()).not.toBe(drawSeed());
});
