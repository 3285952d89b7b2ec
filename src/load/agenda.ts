// What is due next: the attempts of a schedule in their order, and those that are made again. Attempts of the near
// future can be prepared while there is nothing else to do.

import type { SignedParts } from './request-signer.ts';
import type { Arrival } from './schedule.ts';

/** An attempt that is due. */
export interface Due extends Arrival {
  /** How often it was tried before. @default 0 */
  readonly tries?: number;
  /** Signed before it was due. */
  readonly signed?: SignedParts | undefined;
}

/** The attempts of one worker that have not begun. */
export interface Agenda {
  /** When the next one is due; Infinity without any. */
  readonly nextMs: number;
  /** The schedule goes on. */
  readonly hasArrivals: boolean;
  /** Takes what is due by then; attempts that are made again come first. */
  take(byMs: number): Due | undefined;
  /** One more, which no schedule has. */
  again(due: Due): void;
  /** Nothing more is due. */
  clear(): void;
  /** Prepares the next one of the schedule that is not; false when there are enough. */
  prepare(sign: (arrival: Arrival) => SignedParts | undefined): boolean;
}

// So many are prepared at most: about two megabytes.
const MOST_PREPARED = 2048;

/** The agenda of a schedule. */
export function createAgenda(arrivals: Generator<Arrival, void>): Agenda {
  return new ScheduleAgenda(arrivals);
}

class ScheduleAgenda implements Agenda {
  readonly #arrivals: Generator<Arrival, void>;
  #next: Arrival | undefined;
  // What was taken from the schedule before its time; `#next` is the first of them while there are any.
  #prepared: { readonly arrival: Arrival; readonly signed: SignedParts | undefined }[] = [];
  #head = 0;
  #again: Due[] = [];

  constructor(arrivals: Generator<Arrival, void>) {
    this.#arrivals = arrivals;
    this.#next = this.#draw();
  }

  get nextMs(): number {
    return Math.min(this.#next?.dueMs ?? Infinity, this.#again[0]?.dueMs ?? Infinity);
  }

  get hasArrivals(): boolean {
    return this.#next !== undefined;
  }

  take(byMs: number): Due | undefined {
    const [again] = this.#again;
    if (again !== undefined && again.dueMs <= byMs) return this.#again.shift();
    const next = this.#next;
    if (next === undefined || next.dueMs > byMs) return undefined;
    const signed = this.#advance();
    return signed === undefined ? next : { ...next, signed };
  }

  again(due: Due): void {
    this.#again.push(due);
    this.#again.sort((a, b) => a.dueMs - b.dueMs);
  }

  clear(): void {
    this.#next = undefined;
    this.#prepared = [];
    this.#head = 0;
    this.#again = [];
  }

  prepare(sign: (arrival: Arrival) => SignedParts | undefined): boolean {
    const isFirst = this.#prepared.length === this.#head;
    if (this.#next === undefined || this.#prepared.length - this.#head >= MOST_PREPARED) {
      return false;
    }
    const arrival = isFirst ? this.#next : this.#draw();
    if (arrival === undefined) return false;
    this.#prepared.push({ arrival, signed: sign(arrival) });
    return true;
  }

  // Goes on to the next one, and returns what was prepared for this one.
  #advance(): SignedParts | undefined {
    const signed = this.#prepared[this.#head]?.signed;
    if (this.#head < this.#prepared.length) this.#head += 1;
    this.#next = this.#prepared[this.#head]?.arrival ?? this.#draw();
    if (this.#head >= MOST_PREPARED) {
      this.#prepared = this.#prepared.slice(this.#head);
      this.#head = 0;
    }
    return signed;
  }

  #draw(): Arrival | undefined {
    return this.#arrivals.next().value ?? undefined;
  }
}
