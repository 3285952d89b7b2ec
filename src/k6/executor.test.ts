import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LoadPhase, LoadPlan } from '../load/plan.ts';
import { schedule } from '../load/schedule.ts';
import { type K6Scenario, k6Phases } from './executor.ts';
import { planOf } from './fixture/plan.ts';

it('makes a scenario of each phase that sends', () => {
  const phases: readonly LoadPhase[] = [
    { kind: 'rate', name: 'ramp', from: 10, to: 50, durationMs: 3000 },
    { kind: 'pause', name: 'rest', durationMs: 500 },
    { kind: 'burst', name: 'rush', arrivals: 25 },
    { kind: 'rate', name: 'peak', from: 12.5, to: 12.5, durationMs: 4000 },
  ];
  const made = k6Phases(planOf({ phases, openForMs: 300, timeoutMs: 1000 }));
  expect(made.map(({ name, phase, first, count }) => [name, phase, first, count])).toEqual([
    ['p1-ramp', 0, 0, 90],
    ['p3-rush', 2, 90, 25],
    ['p4-peak', 3, 115, 50],
  ]);
  const common = { gracefulStop: '6300ms' };
  const end = [
    { target: 0, duration: '0ms' },
    { target: 0, duration: '2000ms' },
  ];
  expect(made.map(({ scenario }) => scenario)).toEqual([
    {
      executor: 'ramping-arrival-rate',
      startRate: 10,
      timeUnit: '1s',
      stages: [{ target: 50, duration: '3016.667ms' }, ...end],
      preAllocatedVUs: 75,
      maxVUs: 75,
      startTime: '0ms',
      ...common,
      tags: { phase: 'ramp' },
    },
    {
      executor: 'per-vu-iterations',
      vus: 25,
      iterations: 1,
      maxDuration: '6300ms',
      startTime: '3500ms',
      ...common,
      tags: { phase: 'rush' },
    },
    {
      executor: 'ramping-arrival-rate',
      startRate: 25,
      timeUnit: '2s',
      stages: [{ target: 25, duration: '4040ms' }, ...end],
      preAllocatedVUs: 27,
      maxVUs: 27,
      startTime: '3500ms',
      ...common,
      tags: { phase: 'peak' },
    },
  ]);
});

const rate = fc.oneof(
  fc.integer({ min: 1, max: 4000 }),
  fc.integer({ min: 1, max: 800 }).map((n) => n / 4),
);

it('starts as many as the schedule has, each at most one interval and a bit from its instant there', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ from: rate, to: rate, durationMs: fc.integer({ min: 100, max: 5000 }) }),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      (ramps) => {
        const phases = ramps.map(
          (one, index): LoadPhase => ({ kind: 'rate', name: `r${index}`, ...one }),
        );
        const plan = planOf({ phases });
        const due = [...schedule(plan)];
        const made = k6Phases(plan);
        expect(made.reduce((sum, { count }) => sum + count, 0)).toBe(due.length);
        for (const phase of made) {
          const starts = simulated(phase.scenario);
          const off = starts.map((ms, place) => Math.abs(phase.startMs + ms - phase.dueMs(place)));
          const shift = starts.map((_, place) =>
            Math.abs(phase.dueMs(place) - (due[phase.first + place]?.dueMs ?? Number.NaN)),
          );
          expect(starts.length).toBe(phase.count);
          expect(Math.max(...off)).toBeLessThan(0.05);
          expect(Math.max(...shift)).toBeLessThan(intervalMs(phase.scenario));
        }
      },
    ),
    { numRuns: 100 },
  );
});

/** The longest time between two arrivals of a scenario, twice. */
function intervalMs({ startRate = 0, stages = [], timeUnit = '1s' }: K6Scenario): number {
  const unit = Number(/^\d+/.exec(timeUnit)?.[0]);
  const slowest = Math.min(startRate, stages[0]?.target ?? 0) / unit;
  return 2000 / slowest;
}

/** What k6 does: it starts one whenever the integral of the rate over the stages reaches a whole number. */
function simulated({ startRate = 0, stages = [], timeUnit = '1s' }: K6Scenario): readonly number[] {
  const unitMs = Number(/^\d+/.exec(timeUnit)?.[0]) * 1000;
  const starts: number[] = [];
  let [at, area, from, next] = [0, 0, startRate, 1];
  for (const { target, duration } of stages) {
    const lastsMs = Number(duration.replace('ms', ''));
    const whole = (((from + target) / 2) * lastsMs) / unitMs;
    while (next <= area + whole) {
      starts.push(at + within({ from, target, lastsMs, unitMs, area: next - area }));
      next += 1;
    }
    area += whole;
    at += lastsMs;
    from = target;
  }
  return starts;
}

function within({
  from,
  target,
  lastsMs,
  unitMs,
  area,
}: Readonly<Record<'from' | 'target' | 'lastsMs' | 'unitMs' | 'area', number>>): number {
  let [low, high] = [0, lastsMs];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    const reached = ((from + ((target - from) * middle) / lastsMs / 2) * middle) / unitMs;
    if (reached < area) low = middle;
    else high = middle;
  }
  return high;
}

it('needs no more users than come', () => {
  const phases: readonly LoadPhase[] = [
    { kind: 'rate', name: 'r', from: 100, to: 100, durationMs: 1000 },
  ];
  const [made] = k6Phases(planOf({ phases, openForMs: 60_000 }));
  expect([made?.scenario.preAllocatedVUs, made?.scenario.maxVUs]).toEqual([100, 100]);
});

it('has nothing to do in a pause', () => {
  const plan: LoadPlan = planOf({ phases: [{ kind: 'pause', name: 'p', durationMs: 10 }] });
  expect(k6Phases(plan)).toEqual([]);
});
