// One invocation that waits for its answer, and the HTTP exchange it waits on.
import type { ServerResponse } from 'node:http';
import type { ProbeAnswer, ProbeInvocation } from './contract.ts';

/** An invocation that has arrived and has not been answered. */
export interface Arrival {
  readonly invocation: ProbeInvocation;
  /** When the whole request body had been read, on the listener's clock. */
  readonly atUs: number;
  /** Aborts when the caller goes, or the listener closes, before the answer was handed over. */
  readonly gone: AbortSignal;
  /**
   * Writes the answer. True once it has been handed to the operating system, false when the caller
   * had gone. Only the first call writes.
   */
  answer(answer: ProbeAnswer): Promise<boolean>;
}

/** Writes one answer; resolves to whether it was handed over. */
export type WriteAnswer = (response: ServerResponse, answer: ProbeAnswer) => Promise<boolean>;

/** An arrival as the listener sees it. */
export interface OpenArrival extends Arrival {
  /** Gives up on it: the caller gets 503. */
  refuse(): void;
  /** Resolves when it has been answered, refused or abandoned. */
  readonly settled: Promise<void>;
}

/** Makes an arrival of a request whose body has been read. */
export function createArrival(options: {
  readonly invocation: ProbeInvocation;
  readonly atUs: number;
  readonly response: ServerResponse;
  readonly write: WriteAnswer;
}): OpenArrival {
  const { invocation, atUs, response, write } = options;
  const gone = new AbortController();
  let answered = false;
  const settled = new Promise<void>((resolve) => {
    const end = (): void => {
      if (!answered) gone.abort();
      resolve();
    };
    if (response.destroyed) end();
    else response.once('close', end);
  });
  const answer = async (value: ProbeAnswer): Promise<boolean> => {
    if (answered || gone.signal.aborted) return false;
    answered = true;
    return write(response, value);
  };
  const refuse = (): void => {
    if (answered) return;
    gone.abort();
    writeJson(response, 503, { v: 1, error: 'the runner is closing' }).catch(() => undefined);
  };
  return { invocation, atUs, gone: gone.signal, answer, refuse, settled };
}

/** Ends `response` with a JSON body; true once it was handed over, false when the caller had gone. */
export function writeJson(
  response: ServerResponse,
  status: number,
  value: unknown,
): Promise<boolean> {
  const body = JSON.stringify(value);
  return writeBody(response, status, { 'content-type': 'application/json' }, body);
}

/** Ends `response` with this body; true once it was handed over, false when the caller had gone. */
export function writeBody(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body: string | Uint8Array,
): Promise<boolean> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve(false);
    const { socket } = response;
    // `finish` also comes when the connection was lost while writing; looked at before Node's own
    // listener, which ends the socket itself.
    response.prependOnceListener('finish', () => resolve(socket?.destroyed === false));
    response.once('close', () => resolve(false));
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.statusCode = status;
    response.setHeader('content-length', Buffer.byteLength(body));
    response.end(body);
  });
}
