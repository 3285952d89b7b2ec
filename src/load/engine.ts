// The attempts of one worker: starts what is due, holds, ends, gives up on. One timer for all of it.

import type { JudgedAnswer } from '../wire/answer-memo.ts';
import { OPCODE } from '../wire/frame.ts';
import { Attempt, type AttemptHost, type AttemptIdentity } from './attempt.ts';
import { createRowBatch } from './attempt-row.ts';
import { createDraw, pickShare } from './draw.ts';
import { createDueQueue, type DueQueue } from './due-queue.ts';
import type { LoadPlan } from './plan.ts';
import { type Arrival, schedule } from './schedule.ts';
import type { SourcePorts } from './source-ports.ts';
import { createWiring, type Wiring } from './wiring.ts';
import type { WorkerOrder, WorkerReport } from './worker-messages.ts';
import { createWorkerTally, type WorkerTally } from './worker-tally.ts';

/** What an engine is given. */
export interface EngineOptions {
  readonly plan: LoadPlan;
  readonly worker: number;
  readonly tellAttempts: boolean;
  readonly sources: SourcePorts | undefined;
  /** Milliseconds since the first phase began. */
  readonly now: () => number;
  /** Calls back after so many milliseconds, or as soon as I/O was looked at; returns what prevents it. */
  readonly wake: (ms: number, precise: boolean, callback: () => void) => () => void;
  readonly report: (report: WorkerReport) => void;
}

/** An engine at work. */
export interface Engine {
  readonly tally: WorkerTally;
  /** Sends what attempts there are. */
  flush(): void;
  start(): void;
  take(order: WorkerOrder): void;
}

/** Makes an engine. */
export function createEngine(options: EngineOptions): Engine {
  return new LoadEngine(options);
}

// How long an ending may take before TCP is cut, and how long a backend may take to be told of one.
const CLOSING_MS = 5000;
const DELETING_MS = 15_000;
// Started at once before I/O gets its turn.
const MOST_AT_ONCE = 64;
// Rows sent together.
const BATCH_ROWS = 512;
// Numbers of attempts that no schedule has.
const RETRIES_FROM = 2 ** 31;
// What a timer may be early by.
const TOLERANCE_MS = 0.02;

class LoadEngine implements Engine, AttemptHost {
  readonly tally = createWorkerTally();
  readonly wiring: Wiring;
  readonly #options: EngineOptions;
  readonly #arrivals: Generator<Arrival, void>;
  readonly #drawEnding: (index: number) => number;
  readonly #drawEndpoint: (index: number) => number;
  readonly #drawJitter: (index: number) => number;
  readonly #slots: (Attempt | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #deleting = new Map<number, Attempt>();
  readonly #answers: DueQueue;
  readonly #holds: DueQueue;
  readonly #closings = createDueQueue(CLOSING_MS);
  readonly #deletions = createDueQueue(DELETING_MS);
  readonly #messages: DueQueue | undefined;
  readonly #pings: DueQueue | undefined;
  #retries: Omit<AttemptIdentity, 'endpoint' | 'ending'>[] = [];
  #next: Arrival | undefined;
  #serial = 0;
  #wakeAtMs = Infinity;
  #live = 0;
  readonly #silent = new Set<Attempt>();
  #retried = 0;
  #stopped = false;
  #isDone = false;
  readonly #rows = createRowBatch(BATCH_ROWS);
  #cancelWake: () => void = () => {};

  constructor(options: EngineOptions) {
    const { plan, worker, now, sources } = options;
    this.#options = options;
    this.#arrivals = schedule(plan, { worker, of: plan.workers });
    this.#drawEnding = createDraw(plan.seed, 'endings');
    this.#drawEndpoint = createDraw(plan.seed, 'endpoints');
    this.#drawJitter = createDraw(plan.seed, 'retries');
    this.#answers = createDueQueue(plan.timeoutMs);
    this.#holds = createDueQueue(plan.openForMs);
    this.#messages = plan.messages && createDueQueue(plan.messages.everyMs);
    this.#pings = plan.pings && createDueQueue(plan.pings.everyMs);
    this.wiring = createWiring(plan, {
      now,
      sources,
      closing: (attempt) => this.#enqueue(this.#closings, attempt),
    });
    this.#next = this.#arrivals.next().value ?? undefined;
  }

  start(): void {
    this.#turn();
  }

  take(order: WorkerOrder): void {
    if (order.kind === 'deleted') this.#deleted(order.number, order.told);
    else if (order.kind === 'stop') this.#stop();
  }

