// The attempts that have begun and not ended. Each has a slot, which others have had before; its serial tells them
// apart, so that a queue can name an attempt without keeping it alive.
import type { Attempt } from './attempt.ts';

/** Attempts by slot. */
export interface AttemptSlots {
  readonly live: number;
  add(attempt: Attempt): void;
  remove(attempt: Attempt): void;
  /** Undefined: it has ended. */
  at(slot: number, serial: number): Attempt | undefined;
  each(act: (attempt: Attempt) => void): void;
}

/** None yet. */
export function createAttemptSlots(): AttemptSlots {
  const slots: (Attempt | undefined)[] = [];
  const free: number[] = [];
  let serial = 0;
  let live = 0;
  return {
    get live() {
      return live;
    },
    add: (attempt) => {
      attempt.slot = free.pop() ?? slots.length;
      attempt.serial = serial;
      serial += 1;
      slots[attempt.slot] = attempt;
      live += 1;
    },
    remove: ({ slot }) => {
      slots[slot] = undefined;
      free.push(slot);
      live -= 1;
    },
    at: (slot, wanted) => {
      const attempt = slots[slot];
      return attempt?.serial === wanted ? attempt : undefined;
    },
    each: (act) => {
      for (const attempt of slots) if (attempt !== undefined) act(attempt);
    },
  };
}
