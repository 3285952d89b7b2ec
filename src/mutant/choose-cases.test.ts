import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseCases } from './choose-cases.ts';

const CASES = ['a/one', 'a/two[x=1]', 'a/two[x=2]', 'b/one', 'b/two', 'c/one', 'c/two'].map(
  (id) => ({ id, scenario: id.replace(/\[.*/, '') }),
);
const FAULT = { name: 'f', description: '', breaks: ['a/two#check', 'a/two#other'] };

function chosen(fault: typeof FAULT, scope: Parameters<typeof chooseCases>[2]): readonly string[] {
  return chooseCases(fault, CASES, scope).map(({ id }) => id);
}

test('without others: every case of the scenarios it names, in the order of the suites', () => {
  expect(chosen(FAULT, { seed: 's', others: 0 })).toEqual(['a/two[x=1]', 'a/two[x=2]']);
});

test('what it prevents is named as well', () => {
  const fault = { ...FAULT, prevents: ['c/two#check'] };
  expect(chosen(fault, { seed: 's', others: 0 })).toEqual(['a/two[x=1]', 'a/two[x=2]', 'c/two']);
});

test('a name that is only the beginning of another is another', () => {
  const fault = { ...FAULT, breaks: ['a/tw#check'] };
  expect(chosen(fault, { seed: 's', others: 0 })).toEqual([]);
});

test('with all: everything', () => {
  expect(chosen(FAULT, { seed: 's', others: 'all' })).toEqual(CASES.map(({ id }) => id));
});

test('the sample is of that size, holds nothing twice and nothing that is named', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 0, max: 10 }), (seed, others) => {
      const ids = chosen(FAULT, { seed, others });
      const sample = ids.filter((id) => !id.startsWith('a/two'));
      expect(ids).toHaveLength(sample.length + 2);
      expect(new Set(ids).size).toBe(ids.length);
      expect(sample).toHaveLength(Math.min(others, CASES.length - 2));
      expect(ids).toEqual(CASES.map(({ id }) => id).filter((id) => ids.includes(id)));
    }),
  );
});

test('the same seed draws the same; another seed and another fault draw others', () => {
  const of = (seed: string, name = 'f'): string =>
    chosen({ ...FAULT, name }, { seed, others: 2 }).join();
  expect(of('s')).toBe(of('s'));
  const seeds = Array.from({ length: 30 }, (_, index) => `seed-${index}`);
  expect(new Set(seeds.map((seed) => of(seed))).size).toBeGreaterThan(3);
  expect(new Set(seeds.map((name) => of('s', name))).size).toBeGreaterThan(3);
});

test('every other case is drawn by some seed', () => {
  const seeds = Array.from({ length: 60 }, (_, index) => `seed-${index}`);
  const drawn = new Set(seeds.flatMap((seed) => chosen(FAULT, { seed, others: 1 })));
  expect([...drawn].toSorted()).toEqual(CASES.map(({ id }) => id));
});