  answered(attempt: Attempt): void {
    this.tally.decided(attempt);
    const nowMs = attempt.answeredMs;
    if (attempt.outcome === 'refused') this.#enqueue(this.#closings, attempt, nowMs);
    if (attempt.outcome !== 'opened') return;
    this.tally.opened(1);
    if (this.#messages !== undefined) this.#enqueue(this.#messages, attempt);
    if (this.#pings !== undefined) this.#enqueue(this.#pings, attempt);
    if (this.#options.plan.openForMs === 0 || this.#stopped) this.#end(attempt);
    else this.#enqueue(this.#holds, attempt, nowMs);
  }

  heard(what: 'message' | 'pong'): void {
    this.tally.count(what === 'message' ? 'received' : 'pongs');
  }

  secured(reused: boolean): void {
    this.tally.count(reused ? 'resumed' : 'full');
  }

  refused(attempt: Attempt, answer: JudgedAnswer, body: Buffer): void {
    this.tally.refused(attempt, answer, body);
  }

  ended(attempt: Attempt): void {
    this.#slots[attempt.slot] = undefined;
    this.#free.push(attempt.slot);
    this.#live -= 1;
    this.#deleting.delete(attempt.number);
    if (attempt.outcome === 'opened') {
      this.tally.opened(-1);
      this.tally.closed(attempt, this.#endOf(attempt));
      this.#silent.delete(attempt);
    } else if (attempt.outcome === 'unsent') {
      this.tally.unsent(attempt.phase, attempt.failure);
    } else if (attempt.outcome !== 'refused' && attempt.outcome !== 'invalid') {
      this.tally.decided(attempt);
    }
    this.#tell(attempt);
    this.#retry(attempt);
    if (this.#next === undefined && this.#live === this.#silent.size) this.#turnSoon();
  }

  #endOf({ endedByUs, ending, closedBy, closedHow }: Attempt): string {
    const kind = this.#options.plan.endings[ending]?.kind;
    return endedByUs && kind !== undefined
      ? kind
      : `${closedBy ?? 'client'} ${closedHow ?? 'reset'}`;
  }

  #tell(attempt: Attempt): void {
    const endpoint = this.#options.plan.endpoints[attempt.endpoint];
    if (!this.#options.tellAttempts || endpoint === undefined) return;
    this.#rows.push(attempt, endpoint);
    if (this.#rows.isFull) this.flush();
  }

  flush(): void {
    const rows = this.#rows.take();
    if (rows !== undefined) this.#options.report({ kind: 'attempts', rows });
  }

  #retry(attempt: Attempt): void {
    const { reconnect, workers } = this.#options.plan;
    const wasCut = attempt.outcome === 'refused' || attempt.closedBy === 'server';
    if (reconnect === undefined || this.#stopped || !wasCut || attempt.endedByUs) return;
    if (attempt.tries >= reconnect.times) return;
    const number = RETRIES_FROM + this.#options.worker + workers * this.#retried;
    this.#retried += 1;
    const waitMs = reconnect.afterMs + reconnect.jitterMs * this.#drawJitter(number);
    const dueMs = attempt.closedMs + waitMs;
    this.#retries.push({ number, phase: attempt.phase, dueMs, tries: attempt.tries + 1 });
    this.#retries.sort((a, b) => a.dueMs - b.dueMs);
    this.#turnSoon();
  }

  #begin(due: Arrival, tries: number, nowMs: number): void {
    const { number, phase, dueMs } = due;
    const { plan } = this.#options;
    const endpoint = pickShare(plan.endpoints, this.#drawEndpoint(number));
    const ending = pickShare(plan.endings, this.#drawEnding(number));
    const how = plan.endings[ending] ?? { share: 1, kind: 'close', code: 1000 };
    const attempt = new Attempt(this, { number, phase, dueMs, tries, endpoint, ending }, how);
    this.tally.offered(phase);
    attempt.slot = this.#free.pop() ?? this.#slots.length;
    attempt.serial = this.#serial;
    this.#serial += 1;
    this.#slots[attempt.slot] = attempt;
    this.#live += 1;
    if (nowMs - dueMs > plan.timeoutMs) {
      this.#giveUp(attempt);
      return;
    }
    this.#enqueue(this.#answers, attempt, nowMs);
    attempt.start();
  }

  // So late that its client would long have gone: to send it now would be another load.
  #giveUp(attempt: Attempt): void {
    attempt.outcome = 'unsent';
    attempt.failure = 'late';
    attempt.state = 'ended';
    this.#slots[attempt.slot] = undefined;
    this.#free.push(attempt.slot);
    this.#live -= 1;
    this.tally.unsent(attempt.phase, 'late');
    this.#tell(attempt);
  }

  #end(attempt: Attempt): void {
    if (attempt.state !== 'open') return;
    const kind = this.#options.plan.endings[attempt.ending]?.kind;
    attempt.end();
    if (kind === 'silence') {
      this.#silent.add(attempt);
    } else if (kind === 'deleteConnection') {
      const { number, ending, endpoint } = attempt;
      this.#deleting.set(number, attempt);
      this.#enqueue(this.#deletions, attempt);
      this.#options.report({ kind: 'delete', number, ending, endpoint });
    } else {
      this.#enqueue(this.#closings, attempt, attempt.closingMs);
    }
  }

  #deleted(number: number, told: boolean): void {
    const attempt = this.#deleting.get(number);
    if (attempt === undefined) return;
    this.#deleting.delete(number);
    attempt.deleted(told);
    if (!told) this.#enqueue(this.#closings, attempt);
  }

  #stop(): void {
    this.#stopped = true;
    this.#next = undefined;
    this.#retries = [];
    for (const attempt of this.#slots) if (attempt !== undefined) this.#wind(attempt);
    this.#turnSoon();
  }

  #wind(attempt: Attempt): void {
    if (attempt.state === 'open') this.#end(attempt);
    else if (attempt.state === 'connecting' || attempt.state === 'asked') attempt.cut();
  }

  #turnSoon(): void {
    this.#wakeIn(0, true);
  }

  #wakeIn(ms: number, precise: boolean): void {
    this.#cancelWake();
    this.#wakeAtMs = precise ? -Infinity : this.#options.now() + ms;
    this.#cancelWake = this.#options.wake(ms, precise, () => this.#turn());
  }

