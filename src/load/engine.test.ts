// When an engine starts what is due, in virtual time: only dialling is real, at a port where nobody listens.
import { expect, it } from 'vitest';
import { readRows } from './attempt-row.ts';
import { createEngine } from './engine.ts';
import type { LoadPlan } from './plan.ts';

const PLAN: LoadPlan = {
  endpoints: [
    { share: 1, role: 'open', address: '127.0.0.1', port: 1, request: '', subprotocols: [] },
  ],
  phases: [{ kind: 'rate', name: 'steady', from: 700, to: 700, durationMs: 200 }],
  arrivals: 'even',
  seed: 'engine',
  openForMs: 0,
  endings: [{ share: 1, kind: 'close', code: 1000 }],
  timeoutMs: 60_000,
  precise: false,
  workers: 1,
  sources: [],
  nonce: 'abcdefghijklmnopqrs',
};

/** How late attempts start, in ms, where a spin takes `spinMs` and a timer fires `timerMs` after it was meant to. */
async function lateness(
  more: Partial<LoadPlan>,
  {
    spinMs,
    timerMs,
    wallMs = (nowMs) => nowMs,
  }: {
    readonly spinMs: number;
    readonly timerMs: number;
    readonly wallMs?: (nowMs: number) => number;
  },
): Promise<{ readonly late: readonly number[]; readonly spins: number }> {
  const late: number[] = [];
  let nowMs = 0;
  let spins = 0;
  let next: { readonly atMs: number; readonly callback: () => void } | undefined;
  const state = { isDone: false };
  const engine = createEngine({
    plan: { ...PLAN, ...more },
    worker: 0,
    tellAttempts: true,
    sources: undefined,
    now: () => nowMs,
    wallMs: () => wallMs(nowMs),
    wake: (ms, isSpinning, callback) => {
      if (isSpinning) spins += 1;
      const one = { atMs: nowMs + (isSpinning ? spinMs : Math.max(1, ms) + timerMs), callback };
      next = one;
      return () => {
        if (next === one) next = undefined;
      };
    },
    report: (report) => {
      if (report.kind === 'attempts') {
        for (const { startMs, dueMs } of readRows(report.rows, PLAN.endpoints)) {
          late.push(startMs - dueMs);
        }
      }
      if (report.kind === 'done') state.isDone = true;
    },
  });
  engine.start();
  for (let turn = 0; turn < 100_000 && !state.isDone; turn += 1) {
    const due = next;
    next = undefined;
    if (due !== undefined) {
      nowMs = Math.max(nowMs, due.atMs);
      due.callback();
    }
    if (turn % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(state.isDone).toBe(true);
  return { late, spins };
}

it('starts with --precise what is due at most one spin later, and nothing before', async () => {
  const { late, spins } = await lateness({ precise: true }, { spinMs: 0.05, timerMs: 1 });
  expect(late).toHaveLength(140);
  expect(Math.max(...late)).toBeLessThanOrEqual(0.05);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(-0.02);
  expect(spins).toBeGreaterThan(2000);
});

it('starts by timers what is due at most a timer later, and does not spin for it', async () => {
  const { late, spins } = await lateness({}, { spinMs: 0.05, timerMs: 0.3 });
  expect(late).toHaveLength(140);
  expect(Math.max(...late)).toBeLessThanOrEqual(1.3);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(-0.02);
  expect(spins).toBeLessThan(10);
});

it('has signed what comes at one instant before it is due', async () => {
  const signedAt: number[] = [];
  const [endpoint] = PLAN.endpoints;
  if (endpoint === undefined) throw new Error('no endpoint');
  const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
  const by = { keys, place: 'query', region: 'eu-west-1', service: 'execute-api' } as const;
  const sign = { method: 'GET', target: '/', headers: [], by, offsetMs: 0 };
  const { late } = await lateness(
    {
      endpoints: [{ ...endpoint, sign }],
      phases: [
        { kind: 'pause', name: 'pause', durationMs: 200 },
        { kind: 'burst', name: 'burst', arrivals: 50 },
        { kind: 'rate', name: 'steady', from: 100, to: 100, durationMs: 500 },
      ],
    },
    {
      spinMs: 0.05,
      timerMs: 0.3,
      // Asked for once for each signature.
      wallMs: (nowMs) => {
        signedAt.push(nowMs);
        return nowMs;
      },
    },
  );
  expect(late).toHaveLength(100);
  expect(Math.max(...late)).toBeLessThanOrEqual(1.3);
  expect(signedAt).toHaveLength(100);
  expect(Math.max(...signedAt)).toBeLessThan(200);
});
