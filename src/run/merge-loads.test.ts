import { expect, it } from 'vitest';
import { loadResult } from '../check/fixture/load.ts';
import { createDistribution } from '../load/distribution.ts';
import type { AttemptCounts, Distribution, LoadResult } from '../result/load-result.ts';
import { mergeLoads } from './merge-loads.ts';

const counts = (offered: number, refused: number): AttemptCounts => ({
  offered,
  started: offered,
  unsent: 0,
  opened: offered - refused,
  refused: { '429': refused },
  failed: {},
  timedOut: 0,
  aborted: 0,
});

function timesOf(ms: number, count: number): Distribution {
  const times = createDistribution();
  times.add(Uint32Array.from({ length: count }, () => ms * 1000));
  return times.describe();
}

function stage(offered: number, refused: number, p99Ms: number): LoadResult {
  const base = loadResult({}, 10);
  const times = { ...base.generator.lateness, p99Ms };
  const shape = { statusText: 'No', headers: [], body: '' };
  return {
    ...base,
    total: counts(offered, refused),
    seconds: [{ ...counts(offered, refused), atMs: 0, open: 1 }],
    latency: { upgrade: timesOf(p99Ms, offered) },
    refusals: [{ ...shape, status: 429, count: refused, retryAfter: { min: p99Ms, max: p99Ms } }],
    ends: { close: offered - refused },
    peakOpen: offered,
    generator: { ...base.generator, lateness: times, limits: p99Ms > 5 ? ['late'] : [] },
  };
}

it('adds what can be added, and takes the worst of what cannot', () => {
  const merged = mergeLoads([
    { name: 'saturate', atMs: 0, result: stage(100, 90, 3) },
    { name: 'recover', atMs: 12_000, result: stage(50, 30, 7) },
  ]);
  expect(merged).toMatchObject({
    durationMs: 22_000,
    total: { offered: 150, opened: 30, refused: { '429': 120 } },
    phases: [
      { name: 'saturate', startMs: 0, endMs: 10_000, offered: 100 },
      { name: 'recover', startMs: 12_000, endMs: 22_000, offered: 50 },
    ],
    latency: { upgrade: { count: 150, minMs: 3, p50Ms: 3.0005, p90Ms: 7, p99Ms: 7, maxMs: 7 } },
    refusals: [{ status: 429, count: 120, retryAfter: { min: 3, max: 7 } }],
    ends: { close: 30 },
    peakOpen: 100,
    generator: { lateness: { p99Ms: 7 }, limits: ['recover: late'] },
  });
  expect(merged.seconds.map(({ atMs }) => atMs)).toEqual([0, 12_000]);
});

it('adds the times of all stages, whichever was slower', () => {
  const one = { ...stage(10, 0, 5), latency: { upgrade: timesOf(50, 10) } };
  const other = { ...stage(990, 0, 3), latency: { upgrade: timesOf(2, 990), tcp: timesOf(1, 4) } };
  const { latency } = mergeLoads([
    { name: 'few', atMs: 0, result: one },
    { name: 'many', atMs: 12_000, result: other },
  ]);
  expect(latency['upgrade']).toMatchObject({
    count: 1000,
    p50Ms: 2,
    p90Ms: 2,
    p99Ms: 2,
    maxMs: 50,
  });
  expect(latency['upgrade']?.meanMs).toBeCloseTo(2.48);
  expect(latency['tcp']).toMatchObject({ count: 4, p50Ms: 1 });
});
