// One worker: takes orders, runs an engine, tells each second what happened. The process it runs in is given, so
// that a test can run it in its own.
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { machineMs, realClock } from '../base/clock.ts';
import { createEngine, type Engine } from './engine.ts';
import { createSourcePorts } from './source-ports.ts';
import type { WorkerHealth, WorkerOrder, WorkerReport } from './worker-messages.ts';

/** The process of a worker. */
export interface WorkerProcess {
  cpuSeconds(): number;
  /** May throw: to read it takes a descriptor, and a load may have them all. */
  rssBytes(): number;
  report(report: WorkerReport): void;
}

// What Node's histogram adds to each delay.
const LOOP_RESOLUTION_MS = 10;

/** Takes orders from now on. */
export function createWorkerHost(host: WorkerProcess): { take(order: WorkerOrder): void } {
  const clock = realClock();
  let engine: Engine | undefined;
  let zeroMs = 0;
  const take = (order: WorkerOrder): void => {
    if (order.kind === 'plan') {
      const { plan, worker, portsBelow, tellAttempts } = order;
      const stripe = { worker, of: plan.workers, below: portsBelow };
      engine = createEngine({
        plan,
        worker,
        tellAttempts,
        sources: createSourcePorts(plan.sources, stripe),
        now: () => machineMs() - zeroMs,
        wallMs: () => clock.wallMs(),
        wake,
        report: (report) => {
          if (report.kind === 'done') ticks?.end();
          host.report(report);
        },
      });
      host.report({ kind: 'ready' });
    } else if (order.kind === 'start' && engine !== undefined) {
      zeroMs = order.atMs;
      ticks = startTicks(host, engine, () => machineMs() - zeroMs);
      engine.start();
    } else {
      engine?.take(order);
    }
  };
  let ticks: Ticks | undefined;
  return { take };
}

function wake(ms: number, precise: boolean, callback: () => void): () => void {
  if (precise) {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(callback, Math.max(1, ms));
  return () => clearTimeout(timer);
}

interface Ticks {
  end(): void;
}

function startTicks(host: WorkerProcess, engine: Engine, now: () => number): Ticks {
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();
  const before = { cpuSeconds: host.cpuSeconds(), ms: now() };
  const rssBytes = lastKnown(() => host.rssBytes());
  let second = 0;
  const tick = (): void => {
    const health = { ...healthOf(host, loop, before, now()), rssBytes: rssBytes() };
    engine.flush();
    host.report({ kind: 'tick', tick: engine.tally.take(second, health) });
    second += 1;
  };
  let timer: NodeJS.Timeout;
  const plan = (): void => {
    timer = setTimeout(
      () => {
        // A second in which the loop stood still is told together with the next.
        while (now() >= (second + 1) * 1000) tick();
        plan();
      },
      Math.max(1, (second + 1) * 1000 - now()),
    );
  };
  plan();
  return {
    end: () => {
      clearTimeout(timer);
      loop.disable();
      tick();
    },
  };
}

function healthOf(
  host: WorkerProcess,
  loop: IntervalHistogram,
  before: { readonly cpuSeconds: number; readonly ms: number },
  nowMs: number,
): Omit<WorkerHealth, 'rssBytes'> {
  const delay = (nanoseconds: number): number =>
    Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - LOOP_RESOLUTION_MS) : 0;
  return {
    loop: {
      p50Ms: delay(loop.percentile(50)),
      p99Ms: delay(loop.percentile(99)),
      maxMs: loop.max > 1e15 ? 0 : delay(loop.max),
    },
    cpuSeconds: host.cpuSeconds() - before.cpuSeconds,
    wallSeconds: (nowMs - before.ms) / 1000,
  };
}

// 0 as long as there was none.
function lastKnown(read: () => number): () => number {
  let known = 0;
  return () => {
    try {
      known = read();
    } catch {
      // What it was before says more than nothing.
    }
    return known;
  };
}
