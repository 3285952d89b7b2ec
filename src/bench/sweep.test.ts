import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hiccupsBeyond, limiterOf, queueOf, simulate } from './fixture/simulated-server.ts';
import type { OfferedStage } from './stage.ts';
import { sweepRates } from './sweep.ts';

const BOUNDS = { p99LimitMs: 50, maxRatePerS: 2000 };

it('finds the capacity of a queue within a tenth', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 12, max: 1900 }), async (capacity) => {
      const {
        outcome,
        ratePerS = 0,
        notKeptPerS = 0,
      } = await sweepRates(
        // A single one that waits takes longer than the limit below 20/s.
        { ...BOUNDS, p99LimitMs: 100 },
        simulate(queueOf(capacity)),
      );
      expect(outcome).toBe('found');
      // What is 5% too much is 100 ms late after 2 s, and the rates below 50/s are offered for longer.
      expect(ratePerS).toBeLessThanOrEqual(capacity * 1.055);
      expect(notKeptPerS).toBeGreaterThan(capacity);
      // Apart by a tenth, and by the rounding to whole numbers.
      expect(notKeptPerS - ratePerS).toBeLessThanOrEqual(Math.max(1, ratePerS * 0.1) + 1e-9);
    }),
    { numRuns: 300 },
  );
});

it('finds where a limiter begins to refuse', async () => {
  const found = await sweepRates(BOUNDS, simulate(limiterOf(300)));
  expect(found.outcome).toBe('found');
  expect(found.ratePerS).toBeLessThanOrEqual(300);
  expect(found.ratePerS).toBeGreaterThanOrEqual(300 / 1.1);
  expect(found.because).toMatch(
    /^it keeps \d+\/s; at \d+\/s not all opened: \d+ status 429 of \d+$/,
  );
});

it('doubles from 50, offers what was not kept once more, then goes between', async () => {
  const offer = simulate(queueOf(300));
  await sweepRates(BOUNDS, offer);
  expect(offer.offered).toEqual([50, 100, 200, 400, 400, 283, 336, 336, 308, 308]);
});

it('says that the ceiling was kept', async () => {
  const found = await sweepRates({ ...BOUNDS, maxRatePerS: 300 }, simulate(queueOf(5000)));
  expect(found).toMatchObject({
    outcome: 'ceiling',
    ratePerS: 300,
    because: 'it keeps 300/s, and no more may be offered (--max-rate)',
  });
  expect(found).not.toHaveProperty('notKeptPerS');
  expect(found.stages.map(({ ratePerS }) => ratePerS)).toEqual([50, 100, 200, 300]);
});

it('never offers more than the ceiling, also where that is low', async () => {
  const offer = simulate(queueOf(5000));
  const found = await sweepRates({ ...BOUNDS, maxRatePerS: 3 }, offer);
  expect(offer.offered).toEqual([3]);
  expect(found).toMatchObject({ outcome: 'ceiling', ratePerS: 3 });
});

it('goes down to 10/s, and says that not even that is kept', async () => {
  const offer = simulate(queueOf(5));
  const found = await sweepRates(BOUNDS, offer);
  expect(offer.offered).toEqual([50, 50, 10, 10]);
  expect(found.outcome).toBe('none');
  expect(found.because).toMatch(/^it does not keep 10\/s: at 10\/s p99 was \d+\.\d ms$/);
  expect(found).not.toHaveProperty('ratePerS');
});

it('one bad moment decides nothing', async () => {
  const calm = simulate(queueOf(5000));
  let count = 0;
  const offer = async (ratePerS: number): Promise<OfferedStage> => {
    count += 1;
    if (count !== 2) return await calm(ratePerS);
    return await simulate(queueOf(20))(ratePerS);
  };
  const found = await sweepRates({ ...BOUNDS, maxRatePerS: 400 }, offer);
  expect(found.outcome).toBe('ceiling');
  expect(found.stages.map(({ ratePerS, verdict }) => [ratePerS, verdict])).toEqual([
    [50, 'kept'],
    [100, 'late'],
    [100, 'kept'],
    [200, 'kept'],
    [400, 'kept'],
  ]);
});

it('trouble of the generator is not held against an endpoint that another offer shows', async () => {
  const trouble = [['a'], [], ['b'], ['c'], []];
  const offer = simulate(hiccupsBeyond(20), { limits: () => trouble.shift() ?? [] });
  const found = await sweepRates(BOUNDS, offer);
  expect(found.stages.slice(0, 5).map(({ ratePerS, verdict }) => [ratePerS, verdict])).toEqual([
    [50, 'generator'],
    [50, 'late'],
    [10, 'kept'],
    [22, 'generator'],
    [22, 'late'],
  ]);
  expect(found).toMatchObject({ outcome: 'found', notKeptPerS: 22, ratePerS: 20 });
});

it('trouble each time is inconclusive after three offers', async () => {
  const offer = simulate(hiccupsBeyond(1), { limits: () => ['it had trouble'] });
  const found = await sweepRates(BOUNDS, offer);
  expect(offer.offered).toEqual([50, 50, 50, 10, 10, 10]);
  expect(found).toMatchObject({
    outcome: 'inconclusive',
    because:
      'inconclusive: at 10/s the generator was the bottleneck: it had trouble; no rate was kept',
  });
});

it('is inconclusive where the generator was the bottleneck, and says what was kept before', async () => {
  // It takes 4 ms to start one: beyond 250/s it falls behind.
  const lateMs = (at: number, ratePerS: number) => Math.max(0, at * (4 - 1000 / ratePerS));
  const found = await sweepRates(BOUNDS, simulate(queueOf(5000), { lateMs }));
  expect(found.outcome).toBe('inconclusive');
  expect(found.ratePerS).toBeLessThanOrEqual(260);
  expect(found.because).toMatch(
    /^inconclusive: at \d+\/s the generator was the bottleneck: 1% of the attempts started more than \d+\.\d ms late, and took 0\.2 ms from there \(p99\); \d+\/s was kept$/,
  );
});

it('where it is inconclusive, it says between which rates', async () => {
  const limits = (ratePerS: number) => (ratePerS < 400 ? ['it had trouble'] : []);
  const found = await sweepRates(BOUNDS, simulate(hiccupsBeyond(220), { limits }));
  expect(found.outcome).toBe('inconclusive');
  expect(found.because).toMatch(
    /^inconclusive: at 2\d\d\/s the generator was the bottleneck: it had trouble; 2\d\d\/s was kept, 400\/s was not$/,
  );
});

it('an endpoint that gives way first is found although the generator would later', async () => {
  const limits = (ratePerS: number) => (ratePerS >= 400 ? ['a worker used 99% of a core'] : []);
  const found = await sweepRates(BOUNDS, simulate(queueOf(240), { limits }));
  expect(found.outcome).toBe('found');
  expect(found.ratePerS).toBeGreaterThanOrEqual(240 / 1.1);
  expect(found.ratePerS).toBeLessThanOrEqual(240 * 1.03);
});

it('keeps what it knows when it is interrupted', async () => {
  const offer = simulate(queueOf(5000));
  const found = await sweepRates(BOUNDS, async (ratePerS) => ({
    ...(await offer(ratePerS)),
    isInterrupted: ratePerS === 200,
  }));
  expect(found).toMatchObject({ outcome: 'interrupted', ratePerS: 100 });
  expect(found.stages).toHaveLength(3);
});
