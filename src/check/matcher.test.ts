import { array, assert, integer, letrec, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../base/json.ts';
import type { Matcher } from '../scenario/model.ts';
import { breakpoints, matches } from './matcher.ts';

const pattern = { type: 'object', required: ['a'] };

describe('a matcher', () => {
  it.each<[value: Json | undefined, matcher: Matcher, answer: boolean]>([
    [403, { is: 403 }, true],
    [403, { is: 401 }, false],
    ['403', { is: 403 }, false],
    [null, { is: null }, true],
    [{ a: 1, b: [2] }, { is: { b: [2], a: 1 } }, true],
    [{ a: 1 }, { is: { a: 1, b: 2 } }, false],
    [101, { not: { is: 101 } }, false],
    [403, { not: { is: 101 } }, true],
    ['abc', { not: { matches: 'b' } }, false],
    [403, { oneOf: [401, 403] }, true],
    [500, { oneOf: [401, 403] }, false],
    [0, { absent: false }, true],
    [0, { absent: true }, false],
    [400, { gte: 400, lte: 499 }, true],
    [499, { gte: 400, lte: 499 }, true],
    [399, { gte: 400, lte: 499 }, false],
    [500, { gte: 400, lte: 499 }, false],
    ['450', { gte: 400 }, false],
    [31_000, { is: 29_000, tolerance: { kind: 'absolute', value: 2000 } }, true],
    [31_001, { is: 29_000, tolerance: { kind: 'absolute', value: 2000 } }, false],
    [26_999, { is: 29_000, tolerance: { kind: 'absolute', value: 2000 } }, false],
    [110, { is: 100, tolerance: { kind: 'share', value: 0.1 } }, true],
    [111, { is: 100, tolerance: { kind: 'share', value: 0.1 } }, false],
    [90, { gte: 100, tolerance: { kind: 'share', value: 0.1 } }, true],
    [89, { gte: 100, tolerance: { kind: 'share', value: 0.1 } }, false],
    [110, { lte: 100, tolerance: { kind: 'absolute', value: 10 } }, true],
    [111, { lte: 100, tolerance: { kind: 'absolute', value: 10 } }, false],
    ['a-7', { matches: '^a-\\d$' }, true],
    ['a-x', { matches: '^a-\\d$' }, false],
    [7, { matches: '7' }, false],
    ['abc', { contains: 'bc' }, true],
    ['abc', { contains: 'd' }, false],
    [['x', { y: 1 }], { contains: { y: 1 } }, true],
    [['x'], { contains: 'y' }, false],
    [7, { contains: 7 }, false],
    [{ a: 1 }, { schema: pattern }, true],
    [{ b: 1 }, { schema: pattern }, false],
    [403, { is: 403, not: { is: 403 } }, false],
  ])('says of %j against %j: %s', (value, matcher, answer) => {
    expect(matches(value, matcher)).toBe(answer);
  });

  it.each<[matcher: Matcher, answer: boolean]>([
    [{ absent: true }, true],
    [{ not: { is: 101 } }, true],
    [{ not: { absent: false } }, true],
    [{ not: { absent: true } }, false],
    [{ absent: true, not: { is: 1 } }, true],
    [{ absent: true, is: 1 }, false],
    [{ absent: false }, false],
    [{ is: 1 }, false],
    [{ oneOf: [1] }, false],
    [{ gte: 0 }, false],
    [{ lte: 0 }, false],
    [{ matches: '' }, false],
    [{ contains: '' }, false],
    [{ schema: {} }, false],
    [{ not: { is: 1 }, gte: 0 }, false],
    [{}, false],
  ])('says of a value that is not there against %j: %s', (matcher, answer) => {
    expect(matches(undefined, matcher)).toBe(answer);
  });

  it('says the same of all numbers between two of its breakpoints', () => {
    const number = integer({ min: -20, max: 20 });
    const { matcher } = letrec<{ matcher: Matcher }>((tie) => ({
      matcher: record(
        {
          is: number,
          oneOf: array(number, { maxLength: 3 }),
          gte: number,
          lte: number,
          not: tie('matcher'),
        },
        { requiredKeys: [] },
      ),
    }));
    const isConstant = (one: Matcher, from: number, to: number): boolean =>
      new Set([0.1, 0.5, 0.9].map((part) => matches(from + part * (to - from), one))).size === 1;
    expect(() =>
      assert(
        property(matcher, (one) => {
          const points = [...new Set([-100, ...(breakpoints(one) ?? []), 100])];
          return points.slice(1).every((to, index) => isConstant(one, points[index] ?? to, to));
        }),
      ),
    ).not.toThrow();
  });

  it('cannot foresee a schema', () => {
    expect(breakpoints({ not: { schema: {} } })).toBeUndefined();
  });
});
