import { expect, it } from 'vitest';
import { machineMs } from '../base/clock.ts';
import type { LoadPlan } from './plan.ts';
import { createWorkerHost } from './worker-host.ts';
import type { WorkerReport } from './worker-messages.ts';

const PLAN: LoadPlan = {
  endpoints: [
    { share: 1, role: 'open', address: '127.0.0.1', port: 1, request: '', subprotocols: [] },
  ],
  phases: [{ kind: 'pause', name: 'idle', durationMs: 10 }],
  arrivals: 'even',
  seed: 'host',
  openForMs: 0,
  endings: [{ share: 1, kind: 'close', code: 1000 }],
  timeoutMs: 1000,
  precise: false,
  workers: 1,
  sources: [],
  nonce: 'abcdefghijklmnopqrs',
};

function reportsWhere(rssBytes: () => number): Promise<readonly WorkerReport[]> {
  return new Promise((resolve) => {
    const reports: WorkerReport[] = [];
    const host = createWorkerHost({
      cpuSeconds: () => 1,
      rssBytes,
      report: (report) => {
        reports.push(report);
        if (report.kind === 'done') resolve(reports);
      },
    });
    host.take({ kind: 'plan', plan: PLAN, worker: 0, portsBelow: 32_768, tellAttempts: false });
    host.take({ kind: 'start', atMs: machineMs() });
  });
}

const rssOf = (reports: readonly WorkerReport[]): readonly number[] =>
  reports.flatMap((report) => (report.kind === 'tick' ? [report.tick.health.rssBytes] : []));

it('tells how much memory it takes', async () => {
  expect(rssOf(await reportsWhere(() => 4096))).toEqual([4096]);
});

it('goes on where its memory cannot be read, because all descriptors are connections', async () => {
  const reports = await reportsWhere(() => {
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  });
  expect(rssOf(reports)).toEqual([0]);
  expect(reports.at(-1)).toEqual({ kind: 'done' });
});
