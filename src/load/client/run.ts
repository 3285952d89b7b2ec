// A load carried out in one process by the client of the conformance cases: open model, every outcome
// counted, its own lateness measured. It says so when it was the bottleneck itself.
import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { type Random, seededRandom } from '../../base/random.ts';
import type { LoadAttempt } from '../../result/load-attempt.ts';
import type { GeneratorAccount, LoadResult } from '../../result/load-result.ts';
import type { LoadIo } from '../io.ts';
import type { LoadPlan } from '../plan.ts';
import { type Attempting, attemptOne, type Surroundings } from './attempt.ts';
import { type Due, scheduleOf } from './schedule.ts';
import { createLoadTally, type LoadTally } from './tally.ts';

/** Carries a load out; resolves when every connection has ended. */
export async function runClientLoad(plan: LoadPlan, io: LoadIo): Promise<LoadResult> {
  return new Load(plan, io).run();
}

// An attempt that is so late says nothing about the endpoint any more.
const UNSENT_MS = 1000;
const LATE_MS = 25;
const BUSY = 0.9;
const LAST = 1000;

class Load {
  readonly #plan: LoadPlan;
  readonly #io: LoadIo;
  readonly #tally: LoadTally;
  readonly #over = new AbortController();
  readonly #random: Random;
  readonly #running = new Set<Promise<void>>();
  readonly #delay = monitorEventLoopDelay({ resolution: 1 });
  readonly #silent: boolean[] = [];
  readonly #wall: number;
  #zeroUs = 0;
  #number = 0;
  #endedEarly: string | undefined;

  constructor(plan: LoadPlan, io: LoadIo) {
    this.#plan = plan;
    this.#io = io;
    this.#tally = createLoadTally(plan.phases, plan.endings);
    this.#random = seededRandom(plan.seed);
    this.#wall = io.clock.wallMs();
  }

