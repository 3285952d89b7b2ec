import { expect, it } from 'vitest';
import type { Clock } from '../base/clock.ts';
import { closedLoop } from './closed-loop.ts';
import type { Trip } from './trip.ts';

// Time moves by what attempts take, and by nothing else.
function world() {
  let nowUs = 0;
  const clock: Clock = {
    nowUs: () => nowUs,
    wallMs: () => 0,
    sleep: async (ms) => {
      nowUs += ms * 1000;
      pauses.push(ms);
    },
    after: () => () => {},
  };
  const log: string[] = [];
  const pauses: number[] = [];
  const one = (name: string, ms: number, failure?: string) => async (): Promise<Trip> => {
    const dialled = nowUs;
    nowUs += ms * 1000;
    log.push(name);
    return failure === undefined
      ? { marks: { dialled, tcp: dialled, closed: nowUs } }
      : { marks: { dialled, ...(failure.endsWith('(tcp)') ? {} : { tcp: dialled }) }, failure };
  };
  const control = new AbortController();
  return { clock, log, pauses, one, control, io: { clock, signal: control.signal } };
}

it('measures for its time, after a warm-up that is not counted', async () => {
  const { io, one, log } = world();
  const [trips] = await closedLoop([one('a', 10)], { timeMs: 1000, atMost: 5000 }, io);
  expect(trips).toHaveLength(100);
  expect(log).toHaveLength(120);
});

it('measures so many at most', async () => {
  const { io, one } = world();
  const [trips] = await closedLoop([one('a', 1)], { timeMs: 60_000, atMost: 7 }, io);
  expect(trips).toHaveLength(7);
});

it('takes endpoints in turn, the first one last every other time', async () => {
  const { io, one, log } = world();
  const [a, b] = await closedLoop([one('a', 1), one('b', 3)], { timeMs: 400, atMost: 4 }, io);
  expect(log.join('')).toBe('abbaabbaabbaabba');
  expect(a?.map(({ round }) => round)).toEqual([4, 5, 6, 7]);
  expect(b?.map(({ round }) => round)).toEqual([4, 5, 6, 7]);
});

it('counts failures, also those of the warm-up, and gives up an endpoint that knows nothing else', async () => {
  const { io, one, pauses } = world();
  const measures = [one('a', 1, 'status 403'), one('b', 1)];
  const [a, b] = await closedLoop(measures, { timeMs: 3000, atMost: 300 }, io);
  expect(a).toHaveLength(20);
  // A longer moment after each.
  expect(pauses).toEqual(Array.from({ length: 19 }, (_, at) => 10 * (at + 1)));
  expect(new Set(a?.map(({ failure }) => failure))).toEqual(new Set(['status 403']));
  expect(b).toHaveLength(300);
});

it('gives up sooner what no TCP connection led to', async () => {
  const { io, one } = world();
  const [trips] = await closedLoop([one('a', 1, 'ECONNREFUSED (tcp)')], LONG, io);
  expect(trips).toHaveLength(3);
});

it('waits for a limiter to let connections in again', async () => {
  const { io, one, clock } = world();
  // Fifty in each second, the others are refused.
  const used = new Map<number, number>();
  const measure = (): Promise<Trip> => {
    const second = Math.floor(clock.nowUs() / 1e6);
    used.set(second, (used.get(second) ?? 0) + 1);
    return (used.get(second) ?? 0) > 50 ? one('a', 1, 'status 429')() : one('a', 1)();
  };
  const [trips = []] = await closedLoop([measure], { timeMs: 5000, atMost: 5000 }, io);
  expect(trips.filter(({ failure }) => failure === undefined).length).toBeGreaterThan(150);
  expect(trips.filter(({ failure }) => failure !== undefined).length).toBeLessThan(120);
});

const LONG = { timeMs: 60_000, atMost: 1000 };

it('does not give up an endpoint whose warm-up was refused often and not always', async () => {
  const { io, one } = world();
  let count = 0;
  const measure = (): Promise<Trip> => {
    count += 1;
    return count % 3 === 0 ? one('a', 1, 'status 429')() : one('a', 1)();
  };
  const [trips = []] = await closedLoop([measure], { timeMs: 5000, atMost: 300 }, io);
  expect(trips.filter(({ failure }) => failure === undefined)).toHaveLength(200);
  expect(trips.filter(({ failure }) => failure !== undefined)).toHaveLength(133);
});

it('ends at once when it is interrupted, and what was on its way is no failure', async () => {
  const { io, one, control } = world();
  let count = 0;
  const measure = async (): Promise<Trip> => {
    count += 1;
    if (count < 150) return await one('a', 1)();
    control.abort();
    return await one('a', 1, 'DISPOSED (tcp)')();
  };
  const [trips] = await closedLoop([measure], { timeMs: 1000, atMost: 5000 }, io);
  expect(count).toBe(150);
  expect(trips).toHaveLength(49);
  expect(trips?.every(({ failure }) => failure === undefined)).toBe(true);
});
