// What is due after one fixed time, first in, first out: no timer for each. An entry is a slot and the serial of
// who was there, so that nothing is kept alive by waiting.

/** A queue of slots. */
export interface DueQueue {
  /** When the first one is due; Infinity without any. */
  readonly nextMs: number;
  add(nowMs: number, slot: number, serial: number): void;
  /** Takes what is due, in order. */
  drain(nowMs: number, take: (slot: number, serial: number) => void): void;
}

const COMPACT_AT = 4096;

/** An empty queue. */
export function createDueQueue(afterMs: number): DueQueue {
  let entries: number[] = [];
  let head = 0;
  return {
    get nextMs() {
      return entries[head] ?? Infinity;
    },
    add: (nowMs, slot, serial) => {
      entries.push(nowMs + afterMs, slot, serial);
    },
    drain: (nowMs, take) => {
      while ((entries[head] ?? Infinity) <= nowMs) {
        const slot = entries[head + 1] ?? 0;
        const serial = entries[head + 2] ?? 0;
        head += 3;
        take(slot, serial);
      }
      if (head < COMPACT_AT || head * 2 < entries.length) return;
      entries = entries.slice(head);
      head = 0;
    },
  };
}
