// What is sent while connections are open: messages and pings, each at its own interval.
import { Buffer } from 'node:buffer';
import { OPCODE } from '../wire/frame.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptSlots } from './attempt-slots.ts';
import { createDueQueue } from './due-queue.ts';
import type { LoadPlan } from './plan.ts';

/** One kind of what is sent. */
interface Talk {
  readonly queue: ReturnType<typeof createDueQueue>;
  /** False: the connection is not open any more. */
  readonly send: (attempt: Attempt) => boolean;
}

/** Sends. */
export interface Chatter {
  /** When it has something to send; Infinity: nothing. */
  readonly nextMs: number;
  opened(attempt: Attempt, nowMs: number): void;
  speak(nowMs: number): void;
}

/** What a plan sends. `onMessage`: one was sent. */
export function createChatter(
  { messages, pings }: Pick<LoadPlan, 'messages' | 'pings'>,
  { slots, onMessage }: { readonly slots: AttemptSlots; readonly onMessage: () => void },
): Chatter {
  const talks: Talk[] = [];
  if (messages !== undefined) {
    const text = Buffer.from(messages.text, 'utf8').toString('latin1');
    const send = (attempt: Attempt): boolean => {
      const isSent = attempt.send(OPCODE.text, text);
      if (isSent) onMessage();
      return isSent;
    };
    talks.push({ queue: createDueQueue(messages.everyMs), send });
  }
  if (pings !== undefined) {
    const send = (attempt: Attempt): boolean => attempt.send(OPCODE.ping, '');
    talks.push({ queue: createDueQueue(pings.everyMs), send });
  }
  return {
    get nextMs() {
      return talks.reduce((next, { queue }) => Math.min(next, queue.nextMs), Infinity);
    },
    opened: ({ slot, serial }, nowMs) => {
      for (const { queue } of talks) queue.add(nowMs, slot, serial);
    },
    speak: (nowMs) => {
      for (const { queue, send } of talks) {
        queue.drain(nowMs, (slot, serial) => {
          const attempt = slots.at(slot, serial);
          if (attempt !== undefined && send(attempt)) queue.add(nowMs, slot, serial);
        });
      }
    },
  };
}
