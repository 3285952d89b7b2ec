import { describe, expect, it } from 'vitest';
import type { ThrottleResult } from '../result/load-result.ts';
import {
  bucketOf,
  capOf,
  counterOf,
  logOf,
  type SimulatedLimiter,
  shaperOf,
  simulate,
  unlimited,
  windowOf,
} from './fixture/simulated-limiter.ts';
import { probeThrottle } from './probe-throttle.ts';

interface Hidden {
  readonly kind: ThrottleResult['kind'];
  readonly rate?: number;
  readonly burst?: number;
  readonly offer: number;
  readonly jitterMs: number;
  readonly limiter: () => SimulatedLimiter;
}

async function probe(
  hidden: Hidden,
  seed: string,
  { lost = 0, saturateForMs = 20_000 } = {},
): Promise<ThrottleResult> {
  const { offer, jitterMs, limiter } = hidden;
  const offered = simulate(limiter(), { jitterMs, seed, lost });
  const result = await probeThrottle({ offer, saturateForMs, rounds: 3, seed }, offered);
  expect(offered.fastest()).toBeLessThanOrEqual(offer);
  return result;
}

function bucket(rate: number, burst: number, offer: number, jitterMs: number): [string, Hidden] {
  const name = `bucket of ${burst} at ${rate}/s, offered ${offer}/s, jitter ${jitterMs} ms`;
  const limiter = (): SimulatedLimiter => bucketOf(rate, burst);
  return [name, { kind: 'token-bucket', rate, burst, offer, jitterMs, limiter }];
}

// Emptied before the clock of the simulation begins, at 1 s, and refilled to this level by then.
function usedBucket(rate: number, burst: number, level: number): Hidden {
  const limiter = bucketOf(rate, burst);
  const earlierS = level / rate;
  for (let at = 0; at < 2 * burst; at += 1) limiter.ask(0);
  const ask = (at: number): number | undefined => limiter.ask(at - 1 + earlierS);
  return { kind: 'token-bucket', rate, burst, offer: 350, jitterMs: 5, limiter: () => ({ ask }) };
}

function windowed(
  limit: number,
  seconds: number,
  offer: number,
  jitterMs: number,
): [string, Hidden][] {
  const common = { rate: limit / seconds, burst: limit, offer, jitterMs };
  const of = `${limit} in ${seconds} s, offered ${offer}/s, jitter ${jitterMs} ms`;
  const phase = 0.37 * seconds;
  return [
    [
      `fixed window, ${of}`,
      { ...common, kind: 'fixed-window', limiter: () => windowOf(limit, seconds, phase) },
    ],
    [
      `sliding log, ${of}`,
      { ...common, kind: 'sliding-log', limiter: () => logOf(limit, seconds) },
    ],
  ];
}

// A cap has no rate.
function relativeError(value: number | undefined, truth: number | undefined): number {
  if (truth === undefined) return value === undefined ? 0 : NaN;
  return Math.abs((value ?? NaN) / truth - 1);
}

const SETTINGS: [string, Hidden][] = [
  bucket(20, 1, 60, 0),
  bucket(20, 50, 60, 20),
  bucket(50, 100, 100, 0),
  bucket(50, 100, 150, 20),
  bucket(200, 5, 500, 10),
  bucket(20, 600, 120, 5),
  bucket(300, 2, 450, 0),
  bucket(50, 1000, 300, 20),
  ...windowed(100, 1, 300, 20),
  ...windowed(50, 2, 80, 10),
  ...windowed(10, 0.5, 70, 0),
  ...windowed(200, 5, 100, 20),
  [
    'cap of 50',
    { kind: 'concurrency-cap', burst: 50, offer: 200, jitterMs: 5, limiter: () => capOf(50) },
  ],
  [
    'cap of 10',
    { kind: 'concurrency-cap', burst: 10, offer: 500, jitterMs: 20, limiter: () => capOf(10) },
  ],
  [
    'cap of 500',
    { kind: 'concurrency-cap', burst: 500, offer: 400, jitterMs: 5, limiter: () => capOf(500) },
  ],
  // A queue that is full refuses as an empty bucket does.
  [
    'queue of 50 let out at 100/s',
    {
      kind: 'token-bucket',
      rate: 100,
      burst: 50,
      offer: 250,
      jitterMs: 5,
      limiter: () => shaperOf(100, 50),
    },
  ],
];