  #turn(): void {
    if (this.#isDone) return;
    const nowMs = this.#options.now();
    this.#serve(nowMs);
    const isBusy = this.#startDue();
    if (this.#isOver()) this.#finish();
    else this.#sleep(isBusy);
  }

  #serve(nowMs: number): void {
    this.#answers.drain(nowMs, (slot, serial) => this.#at(slot, serial)?.timeOut());
    this.#holds.drain(nowMs, (slot, serial) => {
      const attempt = this.#at(slot, serial);
      if (attempt !== undefined) this.#end(attempt);
    });
    const cut = (slot: number, serial: number): void => {
      const attempt = this.#at(slot, serial);
      if (attempt !== undefined && attempt.state !== 'silent') attempt.cut();
    };
    this.#closings.drain(nowMs, cut);
    this.#deletions.drain(nowMs, cut);
    this.#speak(nowMs);
  }

  #speak(nowMs: number): void {
    const { messages } = this.#options.plan;
    const say = (queue: DueQueue, act: (attempt: Attempt) => boolean) =>
      queue.drain(nowMs, (slot, serial) => {
        const attempt = this.#at(slot, serial);
        if (attempt !== undefined && act(attempt)) queue.add(nowMs, slot, serial);
      });
    if (this.#messages !== undefined && messages !== undefined) {
      const text = Buffer.from(messages.text, 'utf8').toString('latin1');
      say(this.#messages, (attempt) => {
        const isSent = attempt.send(OPCODE.text, text);
        if (isSent) this.tally.count('sent');
        return isSent;
      });
    }
    if (this.#pings !== undefined) {
      say(this.#pings, (attempt) => attempt.send(OPCODE.ping, ''));
    }
  }

  #at(slot: number, serial: number): Attempt | undefined {
    const attempt = this.#slots[slot];
    return attempt?.serial === serial ? attempt : undefined;
  }

  // True while more is due than may be started at once.
  #startDue(): boolean {
    for (let started = 0; started < MOST_AT_ONCE; started += 1) {
      const nowMs = this.#options.now();
      const dueMs = nowMs + TOLERANCE_MS;
      const retry = this.#retries[0];
      if (retry !== undefined && retry.dueMs <= dueMs) {
        this.#retries.shift();
        this.#begin(retry, retry.tries, nowMs);
      } else if (this.#next !== undefined && this.#next.dueMs <= dueMs) {
        const next = this.#next;
        this.#next = this.#arrivals.next().value ?? undefined;
        this.#begin(next, 0, nowMs);
      } else {
        return false;
      }
    }
    return true;
  }

  // What is due sooner than the engine meant to look wakes it sooner.
  #enqueue(queue: DueQueue, { slot, serial }: Attempt, nowMs = this.#options.now()): void {
    queue.add(nowMs, slot, serial);
    if (queue.nextMs < this.#wakeAtMs) this.#wakeIn(queue.nextMs - nowMs, false);
  }

  #isOver(): boolean {
    return (
      this.#next === undefined && this.#retries.length === 0 && this.#live === this.#silent.size
    );
  }

  // The silent ones stay as long as anyone does.
  #finish(): void {
    for (const attempt of this.#slots) attempt?.cut();
    if (this.#live > 0) return;
    this.#isDone = true;
    this.flush();
    this.#options.report({ kind: 'done' });
  }

  #sleep(isBusy: boolean): void {
    const nextMs = Math.min(
      this.#next?.dueMs ?? Infinity,
      this.#retries[0]?.dueMs ?? Infinity,
      this.#answers.nextMs,
      this.#holds.nextMs,
      this.#closings.nextMs,
      this.#deletions.nextMs,
      this.#messages?.nextMs ?? Infinity,
      this.#pings?.nextMs ?? Infinity,
    );
    const { now, plan } = this.#options;
    const isSpinning = isBusy || (plan.precise && this.#next !== undefined);
    this.#wakeIn(Math.min(1000, nextMs - now()), isSpinning);
  }
}
