import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import { type Bracket, createPlatformClock } from './platform-clock.ts';

const WALL = Date.UTC(2026, 0, 1);

describe('the platform’s clock', () => {
  it('is taken for ours until it is calibrated, and nothing is known of it', () => {
    const platform = createPlatformClock(virtualClock());
    expect([platform.toRunnerUs(WALL + 1200), platform.boundUs]).toEqual([1_200_000, undefined]);
    platform.calibrate([]);
    expect(platform.boundUs).toBeUndefined();
  });

  it('is as well known as the narrowest bracket tells', () => {
    const platform = createPlatformClock(virtualClock());
    // It is two seconds fast: what happened at 1 s is placed at 3 s.
    platform.calibrate([
      { placedUs: 3_000_000, afterUs: 900_000, beforeUs: 1_500_000 },
      { placedUs: 3_000_000, afterUs: 995_000, beforeUs: 1_005_000 },
    ]);
    expect(platform.boundUs).toBe(6000);
    expect(Math.abs(platform.toRunnerUs(WALL + 3000) - 1_000_000)).toBeLessThanOrEqual(6000);
  });

  it('is in doubt by all that hosts differ', () => {
    const platform = createPlatformClock(virtualClock());
    platform.calibrate([
      { placedUs: 1_000_000, afterUs: 999_000, beforeUs: 1_001_000 },
      { placedUs: 1_000_000, afterUs: 799_000, beforeUs: 801_000 },
    ]);
    expect(platform.boundUs).toBeGreaterThanOrEqual(101_000);
  });

  it('places every event within its bound, however far it is off', () => {
    const trip = fc.record({
      atUs: fc.integer({ min: 0, max: 10_000_000 }),
      before: fc.integer({ min: 0, max: 300_000 }),
      after: fc.integer({ min: 0, max: 300_000 }),
    });
    const off = fc.integer({ min: -5_000_000, max: 5_000_000 });
    const ticks = fc.constantFrom(1, 10, 100, 1000);
    const all = fc.array(trip, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(all, off, ticks, (trips, offUs, tickMs) => {
        const platform = createPlatformClock(virtualClock());
        const stampOf = (atUs: number): number =>
          Math.floor((WALL * 1000 + atUs + offUs) / 1000 / tickMs) * tickMs;
        const brackets = trips.map(({ atUs, before, after }): Bracket => {
          platform.note({ kind: 'CONNECT', atMs: stampOf(atUs), readAtUs: atUs + after });
          const placedUs = platform.toRunnerUs(stampOf(atUs));
          return { placedUs, afterUs: atUs - before, beforeUs: atUs + after };
        });
        platform.calibrate(brackets);
        for (const { atUs } of trips) {
          const errorUs = Math.abs(platform.toRunnerUs(stampOf(atUs)) - atUs);
          expect(errorUs).toBeLessThanOrEqual(platform.boundUs ?? 0);
        }
      }),
    );
  });
});
