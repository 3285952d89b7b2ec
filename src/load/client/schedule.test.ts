import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { arrivalsOf } from '../../scenario/load-model.ts';
import type { LoadPhase } from '../plan.ts';
import { scheduleOf } from './schedule.ts';

const rates = fc.record({
  kind: fc.constant('rate' as const),
  name: fc.constant('a'),
  from: fc.integer({ min: 0, max: 200 }),
  to: fc.integer({ min: 0, max: 200 }),
  durationMs: fc.integer({ min: 1, max: 10_000 }),
});
const phases = fc.array(
  fc.oneof(
    rates,
    fc.record({
      kind: fc.constant('burst' as const),
      name: fc.constant('b'),
      arrivals: fc.integer({ min: 1, max: 50 }),
    }),
    fc.record({
      kind: fc.constant('pause' as const),
      name: fc.constant('c'),
      durationMs: fc.integer({ min: 1, max: 5000 }),
    }),
  ),
  { minLength: 1, maxLength: 4 },
);

const all = (given: readonly LoadPhase[], arrivals: 'even' | 'poisson', seed = 's') => [
  ...scheduleOf(given, { arrivals, random: seededRandom(seed) }),
];

it('evenly, there are as many as the file says, in order and within their phases', () => {
  fc.assert(
    fc.property(phases, (given) => {
      const due = all(given, 'even');
      expect(due).toHaveLength(given.reduce((sum, phase) => sum + arrivalsOf(phase), 0));
      let startMs = 0;
      for (const [index, phase] of given.entries()) {
        const own = due.filter((one) => one.phase === index).map(({ dueMs }) => dueMs);
        const endMs = startMs + (phase.kind === 'burst' ? 0 : phase.durationMs);
        expect(own).toEqual(own.toSorted((a, b) => a - b));
        expect(own.every((ms) => ms >= startMs - 1e-6 && ms <= endMs + 1e-6)).toBe(true);
        startMs = endMs;
      }
    }),
    { numRuns: 60 },
  );
});

it('follows the area under a ramp', () => {
  fc.assert(
    fc.property(rates, fc.double({ min: 0, max: 1, noNaN: true }), (phase, share) => {
      const { from, to, durationMs } = phase;
      const t = (durationMs * share) / 1000;
      const area = from * t + ((to - from) * t * t) / (2 * (durationMs / 1000));
      const before = all([phase], 'even').filter(({ dueMs }) => dueMs < t * 1000 - 1e-6).length;
      expect(Math.abs(before - area)).toBeLessThanOrEqual(1.001);
    }),
    { numRuns: 60 },
  );
});

it('drawn at random it has about as many, the same for the same seed', () => {
  const phase: LoadPhase = { kind: 'rate', name: 'a', from: 100, to: 300, durationMs: 10_000 };
  const due = all([phase], 'poisson');
  // 2000 on average, five standard deviations.
  expect(Math.abs(due.length - 2000)).toBeLessThan(5 * Math.sqrt(2000));
  expect(all([phase], 'poisson')).toEqual(due);
  expect(all([phase], 'poisson', 'other')).not.toEqual(due);
  const gaps = due.slice(1).map(({ dueMs }, at) => dueMs - (due[at]?.dueMs ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const squares = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  // Of independent arrivals gaps vary as much as they are long; of even ones not at all.
  expect(Math.sqrt(squares) / mean).toBeGreaterThan(0.8);
});