// What takes two seconds takes twenty on a machine that has other things to do.
describe('a hidden limiter', { timeout: 120_000 }, () => {
  it.each(SETTINGS)('is found: %s', async (_, hidden) => {
    for (const seed of ['a', 'b']) {
      const { kind, rate, burst, because } = await probe(hidden, seed);
      const rateOff = relativeError(rate?.value, hidden.rate);
      const burstOff = Math.abs((burst?.value ?? 0) - (hidden.burst ?? 0));
      expect({ kind, because }).toEqual({ kind: hidden.kind, because });
      expect(rateOff).toBeLessThan(0.01);
      expect(burstOff).toBeLessThanOrEqual(Math.max(3, 0.05 * (hidden.burst ?? 0)));
    }
  });

  // Wherever in a window the probe begins, and where bunches of accepts are cut by the end of a stage.
  it.each(
    [
      ...windowed(100, 2, 200, 10),
      ...windowed(30, 1, 66, 0),
      ...windowed(250, 1, 550, 5),
      ...windowed(50, 1, 150, 20),
    ].map(([name, hidden]) => [name, hidden] as const),
  )('lies within its intervals: %s', async (_, { kind, rate = NaN, burst = NaN, ...hidden }) => {
    const [seconds, offered] = [burst / rate, { ...hidden, kind }];
    for (const phase of [0.1, 0.35, 0.6, 0.85]) {
      const limiter = (): SimulatedLimiter =>
        kind === 'sliding-log' ? logOf(burst, seconds) : windowOf(burst, seconds, phase * seconds);
      const found = await probe({ ...offered, limiter }, String(phase), { saturateForMs: 8000 });
      expect([found.kind, found.burst?.value]).toEqual([kind, burst]);
      expect(found.rate?.low).toBeLessThanOrEqual(rate);
      expect(found.rate?.high).toBeGreaterThanOrEqual(rate);
      expect(relativeError(found.rate?.value, rate)).toBeLessThan(0.004);
    }
  });

  // Fewer than two windows fit into a stage: nothing shows that there are any.
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])(
    'of windows that are too long for the probe is not guessed: %d twelfths',
    async (twelfths) => {
      const limiter = (): SimulatedLimiter => windowOf(10, 5, (twelfths / 12) * 5);
      const hidden: Hidden = { kind: 'inconclusive', offer: 40, jitterMs: 0, limiter };
      const { kind, rate } = await probe(hidden, String(twelfths), { saturateForMs: 8000 });
      expect([kind, rate]).toEqual(['inconclusive', undefined]);
    },
  );

  // Jitter wastes tokens of a bucket that holds one: fewer at once and more per second looks the same.
  it.each(['a', 'b', 'c'])(
    'of one at a time with much jitter is estimated widely: %s',
    async (seed) => {
      const [, hidden] = bucket(100, 1, 300, 20);
      const { kind, rate, burst } = await probe(hidden, seed);
      expect(kind).toBe('token-bucket');
      expect(
        [rate?.low, burst?.low].map((one, at) => (one ?? NaN) <= (at === 0 ? 100 : 1)),
      ).toEqual([true, true]);
      expect(rate?.high).toBeGreaterThanOrEqual(100);
    },
  );

  // At 50/s every third attempt gets in, as of a bucket that is filled at 16.7/s; a growing offer shows the difference.
  it.each([
    [20, 1, 50, 0],
    [20, 1, 50, 5],
    [20, 2, 50, 0],
    [137, 3, 300, 5],
  ])(
    'of few tokens is not in step with the offer: %d/s, burst %d, offered %d/s, jitter %d ms',
    async (...setting) => {
      const [truth, tokens] = setting;
      const [, hidden] = bucket(...setting);
      const { kind, rate, burst } = await probe(hidden, 'a');
      expect(kind).toBe('token-bucket');
      expect(relativeError(rate?.value, truth)).toBeLessThan(0.01);
      expect(
        [rate?.low ?? NaN, -(rate?.high ?? NaN)].map((one) => one <= truth * Math.sign(one)),
      ).toEqual([true, true]);
      expect(
        [burst?.low ?? NaN, -(burst?.high ?? NaN)].map((one) => one <= tokens * Math.sign(one)),
      ).toEqual([true, true]);
    },
  );

  // Level: what is in the bucket when the probe begins.
  it.each([
    [50, 100, 0],
    [50, 100, 30],
    [50, 100, 70],
    [2, 100, 30],
    [5, 10, 4],
    [20, 2000, 100],
  ])(
    'that was in use before is seen full: %d/s, %d of which %d are there',
    async (rate, burst, level) => {
      const { kind, ...found } = await probe(usedBucket(rate, burst, level), 'a');
      expect(kind).toBe('token-bucket');
      expect(relativeError(found.rate?.value, rate)).toBeLessThan(0.01);
      expect(Math.abs((found.burst?.value ?? NaN) - burst)).toBeLessThan(1);
    },
  );

  it('that is not seen full has no burst', async () => {
    const { kind, rate, burst, recoveryMs, because } = await probe(usedBucket(10, 5000, 300), 'a');
    expect({ kind, burst, recoveryMs }).toEqual({
      kind: 'token-bucket',
      burst: undefined,
      recoveryMs: undefined,
    });
    expect(relativeError(rate?.value, 10)).toBeLessThan(0.01);
    expect(because[0]).toMatch(/^the bucket held more than \d+ and was not seen full: let it rest/);
  });

  it('whose refusals take tokens gives less the more is offered', async () => {
    const limiter = (): SimulatedLimiter => bucketOf(100, 200, { cost: true });
    const hidden: Hidden = { kind: 'token-bucket', offer: 250, jitterMs: 0, limiter };
    const { kind, refusalsCostTokens, rate, because } = await probe(hidden, 'a');
    expect({ kind, because }).toEqual({ kind: 'token-bucket', because });
    expect(refusalsCostTokens).toBe(true);
    expect(Math.abs((rate?.value ?? NaN) / 100 - 1)).toBeLessThan(0.05);
  });

  it('takes nothing for refusals where the rate stays', async () => {
    const [, hidden] = bucket(50, 100, 150, 5);
    expect((await probe(hidden, 'a')).refusalsCostTokens).toBe(false);
  });

  it('that is neither bucket nor window is not guessed', async () => {
    const limiter = (): SimulatedLimiter => counterOf(100, 1, 0.37);
    const result = await probe({ kind: 'inconclusive', offer: 300, jitterMs: 5, limiter }, 'a');
    expect(result).toMatchObject({
      kind: 'inconclusive',
      because: expect.arrayContaining(['neither bucket nor window: a sliding-window counter']),
    });
    expect(result.rate).toBeUndefined();
  });

  it('that is not there is not met up to what was offered', async () => {
    const hidden: Hidden = { kind: 'none', offer: 100, jitterMs: 5, limiter: () => unlimited };
    expect(await probe(hidden, 'a')).toMatchObject({
      kind: 'none',
      because: ['none of 4000 attempts was refused, at up to 100/s: a higher limit is possible'],
    });
  });

  it('beyond the ceiling is not met', async () => {
    const [, hidden] = bucket(200, 50, 100, 5);
    const { kind, rate } = await probe(hidden, 'a');
    expect([kind, rate]).toEqual(['none', undefined]);
  });

  it('is found although some attempts are lost', async () => {
    const [, hidden] = bucket(50, 100, 150, 5);
    const { kind, rate } = await probe(hidden, 'a', { lost: 0.02 });
    expect(kind).toBe('token-bucket');
    expect(Math.abs((rate?.value ?? NaN) / 50 - 1)).toBeLessThan(0.01);
  });

  it('is not told from attempts that mostly had no answer', async () => {
    const limiter = (): SimulatedLimiter => ({ ask: () => undefined });
    const result = await probe({ kind: 'none', offer: 100, jitterMs: 5, limiter }, 'a', {
      lost: 0.5,
    });
    expect(result.kind).toBe('inconclusive');
  });
});
