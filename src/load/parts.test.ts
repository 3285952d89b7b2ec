// The small parts of the generator: sources, queues, distributions, its judgement of itself, rows.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankOf } from '../base/percentile.ts';
import { createDistribution } from './distribution.ts';
import { createDueQueue } from './due-queue.ts';
import { failureKind } from './failure-kind.ts';
import { type GeneratorFigures, generatorLimits } from './limits.ts';
import { createSourcePorts } from './source-ports.ts';

describe('source ports', () => {
  it('are in turn those of each address, and no two workers have one', () => {
    const of = (worker: number): readonly string[] => {
      const ports = createSourcePorts(['127.0.0.2', '127.0.0.3'], { worker, of: 2, below: 1030 });
      return Array.from({ length: 6 }, () => {
        const { localAddress, localPort } = ports?.next() ?? { localAddress: '', localPort: 0 };
        return `${localAddress}:${localPort}`;
      });
    };
    expect(of(0)).toEqual([
      '127.0.0.2:1024',
      '127.0.0.3:1024',
      '127.0.0.2:1026',
      '127.0.0.3:1026',
      '127.0.0.2:1028',
      '127.0.0.3:1028',
    ]);
    expect(of(1).filter((source) => of(0).includes(source))).toEqual([]);
  });

  it('are the kernel’s where there are no addresses or no room', () => {
    expect(createSourcePorts([], { worker: 0, of: 1, below: 32_768 })).toBeUndefined();
    expect(createSourcePorts(['127.0.0.2'], { worker: 0, of: 1, below: 1024 })).toBeUndefined();
  });
});

describe('a queue', () => {
  it('gives what is due, in order, once', () => {
    const queue = createDueQueue(100);
    const taken: number[] = [];
    for (let at = 0; at < 5000; at += 1) queue.add(at, at, at * 2);
    expect(queue.nextMs).toBe(100);
    queue.drain(4099, (slot, serial) => taken.push(serial - slot));
    expect(taken).toEqual(Array.from({ length: 4000 }, (_, at) => at));
    expect(queue.nextMs).toBe(4100);
    queue.drain(1e6, (slot) => taken.push(slot));
    expect(taken.length).toBe(5000);
    expect(queue.nextMs).toBe(Infinity);
  });
});

describe('a distribution', () => {
  it('leans to neither side: of each value of a bin it tells the middle', () => {
    const errors = Array.from({ length: 1024 }, (_, at) => {
      const value = 49_000 + at;
      const distribution = createDistribution();
      distribution.add(Uint32Array.of(1, value, value, value, 100_000));
      return (distribution.percentileMs(50) ?? 0) * 1000 - value;
    });
    expect(errors.reduce((sum, one) => sum + one, 0)).toBe(0);
    expect(Math.max(...errors.map(Math.abs))).toBe(15.5);
  });

  it('is within 0.05 % of the nearest rank, and exact at its ends', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 1, maxLength: 300 }),
        (values) => {
          const distribution = createDistribution();
          distribution.add(Uint32Array.from(values));
          const sorted = values.toSorted((a, b) => a - b);
          const got = distribution.describe();
          expect(got.count).toBe(values.length);
          expect(got.minMs).toBe((sorted[0] ?? 0) / 1000);
          expect(got.maxMs).toBe((sorted.at(-1) ?? 0) / 1000);
          for (const [share, ms] of [
            [0.5, got.p50Ms],
            [0.9, got.p90Ms],
            [0.99, got.p99Ms],
          ] as const) {
            const exact = (sorted[rankOf(values.length, share) - 1] ?? 0) / 1000;
            expect(Math.abs(ms - exact)).toBeLessThanOrEqual(exact * 0.0005 + 0.0006);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keeps the true maximum of what is beyond its range, and says nothing of nothing', () => {
    const distribution = createDistribution();
    expect(distribution.percentileMs(50)).toBeUndefined();
    distribution.add(Uint32Array.of(150_000_000));
    expect(distribution.describe()).toMatchObject({ count: 1, maxMs: 150_000, meanMs: 150_000 });
  });
});

describe('the generator’s judgement of itself', () => {
  const GOOD: GeneratorFigures = {
    total: {
      offered: 1000,
      started: 1000,
      unsent: 0,
      opened: 1000,
      refused: {},
      failed: {},
      timedOut: 0,
      aborted: 0,
    },
    unsentBy: {},
    latenessP99Ms: 1.3,
    precise: false,
    loopP99Ms: 2,
    cpu: [0.4],
    durationMs: 10_000,
    lost: [],
  };

  it.each([
    ['nothing where it kept up', {}, []],
    [
      'that ports ran out, of one attempt already',
      { unsentBy: { 'local-ports': 1 } },
      ['1 of 1000 attempts were not sent: no source port was free (give more source addresses)'],
    ],
    ['nothing of one attempt in a hundred that came late', { unsentBy: { late: 10 } }, []],
    [
      'that it was behind',
      { unsentBy: { late: 11 } },
      ['11 of 1000 attempts were not sent: the generator was too far behind its schedule'],
    ],
    [
      'how late it was',
      { latenessP99Ms: 12.34 },
      ['1% of the attempts started more than 12.3 ms late (at most 10 ms)'],
    ],
    [
      'how late it was, of what is to be precise',
      { latenessP99Ms: 3, precise: true, cpu: [1] },
      ['1% of the attempts started more than 3.0 ms late (at most 2 ms)'],
    ],
    [
      'that its loop stood still',
      { loopP99Ms: 80 },
      ['the event loop was held up by 80 ms (p99; at most 50 ms)'],
    ],
    [
      'that a core was used up',
      { cpu: [0.2, 0.99] },
      ['a worker used 99% of a core (at most 95%)'],
    ],
    ['nothing of a short burst of work', { cpu: [1], durationMs: 1000 }, []],
    ['that a worker was lost', { lost: ['worker 1: gone'] }, ['a worker was lost: worker 1: gone']],
  ] as const)('is %s', (_, figures, limits) => {
    expect(generatorLimits({ ...GOOD, ...figures })).toEqual(limits);
  });
});

it.each([
  ['ECONNREFUSED', 'refused'],
  ['EADDRNOTAVAIL', 'local-ports'],
  ['EMFILE', 'descriptors'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['EWEIRD', 'eweird'],
])('calls %s %s', (code, kind) => {
  expect(failureKind(code)).toBe(kind);
});
