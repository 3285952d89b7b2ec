import { describe, expect, it } from 'vitest';
import { type Machine, readMachine } from './machine.ts';
import type { LoadPlan } from './plan.ts';
import { loadProblem, mostOpen, workersForOpen } from './preflight.ts';

const MACHINE: Machine = {
  descriptors: 20_000,
  ports: { from: 32_768, to: 60_999 },
  freeBytes: 8e9,
};

function plan(more: Partial<LoadPlan> = {}): LoadPlan {
  const address = { share: 1, role: 'open', address: '127.0.0.1', port: 1, request: '' };
  return {
    endpoints: [{ ...address, subprotocols: [] }],
    phases: [{ kind: 'rate', name: 'r', from: 0, to: 1000, durationMs: 60_000 }],
    arrivals: 'even',
    seed: '',
    openForMs: 5000,
    endings: [{ share: 1, kind: 'close' }],
    timeoutMs: 1000,
    precise: false,
    workers: 1,
    sources: [],
    nonce: '',
    ...more,
  };
}

describe('before a load', () => {
  it('expects as many connections as arrive while one is held', () => {
    expect(mostOpen(plan())).toBe(6000);
    expect(mostOpen(plan({ openForMs: 600_000 }))).toBe(30_000);
    expect(mostOpen(plan({ endings: [{ share: 1, kind: 'silence' }] }))).toBe(30_000);
    expect(mostOpen(plan({ phases: [{ kind: 'burst', name: 'b', arrivals: 7 }] }))).toBe(7);
  });

  it('takes workers by descriptors', () => {
    expect([6000, 19_900, 19_901, 100_000].map((open) => workersForOpen(open, MACHINE))).toEqual([
      1, 1, 2, 6,
    ]);
    expect(workersForOpen(100_000, { ...MACHINE, descriptors: undefined })).toBe(1);
  });

  it.each([
    ['nothing where all is there', plan(), MACHINE, undefined],
    [
      'descriptors',
      plan({ openForMs: 60_000 }),
      MACHINE,
      'up to 30000 connections are open at a time, and 1 worker of 20000 descriptors can hold 19900: raise ulimit -n, or hold connections for a shorter time',
    ],
    [
      'ports of the kernel',
      plan({ openForMs: 60_000, workers: 2 }),
      MACHINE,
      'up to 30000 connections are open at a time, and one source address can hold 28232: use more source addresses, or hold connections for a shorter time',
    ],
    [
      'nothing with ports of our own',
      plan({ openForMs: 60_000, workers: 2, sources: ['127.0.0.2'] }),
      MACHINE,
      undefined,
    ],
    [
      'memory',
      plan(),
      { ...MACHINE, freeBytes: 1e8 },
      'up to 6000 connections in 1 worker take about 110 MB, and 100 MB are free',
    ],
    [
      'a slip of the pen',
      plan({ phases: [{ kind: 'rate', name: 'r', from: 1, to: 2e6, durationMs: 1000 }] }),
      MACHINE,
      '2000000 attempts a second are more than 200000',
    ],
  ] as const)('misses %s', (_, asked, machine, problem) => {
    expect(loadProblem(asked, machine)).toBe(problem);
  });

  it('reads what this machine says', () => {
    const { descriptors, ports, freeBytes } = readMachine();
    expect(descriptors === undefined || descriptors > 100).toBe(true);
    expect(ports.to).toBeGreaterThan(ports.from);
    expect(freeBytes).toBeGreaterThan(1e6);
  });
});
