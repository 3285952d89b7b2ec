import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseResult } from '../result/run-result.ts';
import type { CaseSpec } from '../scenario/model.ts';
import type { Divided } from './divide-cases.ts';
import { shardOf } from './shard.ts';

const runnable = (costs: readonly number[]): readonly CaseSpec[] =>
  // what is looked at of a case
  costs.map(
    (longestMs, at) =>
      ({ id: `s/c${at}`, longestMs, checks: [{ id: 'a' }] }) as unknown as CaseSpec,
  );

const others = (kind: string, count: number): readonly CaseResult[] =>
  Array.from(
    { length: count },
    (_, at) => ({ id: `${kind}/${at}`, findings: [] }) as unknown as CaseResult,
  );

const idsOf = ({ runnable: run, notApplicable, leftOut }: Divided): readonly string[] =>
  [...run, ...notApplicable, ...leftOut].map(({ id }) => id);

describe('parts of a plan', () => {
  const plan = fc.record({
    costs: fc.array(fc.nat(100_000), { minLength: 1, maxLength: 40 }),
    lacking: fc.nat(10),
    late: fc.nat(10),
    of: fc.integer({ min: 1, max: 40 }),
  });

  it('have each case once, none empty, and know the same whole', () => {
    fc.assert(
      fc.property(plan, ({ costs, lacking, late, of: wanted }) => {
        const of = Math.min(wanted, costs.length);
        const divided = {
          runnable: runnable(costs),
          notApplicable: others('n', lacking),
          leftOut: others('l', late),
        };
        const parts = Array.from({ length: of }, (_, at) =>
          shardOf(divided, { index: at + 1, of }),
        );
        expect(parts.flatMap(idsOf).toSorted()).toEqual(idsOf(divided).toSorted());
        expect(parts.every((part) => part.runnable.length > 0)).toBe(true);
        expect(new Set(parts.map(({ shard }) => `${shard.cases} ${shard.plan}`)).size).toBe(1);
        // No part is longer than the longest case beyond what it would be if all were equal.
        const sums = parts.map((part) =>
          part.runnable.reduce((sum, one) => sum + one.longestMs, 0),
        );
        const even = costs.reduce((sum, one) => sum + one, 0) / of;
        expect(Math.max(...sums)).toBeLessThanOrEqual(even + Math.max(...costs) + costs.length);
      }),
    );
  });

  it('are the same whatever order the files were found in', () => {
    fc.assert(
      fc.property(plan, ({ costs, of: wanted }) => {
        const of = Math.min(wanted, costs.length);
        const there = { runnable: runnable(costs), notApplicable: [], leftOut: [] };
        const here = { ...there, runnable: there.runnable.toReversed() };
        for (let index = 1; index <= of; index += 1) {
          const [one, other] = [shardOf(there, { index, of }), shardOf(here, { index, of })];
          expect(idsOf(one).toSorted()).toEqual(idsOf(other).toSorted());
          expect(one.shard).toEqual(other.shard);
        }
      }),
    );
  });

  it('are not of the same plan where one check differs', () => {
    const [one] = runnable([1]);
    const planOf = (check: string): string =>
      shardOf(
        {
          runnable: [{ ...one, checks: [{ id: check }] } as unknown as CaseSpec],
          notApplicable: [],
          leftOut: [],
        },
        { index: 1, of: 1 },
      ).shard.plan;
    expect(planOf('a')).not.toBe(planOf('b'));
  });

  it('cannot be more than there are cases', () => {
    const divided = { runnable: runnable([1, 2]), notApplicable: others('n', 5), leftOut: [] };
    expect(() => shardOf(divided, { index: 1, of: 3 })).toThrow(
      '--shard: there are 2 cases to run, too few for 3 parts.',
    );
  });
});
