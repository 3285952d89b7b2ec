// Carries a load out: one schedule over several workers, their ticks added up, interrupts and circuit breaker heeded,
// one result whatever happens.
import { machineMs } from '../base/clock.ts';
import type { LoadResult } from '../result/load-result.ts';
import { readRows } from './attempt-row.ts';
import type { LoadIo } from './io.ts';
import { createLoadTally, type LoadTally } from './load-tally.ts';
import { readMachine } from './machine.ts';
import type { LoadPlan } from './plan.ts';
import { type LoadWorker, type StartWorker, startWorkerProcess } from './start-worker.ts';
import type { WorkerReport } from './worker-messages.ts';

/** What runs workers. */
export interface LoadSurroundings {
  /** @default a process each */
  readonly startWorker?: StartWorker;
  /** Where the kernel's own range of source ports begins. @default what the machine says */
  readonly portsBelow?: number;
}

// Between the order and the beginning, so that all workers are there.
const RUN_UP_MS = 50;
const LOOK_MS = 250;
// What is told of a worker that does not end after it was told to.
const GRACE_MS = 30_000;

/** Runs a load and resolves with its result; never rejects for what an endpoint or a worker did. */
export async function runLoad(
  plan: LoadPlan,
  io: LoadIo,
  surroundings: LoadSurroundings = {},
): Promise<LoadResult> {
  const run = new Run(plan, io, surroundings);
  return run.result();
}

class Run {
  readonly #plan: LoadPlan;
  readonly #io: LoadIo;
  readonly #surroundings: LoadSurroundings;
  readonly #tally: LoadTally;
  readonly #workers: LoadWorker[] = [];
  readonly #atWork = new Set<number>();
  readonly #lost: string[] = [];
  #ready = 0;
  #zeroMs = 0;
  #endedEarly: string | undefined;
  #isStopping = false;
  #settle: () => void = () => {};
  // A timer that stays behind would hold up the end of the process.
  #cancelGrace = (): void => {};

  constructor(plan: LoadPlan, io: LoadIo, surroundings: LoadSurroundings) {
    this.#plan = plan;
    this.#io = io;
    this.#surroundings = surroundings;
    this.#tally = createLoadTally(plan);
  }

  async result(): Promise<LoadResult> {
    const startedAt = new Date(this.#io.clock.wallMs()).toISOString();
    const over = new AbortController();
    const ended = new Promise<void>((resolve) => {
      this.#settle = resolve;
    });
    this.#startWorkers();
    const watch = this.#watch(over.signal);
    await ended;
    this.#cancelGrace();
    over.abort();
    await watch;
    this.#tellSeconds();
    const durationMs = this.#zeroMs === 0 ? 0 : Math.max(0, machineMs() - this.#zeroMs);
    const { tls, ...sums } = this.#tally.result({
      durationMs,
      endedEarly: this.#endedEarly,
      lost: this.#lost,
    });
    const { arrivals, seed, openForMs, endings, endpoints } = this.#plan;
    return {
      startedAt,
      plan: {
        arrivals,
        seed,
        openForMs,
        endings: endings.map(({ share, kind }) => ({ share, ending: kind })),
        tls: { used: endpoints.some((one) => one.tls !== undefined), ...tls },
      },
      ...sums,
    };
  }

  #startWorkers(): void {
    const { startWorker = startWorkerProcess, portsBelow = readMachine().ports.from } =
      this.#surroundings;
    for (let worker = 0; worker < this.#plan.workers; worker += 1) {
      this.#atWork.add(worker);
      const one = startWorker({
        heard: (report) => this.#heard(worker, report),
        gone: (why) => this.#gone(worker, why),
      });
      this.#workers.push(one);
      const tellAttempts = this.#io.onAttempts !== undefined;
      one.order({ kind: 'plan', plan: this.#plan, worker, portsBelow, tellAttempts });
    }
  }

  #heard(worker: number, report: WorkerReport): void {
    switch (report.kind) {
      case 'ready':
        this.#ready += 1;
        if (this.#ready === this.#plan.workers) this.#begin();
        break;
      case 'tick':
        this.#tally.take(worker, report.tick);
        this.#tellSeconds();
        this.#breakCircuit();
        break;
      case 'attempts':
        this.#io.onAttempts?.(readRows(report.rows, this.#plan.endpoints));
        break;
      case 'delete':
        void this.#delete(worker, report);
        break;
      case 'done':
        this.#gone(worker, undefined);
        break;
    }
  }

  #begin(): void {
    if (this.#isStopping) {
      for (const worker of this.#workers) worker.kill();
      this.#atWork.clear();
      this.#settle();
      return;
    }
    this.#zeroMs = machineMs() + RUN_UP_MS;
    this.#io.onStart?.(this.#io.clock.nowUs() + RUN_UP_MS * 1000);
    for (const worker of this.#workers) worker.order({ kind: 'start', atMs: this.#zeroMs });
  }

  #gone(worker: number, why: string | undefined): void {
    if (!this.#atWork.delete(worker)) return;
    if (why !== undefined) {
      this.#lost.push(`worker ${worker + 1}: ${why}`);
      this.#stop('a worker was lost');
    }
    if (this.#atWork.size === 0) this.#settle();
  }

  #tellSeconds(): void {
    for (const second of this.#tally.seconds([...this.#atWork])) {
      this.#io.onSecond?.(second, phaseAt(this.#plan.phases, second.atMs));
    }
  }

  async #delete(
    worker: number,
    { number, ending, endpoint }: WorkerReport & { readonly kind: 'delete' },
  ): Promise<void> {
    // What cannot be called has not told the backend.
    const told = await this.#io.deleteConnection?.(number, { ending, endpoint }).catch(() => false);
    this.#workers[worker]?.order({ kind: 'deleted', number, told: told === true });
  }

  async #watch(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      if (this.#io.signal.aborted) this.#stop('interrupted');
      const why = this.#isStopping ? undefined : this.#io.whyStop?.();
      if (why !== undefined) this.#stop(why);
      await this.#io.clock.sleep(LOOK_MS, AbortSignal.any([over, this.#wakers()]));
    }
  }

  // An interrupt is heeded at once, the first time.
  #wakers(): AbortSignal {
    return this.#isStopping ? new AbortController().signal : this.#io.signal;
  }

  #stop(why: string): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#endedEarly = why;
    for (const worker of this.#workers) worker.order({ kind: 'stop' });
    this.#cancelGrace = this.#io.clock.after(GRACE_MS, () => {
      for (const one of this.#atWork) this.#workers[one]?.kill();
    });
  }

  #breakCircuit(): void {
    const { breaker } = this.#plan;
    const { silent, decided } = this.#tally.recent;
    if (breaker === undefined || decided < 1000 || silent < decided * breaker.share) return;
    this.#stop(`circuit breaker: ${silent} of the last ${decided} attempts got no answer at all`);
  }
}

// What a load does in the second that begins then. A burst takes no time: its second is called by its name.
function phaseAt(phases: LoadPlan['phases'], atMs: number): string {
  let startMs = 0;
  let current: string | undefined;
  for (const phase of phases) {
    const isBurst = phase.kind === 'burst';
    if (isBurst && startMs >= atMs && startMs < atMs + 1000) return phase.name;
    startMs += isBurst ? 0 : phase.durationMs;
    if (!isBurst && atMs < startMs) current ??= phase.name;
  }
  return current ?? 'drain';
}