  async run(): Promise<LoadResult> {
    const usage = this.#io.usage();
    const loop = performance.eventLoopUtilization();
    this.#delay.enable();
    this.#zeroUs = this.#io.clock.nowUs();
    this.#io.onStart?.(this.#zeroUs);
    const ticking = this.#tick();
    await this.#offer();
    const offeredMs = this.#nowMs();
    if (this.#endedEarly !== undefined) this.#over.abort();
    else await this.#held();
    this.#over.abort();
    while (this.#running.size > 0) await Promise.all(this.#running);
    await ticking.stop();
    this.#delay.disable();
    return this.#result({ usage, loop, offeredMs, seconds: ticking.seconds });
  }

  #nowMs(): number {
    return (this.#io.clock.nowUs() - this.#zeroUs) / 1000;
  }

  /** Starts attempts when they are due, whatever became of the others. */
  async #offer(): Promise<void> {
    const { arrivals, phases } = this.#plan;
    const lasts = phases.reduce((sum, one) => sum + (one.kind === 'burst' ? 0 : one.durationMs), 0);
    for (const due of scheduleOf(phases, { arrivals, random: this.#random })) {
      if (!(await this.#waitUntil(due.dueMs))) return;
      this.#start(due, 0);
    }
    await this.#waitUntil(lasts);
  }

  /** False when the load is to end before. */
  async #waitUntil(ms: number): Promise<boolean> {
    for (;;) {
      this.#endedEarly ??= this.#whyEnd();
      if (this.#endedEarly !== undefined) return false;
      const left = ms - this.#nowMs();
      if (left <= 0) return true;
      // Looked at now and then: a threshold may be lost in a pause as well.
      await this.#io.clock.sleep(Math.min(left, 200), this.#io.signal);
    }
  }

  #whyEnd(): string | undefined {
    if (this.#io.signal.aborted) return 'interrupted';
    const { breaker } = this.#plan;
    const silent = this.#silent.filter(Boolean).length;
    if (breaker !== undefined && this.#silent.length === LAST && silent > breaker.share * LAST) {
      return `circuit breaker: ${silent} of the last ${LAST} attempts got no answer`;
    }
    return this.#io.whyStop?.();
  }

  /** Who is silent stays for ever: the others leave by themselves, and these are let go then. */
  async #held(): Promise<void> {
    const isSilent = this.#plan.endings.some(({ kind }) => kind === 'silence');
    const all = Promise.all(this.#running);
    if (!isSilent) {
      const interrupted = new Promise((resolve) => {
        if (this.#io.signal.aborted) resolve(undefined);
        this.#io.signal.addEventListener('abort', resolve, { once: true });
      });
      await Promise.race([this.#settled(), interrupted]);
      if (this.#io.signal.aborted) this.#endedEarly ??= 'interrupted';
      return;
    }
    await Promise.race([
      all,
      this.#io.clock.sleep(this.#plan.openForMs + this.#plan.timeoutMs, this.#io.signal),
    ]);
  }

  async #settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #start(due: Due, times: number): void {
    const number = this.#number++;
    const of: Attempting = {
      ...due,
      number,
      endpoint: pick(this.#plan.endpoints, this.#random),
      ending: pick(this.#plan.endings, this.#random),
    };
    const nowMs = this.#nowMs();
    if (nowMs - due.dueMs > UNSENT_MS) {
      this.#tally.due(due.phase, due.dueMs, undefined);
      this.#io.onAttempts?.([unsent(of)]);
      return;
    }
    this.#tally.due(due.phase, due.dueMs, nowMs);
    const around: Surroundings = {
      plan: this.#plan,
      io: this.#io,
      zeroUs: this.#zeroUs,
      over: this.#over.signal,
      onOpened: ({ phase }, afterMs) => this.#tally.opened(phase, afterMs),
      onClosed: () => this.#tally.closed(),
    };
    const running = this.#attempt(of, around, times).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #attempt(of: Attempting, around: Surroundings, times: number): Promise<void> {
    const one = await attemptOne(of, around);
    const { attempt } = one;
    this.#tally.ended(one, this.#nowMs());
    const answered = attempt.status !== 0 || attempt.outcome === 'aborted';
    this.#silent.push(!answered);
    if (this.#silent.length > LAST) this.#silent.shift();
    this.#io.onAttempts?.([attempt]);
    await this.#comeAgain(attempt, times);
  }

  async #comeAgain(attempt: LoadAttempt, times: number): Promise<void> {
    const { reconnect } = this.#plan;
    if (reconnect === undefined || times >= reconnect.times || attempt.outcome === 'aborted')
      return;
    if (attempt.outcome === 'opened' && attempt.endedByUs) return;
    const waitMs = reconnect.afterMs + this.#random.next() * reconnect.jitterMs;
    const dueMs = this.#nowMs() + waitMs;
    await this.#io.clock.sleep(waitMs, this.#over.signal);
    if (!this.#over.signal.aborted) this.#start({ phase: attempt.phase, dueMs }, times + 1);
  }

  #tick(): { readonly seconds: LoadResult['seconds'][number][]; stop(): Promise<void> } {
    const seconds: LoadResult['seconds'][number][] = [];
    const tell = (untilMs: number): void => {
      for (const second of this.#tally.secondsUntil(untilMs)) {
        seconds.push(second);
        this.#io.onSecond?.(second, phaseAt(this.#plan, second.atMs));
      }
    };
    const done = new AbortController();
    const ticking = (async (): Promise<void> => {
      while (!done.signal.aborted) {
        await this.#io.clock.sleep(250, done.signal);
        tell(this.#nowMs());
      }
    })();
    return {
      seconds,
      stop: async () => {
        done.abort();
        await ticking;
        // The last one is not whole, and is told all the same.
        tell((Math.floor(this.#nowMs() / 1000) + 1) * 1000);
      },
    };
  }

  #result(from: {
    readonly usage: ReturnType<LoadIo['usage']>;
    readonly loop: EventLoopUtilization;
    readonly offeredMs: number;
    readonly seconds: LoadResult['seconds'];
  }): LoadResult {
    const plan = this.#plan;
    const tally = this.#tally;
    const secure = plan.endpoints.some(({ tls }) => tls !== undefined);
    return {
      startedAt: new Date(this.#wall).toISOString(),
      durationMs: this.#nowMs(),
      plan: {
        arrivals: plan.arrivals,
        seed: plan.seed,
        openForMs: plan.openForMs,
        endings: plan.endings.map(({ share, kind }) => ({ share, ending: kind })),
        tls: { used: secure, resumed: 0, full: secure ? (tally.latency['tls']?.count ?? 0) : 0 },
      },
      total: tally.total,
      phases: tally.phases(from.offeredMs),
      seconds: from.seconds,
      latency: tally.latency,
      refusals: tally.refusals,
      ends: tally.ends,
      messages: tally.messages,
      peakOpen: tally.peakOpen,
      generator: this.#account(from),
      ...(this.#endedEarly === undefined ? {} : { endedEarly: this.#endedEarly }),
    };
  }

  #account(from: {
    readonly usage: ReturnType<LoadIo['usage']>;
    readonly loop: EventLoopUtilization;
  }): GeneratorAccount {
    const used = this.#io.usage();
    const { lateness, total } = this.#tally;
    const busy = performance.eventLoopUtilization(from.loop).utilization;
    const inMs = (ns: number): number => ns / 1e6;
    const limits = [
      ...(total.unsent === 0 ? [] : [`${total.unsent} attempts were never sent`]),
      ...(lateness.p99Ms <= LATE_MS
        ? []
        : [`attempts started up to ${Math.round(lateness.p99Ms)} ms late (p99)`]),
      ...(busy <= BUSY ? [] : [`its event loop was busy ${Math.round(busy * 100)}% of the time`]),
      ...['local-ports', 'descriptors'].flatMap((kind) => {
        const count = total.failed[kind] ?? 0;
        return count === 0 ? [] : [`${count} attempts found no ${kind} on this machine`];
      }),
    ];
    return {
      workers: 1,
      precise: false,
      lateness,
      loop: {
        p50Ms: inMs(this.#delay.percentile(50)),
        p99Ms: inMs(this.#delay.percentile(99)),
        maxMs: inMs(this.#delay.max),
      },
      cpu: [busy],
      cpuSeconds: used.cpuSeconds - from.usage.cpuSeconds,
      peakRssBytes: used.rssBytes,
      limits,
    };
  }
}

/** One of several by their shares. */
function pick(all: readonly { readonly share: number }[], random: Random): number {
  if (all.length === 1) return 0;
  let left = random.next();
  for (const [index, { share }] of all.entries()) {
    left -= share;
    if (left < 0) return index;
  }
  return all.length - 1;
}

function phaseAt({ phases }: LoadPlan, atMs: number): string {
  let startMs = 0;
  for (const phase of phases) {
    startMs += phase.kind === 'burst' ? 0 : phase.durationMs;
    if (atMs < startMs) return phase.name;
  }
  return 'drain';
}

function unsent(of: Attempting): LoadAttempt {
  const never = Number.NaN;
  return {
    ...of,
    outcome: 'unsent',
    status: 0,
    subprotocol: undefined,
    startMs: never,
    connectedMs: never,
    securedMs: never,
    sentMs: never,
    firstByteMs: never,
    answeredMs: never,
    closingMs: never,
    closedMs: never,
    closedBy: undefined,
    closedHow: undefined,
    closeCode: undefined,
    endedByUs: false,
  };
}
