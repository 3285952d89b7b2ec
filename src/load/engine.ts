// The attempts of one worker: starts what is due, holds, ends, gives up on. One timer for all of it.
import type { JudgedAnswer } from '../wire/answer-memo.ts';
import { type Agenda, createAgenda, type Due } from './agenda.ts';
import { type Alarm, createAlarm } from './alarm.ts';
import { Attempt, type AttemptHost } from './attempt.ts';
import { endOf } from './attempt-record.ts';
import { createAttemptSlots } from './attempt-slots.ts';
import { type AttemptTeller, createAttemptTeller } from './attempt-teller.ts';
import { type Chatter, createChatter } from './chatter.ts';
import { type Choices, createChoices } from './choices.ts';
import { createDueQueue, type DueQueue } from './due-queue.ts';
import type { LoadPlan } from './plan.ts';
import { createRetries, type Retries } from './retries.ts';
import { schedule } from './schedule.ts';
import { signAhead } from './sign-ahead.ts';
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
  /** Milliseconds since the epoch. */
  readonly wallMs: () => number;
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
// What a timer may be early by.
const TOLERANCE_MS = 0.02;

class LoadEngine implements Engine, AttemptHost {
  readonly tally = createWorkerTally();
  readonly wiring: Wiring;
  readonly #options: EngineOptions;
  readonly #agenda: Agenda;
  readonly #choices: Choices;
  readonly #retries: Retries;
  readonly #slots = createAttemptSlots();
  readonly #deleting = new Map<number, Attempt>();
  readonly #answers: DueQueue;
  readonly #holds: DueQueue;
  readonly #closings = createDueQueue(CLOSING_MS);
  readonly #deletions = createDueQueue(DELETING_MS);
  readonly #chatter: Chatter;
  readonly #alarm: Alarm;
  readonly #silent = new Set<Attempt>();
  #stopped = false;
  #isDone = false;
  readonly #teller: AttemptTeller;

