import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDraw, pickShare } from './draw.ts';
import type { LoadPhase, LoadPlan } from './plan.ts';
import { type Arrival, schedule, scheduledArrivals, scheduleMs } from './schedule.ts';

const rate = (from: number, to: number, durationMs: number): LoadPhase => ({
  kind: 'rate',
  name: 'r',
  from,
  to,
  durationMs,
});

function even(...phases: readonly LoadPhase[]): Pick<LoadPlan, 'phases' | 'arrivals' | 'seed'> {
  return { phases, arrivals: 'even', seed: 's' };
}

const dues = (arrivals: Iterable<Arrival>): readonly number[] =>
  [...arrivals].map(({ dueMs }) => Number(dueMs.toFixed(6)));

describe('an even schedule', () => {
  it('begins at once and goes on evenly', () => {
    expect(dues(schedule(even(rate(4, 4, 1000))))).toEqual([0, 250, 500, 750]);
  });

  it('counts exactly where binary fractions do not', () => {
    const tenths = Array.from({ length: 10 }, () => rate(3, 3, 100));
    expect(dues(schedule(even(...tenths)))).toEqual([0, 333.333333, 666.666667]);
    expect(scheduledArrivals(tenths)).toBe(3);
  });

  it('carries a part of an attempt into the next phase', () => {
    expect(dues(schedule(even(rate(1, 1, 1500), rate(2, 2, 1000))))).toEqual([0, 1000, 1750, 2250]);
  });

  it('has bursts at one instant and nothing in a pause', () => {
    const phases: readonly LoadPhase[] = [
      { kind: 'burst', name: 'b', arrivals: 2 },
      { kind: 'pause', name: 'p', durationMs: 500 },
      rate(2, 2, 1000),
      { kind: 'burst', name: 'c', arrivals: 1 },
    ];
    expect([...schedule(even(...phases))]).toEqual([
      { number: 0, phase: 0, dueMs: 0 },
      { number: 1, phase: 0, dueMs: 0 },
      { number: 2, phase: 2, dueMs: 500 },
      { number: 3, phase: 2, dueMs: 1000 },
      { number: 4, phase: 3, dueMs: 1500 },
    ]);
    expect(scheduleMs(phases)).toBe(1500);
    expect(scheduledArrivals(phases)).toBe(5);
  });

  it('has nobody at a rate of zero', () => {
    expect([...schedule(even(rate(0, 0, 1000)))]).toEqual([]);
  });

  it('is due where the numeric integral of the rate reaches the number', () => {
    const phases = [rate(10, 200, 3000), rate(200, 200, 500), rate(200, 0, 2000)];
    const rateAt = (ms: number): number => {
      if (ms < 3000) return 10 + (190 * ms) / 3000;
      return ms < 3500 ? 200 : (200 * (5500 - ms)) / 2000;
    };
    const expected: number[] = [];
    const step = 0.01;
    let area = 0;
    for (let ms = 0; ms < 5500; ms += step) {
      if (area >= expected.length - 1e-9) expected.push(ms);
      area += (rateAt(ms + step / 2) * step) / 1000;
    }
    const got = dues(schedule(even(...phases)));
    expect(got.length).toBe(scheduledArrivals(phases));
    // The last one is due where the rate is next to nothing: there the numeric integral is too coarse.
    for (const [at, due] of got.slice(0, -1).entries()) {
      expect(Math.abs(due - (expected[at] ?? Number.NaN))).toBeLessThan(0.5);
    }
  });

  it('is made lazily', () => {
    const hours = schedule(even(rate(10_000, 10_000, 3_600_000)));
    for (let at = 0; at < 5; at += 1) {
      expect(hours.next().value).toEqual({ number: at, phase: 0, dueMs: at / 10 });
    }
  });
});

const PHASES = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('rate' as const),
      name: fc.constant('r'),
      from: fc.integer({ min: 0, max: 300 }),
      to: fc.integer({ min: 0, max: 300 }),
      durationMs: fc.integer({ min: 1, max: 2000 }),
    }),
    fc.record({
      kind: fc.constant('burst' as const),
      name: fc.constant('b'),
      arrivals: fc.integer({ min: 1, max: 20 }),
    }),
    fc.record({
      kind: fc.constant('pause' as const),
      name: fc.constant('p'),
      durationMs: fc.integer({ min: 1, max: 500 }),
    }),
  ),
  { minLength: 1, maxLength: 5 },
);

