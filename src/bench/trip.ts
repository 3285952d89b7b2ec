// One connection of a benchmark, from dialling to its end, as marks on one clock.
import type { Connection, Handshake } from '../wire/connection.ts';
import { OPCODE, pingFrame, textFrame } from '../wire/frame.ts';
import type { WireRecord } from '../wire/transcript.ts';

/** The instants of a connection. */
export type Mark = 'dialled' | 'tcp' | 'tls' | 'asked' | 'opened' | 'message' | 'closed';

/** One attempt. */
export interface Trip {
  /** Microseconds; what it never came to is absent. */
  readonly marks: Readonly<Partial<Record<Mark, number>>>;
  /** Why it came no further: a kind, the same for all of that kind. */
  readonly failure?: string;
  /** A sentence about this one. */
  readonly detail?: string;
}

/** What the first message of an endpoint is. */
export type FirstMessage =
  /** Comes unasked. */
  | { readonly kind: 'greeting' }
  /** Answers this text, after so many that came unasked. */
  | { readonly kind: 'answer'; readonly text: string; readonly skip: number }
  /** Answers a ping. */
  | { readonly kind: 'pong' };

/** Dials an endpoint; records come as they do from `openConnection`. */
export type DialEndpoint = (onRecord: (record: WireRecord) => void) => Connection;

/** Connects, and closes by a closing handshake. */
export async function closeTrip(dial: DialEndpoint): Promise<Trip> {
  const watch = watchConnection(dial);
  const handshake = await watch.connection.answered;
  if (handshake.outcome !== 'opened') return watch.failed(handshake);
  watch.connection.close(1000);
  await watch.connection.closed;
  if (watch.isClosedCleanly()) return { marks: watch.marks };
  const { closed: _, ...marks } = watch.marks;
  return {
    marks,
    failure: 'no closing handshake',
    detail: 'the server did not answer the close frame by its own and FIN',
  };
}

/** Connects, and waits for the first message. */
export async function messageTrip(
  dial: DialEndpoint,
  first: FirstMessage,
  withinMs: number,
): Promise<Trip> {
  const watch = watchConnection(dial);
  const handshake = await watch.connection.answered;
  if (handshake.outcome !== 'opened') return watch.failed(handshake);
  const came =
    first.kind === 'pong' ? watch.pong(withinMs) : watch.messages(skipped(first) + 1, withinMs);
  if (first.kind === 'answer') watch.connection.send([textFrame(first.text)]);
  if (first.kind === 'pong') watch.connection.send([pingFrame()]);
  const atUs = await came;
  watch.connection.close(1000);
  await watch.connection.closed;
  if (atUs !== undefined) return { marks: { ...watch.marks, message: atUs } };
  const detail = `no ${first.kind === 'pong' ? 'pong' : 'message'} came within ${withinMs} ms, or the connection ended before`;
  return { marks: watch.marks, failure: 'no message', detail };
}

function skipped(first: FirstMessage): number {
  return first.kind === 'answer' ? first.skip : 0;
}

/** A connection and what was seen of it. */
export interface Watch {
  readonly connection: Connection;
  readonly marks: Readonly<Partial<Record<Mark, number>>>;
  /** How many messages have come. */
  readonly received: number;
  /** Resolves with the instant of the n-th message; undefined: it did not come. */
  messages(n: number, withinMs: number): Promise<number | undefined>;
  pong(withinMs: number): Promise<number | undefined>;
  isClosedCleanly(): boolean;
  /** Waits for the end of a handshake that went wrong. */
  failed(handshake: Handshake): Promise<Trip>;
}

/** Dials and watches. */
export function watchConnection(dial: DialEndpoint): Watch {
  const marks: Partial<Record<Mark, number>> = {};
  const messages: number[] = [];
  const pongs: number[] = [];
  let closeCame = false;
  let wasReset = false;
  let wake = (): void => {};
  const connection = dial((record) => {
    const { atUs } = record;
    switch (record.kind) {
      case 'connecting':
        marks.dialled = atUs;
        break;
      case 'tcp':
        marks.tcp = atUs;
        break;
      case 'tls':
        marks.tls = atUs;
        break;
      case 'request':
        marks.asked = atUs;
        break;
      case 'response':
        if (record.opened) marks.opened = atUs;
        break;
      case 'message':
        messages.push(atUs);
        wake();
        break;
      case 'frame':
        if (record.direction === 'in' && record.opcode === OPCODE.pong) pongs.push(atUs);
        if (record.direction === 'in' && record.opcode === OPCODE.close) closeCame = true;
        if (record.direction === 'in') wake();
        break;
      case 'reset':
        wasReset = true;
        break;
      case 'closed':
        marks.closed = atUs;
        break;
      default:
    }
  });
  let hasEnded = false;
  void connection.closed.then(() => {
    hasEnded = true;
    wake();
  });
  const come = (
    list: readonly number[],
    n: number,
    withinMs: number,
  ): Promise<number | undefined> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => settle(undefined), withinMs);
      const settle = (atUs: number | undefined): void => {
        clearTimeout(timer);
        wake = () => {};
        resolve(atUs);
      };
      wake = () => {
        if (list.length >= n || hasEnded) settle(list[n - 1]);
      };
      wake();
    });
  return {
    connection,
    marks,
    get received() {
      return messages.length;
    },
    messages: (n, withinMs) => come(messages, n, withinMs),
    pong: (withinMs) => come(pongs, 1, withinMs),
    isClosedCleanly: () => closeCame && !wasReset,
    failed: async (handshake) => {
      await connection.closed;
      const { closed: _, ...reached } = marks;
      return { marks: reached, ...reasonOf(handshake) };
    },
  };
}

function reasonOf(handshake: Handshake): Required<Pick<Trip, 'failure' | 'detail'>> {
  if ('failure' in handshake) {
    const { code, phase, message } = handshake.failure;
    return { failure: `${code} (${phase})`, detail: message };
  }
  const { status, phrase } = handshake.head;
  if (handshake.outcome === 'refused') {
    return { failure: `status ${status}`, detail: `the answer was ${status} ${phrase}`.trim() };
  }
  const wrong = handshake.violations.join(', ');
  return { failure: 'invalid answer', detail: `the answer was no valid 101: ${wrong}` };
}