  constructor(options: EngineOptions) {
    const { plan, worker, now, wallMs, sources } = options;
    this.#options = options;
    this.#agenda = createAgenda(schedule(plan, { worker, of: plan.workers }));
    this.#choices = createChoices(plan);
    this.#retries = createRetries(plan, worker);
    this.#teller = createAttemptTeller(options);
    this.#alarm = createAlarm(options, () => this.#turn());
    this.#answers = createDueQueue(plan.timeoutMs);
    this.#holds = createDueQueue(plan.openForMs);
    this.#chatter = createChatter(plan, {
      slots: this.#slots,
      onMessage: () => this.tally.count('sent'),
    });
    this.wiring = createWiring(plan, {
      now,
      wallMs,
      sources,
      closing: (attempt) => this.#enqueue(this.#closings, attempt),
    });
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
    if (this.wiring.isChatty) {
      this.#chatter.opened(attempt, nowMs);
      this.#alarm.before(this.#chatter.nextMs, nowMs);
    }
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
    this.#slots.remove(attempt);
    this.#deleting.delete(attempt.number);
    if (attempt.outcome === 'opened') {
      this.tally.opened(-1);
      this.tally.closed(attempt, endOf(attempt, this.#options.plan.endings));
      this.#silent.delete(attempt);
    } else if (attempt.outcome === 'unsent') {
      this.tally.unsent(attempt.phase, attempt.failure);
    } else if (attempt.outcome !== 'refused' && attempt.outcome !== 'invalid') {
      this.tally.decided(attempt);
    }
    this.#teller.tell(attempt);
    this.#retry(attempt);
    if (!this.#agenda.hasArrivals && this.#isQuiet()) this.#alarm.soon();
  }

  flush(): void {
    this.#teller.flush();
  }

  #retry(attempt: Attempt): void {
    const again = this.#stopped ? undefined : this.#retries(attempt);
    if (again === undefined) return;
    this.#agenda.again(again);
    this.#alarm.soon();
  }

  #begin(due: Due, nowMs: number): void {
    const { number, phase, dueMs, tries = 0, signed } = due;
    const { plan } = this.#options;
    const endpoint = this.#choices.endpointOf(number);
    const ending = this.#choices.endingOf(number);
    const how = plan.endings[ending] ?? { share: 1, kind: 'close', code: 1000 };
    const identity = { number, phase, dueMs, tries, endpoint, ending, signed };
    const attempt = new Attempt(this, identity, how);
    this.tally.offered(phase);
    this.#slots.add(attempt);
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
    this.#slots.remove(attempt);
    this.tally.unsent(attempt.phase, 'late');
    this.#teller.tell(attempt);
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
    if (attempt === undefined || !this.#deleting.delete(number)) return;
    attempt.deleted(told);
    if (!told) this.#enqueue(this.#closings, attempt);
  }

  #stop(): void {
    this.#stopped = true;
    this.#agenda.clear();
    this.#slots.each((attempt) => this.#wind(attempt));
    this.#alarm.soon();
  }

  #wind(attempt: Attempt): void {
    if (attempt.state === 'open') this.#end(attempt);
    else if (attempt.state === 'connecting' || attempt.state === 'asked') attempt.cut();
  }

  #turn(): void {
    if (this.#isDone) return;
    const nowMs = this.#options.now();
    this.#serve(nowMs);
    const isBusy = this.#startDue();
    if (this.#agenda.nextMs === Infinity && this.#isQuiet()) this.#finish();
    else this.#sleep(isBusy);
  }

  #serve(nowMs: number): void {
    this.#answers.drain(nowMs, (slot, serial) => this.#slots.at(slot, serial)?.timeOut());
    this.#holds.drain(nowMs, (slot, serial) => {
      const attempt = this.#slots.at(slot, serial);
      if (attempt !== undefined) this.#end(attempt);
    });
    const cut = (slot: number, serial: number): void => {
      const attempt = this.#slots.at(slot, serial);
      if (attempt !== undefined && attempt.state !== 'silent') attempt.cut();
    };
    this.#closings.drain(nowMs, cut);
    this.#deletions.drain(nowMs, cut);
    if (this.wiring.isChatty) this.#chatter.speak(nowMs);
  }

  // True while more is due than may be started at once.
  #startDue(): boolean {
    for (let started = 0; started < MOST_AT_ONCE; started += 1) {
      const nowMs = this.#options.now();
      const due = this.#agenda.take(nowMs + TOLERANCE_MS);
      if (due === undefined) return false;
      this.#begin(due, nowMs);
    }
    return true;
  }

  // What is due sooner than the engine meant to look wakes it sooner.
  #enqueue(queue: DueQueue, { slot, serial }: Attempt, nowMs = this.#options.now()): void {
    queue.add(nowMs, slot, serial);
    this.#alarm.before(queue.nextMs, nowMs);
  }

  // Nobody is left but those that stay silent, as long as anyone does.
  #isQuiet(): boolean {
    return this.#slots.live === this.#silent.size;
  }

  #finish(): void {
    this.#slots.each((attempt) => attempt.cut());
    if (this.#slots.live > 0) return;
    this.#isDone = true;
    this.flush();
    this.#options.report({ kind: 'done' });
  }

  #sleep(isBusy: boolean): void {
    const nextMs = Math.min(
      this.#agenda.nextMs,
      this.#answers.nextMs,
      this.#holds.nextMs,
      this.#closings.nextMs,
      this.#deletions.nextMs,
      this.#chatter.nextMs,
    );
    const { now, plan } = this.#options;
    const isSpinning =
      isBusy || (plan.precise && this.#agenda.hasArrivals) || this.#isSigning(nextMs);
    this.#alarm.after(Math.min(1000, nextMs - now()), isSpinning);
  }

  #isSigning(nextMs: number): boolean {
    if (!this.wiring.isSigning) return false;
    return signAhead(nextMs, { agenda: this.#agenda, wiring: this.wiring, ...this.#choices });
  }
}