describe('any schedule', () => {
  it('is ordered, inside its phases, counted, and the union of its stripes', () => {
    fc.assert(
      fc.property(
        PHASES,
        fc.constantFrom('even' as const, 'poisson' as const),
        fc.integer({ min: 1, max: 5 }),
        fc.string(),
        (phases, arrivals, of, seed) => {
          const plan = { phases, arrivals, seed };
          const whole = [...schedule(plan)];
          let startMs = 0;
          const bounds = phases.map((phase) => {
            const from = startMs;
            startMs += phase.kind === 'burst' ? 0 : phase.durationMs;
            return [from, startMs] as const;
          });
          for (const [at, { number, phase, dueMs }] of whole.entries()) {
            expect(number).toBe(at);
            const [from, to] = bounds[phase] ?? [Number.NaN, Number.NaN];
            expect(dueMs).toBeGreaterThanOrEqual(from - 1e-6);
            expect(dueMs).toBeLessThanOrEqual(to + 1e-6);
            expect(dueMs).toBeGreaterThanOrEqual((whole[at - 1]?.dueMs ?? 0) - 1e-9);
          }
          expect(arrivals === 'poisson' || whole.length === scheduledArrivals(phases)).toBe(true);
          const stripes = Array.from({ length: of }, (_, worker) => [
            ...schedule(plan, { worker, of }),
          ]);
          expect(stripes.flat().toSorted((a, b) => a.number - b.number)).toEqual(whole);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a Poisson schedule', () => {
  const plan = (seed: string): Pick<LoadPlan, 'phases' | 'arrivals' | 'seed'> => ({
    phases: [rate(1000, 1000, 50_000)],
    arrivals: 'poisson',
    seed,
  });

  it('is the same again with its seed, and another with another', () => {
    expect([...schedule(plan('a'))]).toEqual([...schedule(plan('a'))]);
    expect(dues(schedule(plan('a'))).slice(0, 5)).not.toEqual(
      dues(schedule(plan('b'))).slice(0, 5),
    );
  });

  it('has the mean and the variance of exponential gaps, and of Poisson counts', () => {
    const due = dues(schedule(plan('moments')));
    // 50 000 expected, standard deviation 224.
    expect(Math.abs(due.length - 50_000)).toBeLessThan(4 * 224);
    const gaps = due.slice(1).map((ms, at) => ms - (due[at] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(mean).toBeCloseTo(1, 1);
    expect(variance).toBeGreaterThan(0.94);
    expect(variance).toBeLessThan(1.06);
    const counts = Array.from({ length: 5000 }, () => 0);
    for (const ms of due) {
      const at = Math.floor(ms / 10);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    const average = due.length / 5000;
    const spread = counts.reduce((sum, count) => sum + (count - average) ** 2, 0) / 5000;
    expect(spread / average).toBeGreaterThan(0.9);
    expect(spread / average).toBeLessThan(1.1);
  });
});

describe('a draw', () => {
  it('is uniform, and independent of its neighbour', () => {
    const draw = createDraw('seed', 'test');
    const values = Array.from({ length: 20_000 }, (_, index) => draw(index));
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const value of values) {
      const at = Math.floor(value * 10);
      tenths[at] = (tenths[at] ?? 0) + 1;
    }
    const chiSquare = tenths.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    // 9 degrees of freedom: 27.9 is exceeded once in a thousand.
    expect(chiSquare).toBeLessThan(27.9);
    const products = values.slice(1).map((value, at) => (value - 0.5) * ((values[at] ?? 0) - 0.5));
    const covariance = products.reduce((sum, one) => sum + one, 0) / products.length;
    expect(Math.abs(covariance * 12)).toBeLessThan(0.03);
  });

  it('picks by share', () => {
    const parts = [{ share: 0.25 }, { share: 0.75 }];
    expect([0, 0.2499, 0.25, 0.9999].map((at) => pickShare(parts, at))).toEqual([0, 0, 1, 1]);
  });
});
