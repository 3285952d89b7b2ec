// One way in which a server misbehaves, and what the instrument must make of it.
import type { Socket } from 'node:net';
import type { Pair } from '../../support/certificate.ts';
import {
  type Deviation,
  frame,
  type HandServer,
  type Request,
  startHandServer,
  startSocketServer,
} from '../../support/hand-server.ts';

/** A server that misbehaves. */
export interface Misbehaviour {
  /** `pair`: a certificate for localhost that nobody trusts. */
  readonly start: (pair: Pair) => Promise<Pick<HandServer, 'url' | 'stop'>>;
  /** `verdict check: message` of the three checks, as `findingLines` gives them. */
  readonly findings: readonly [opens: string, hello: string, ends: string];
  /** Exit code. */
  readonly code: number;
  /** It sends as much as is taken: run in a process of its own, whose memory is measured. */
  readonly pours: boolean;
}

const REQUEST = ', T after the request';

/** It never opened: why, and how TCP ended. */
export function unopened(why: string, ended: string): Misbehaviour['findings'] {
  return [
    `failed opens: ${why}`,
    `failed hello: no message came; ${why}`,
    `failed ends: ${why}; ${ended}`,
  ];
}

/** A 101 that no client may accept. */
export function invalid(violation: string, ended: string): Misbehaviour['findings'] {
  return unopened(`the answer was 101 Switching Protocols (${violation})${REQUEST}`, ended);
}

/** Bytes that are no HTTP. */
export const NOT_HTTP = unopened(
  `the answer was not HTTP${REQUEST}`,
  'the client began to close with RST',
);

/** Nobody was reached. */
export function unreachable(why: string): Misbehaviour['findings'] {
  return [`errored opens: ${why}`, `errored hello: ${why}`, `errored ends: ${why}`];
}

/** It opened. */
export function opened(hello: string, ends: string): Misbehaviour['findings'] {
  return [`passed opens: the answer was 101 Switching Protocols${REQUEST}`, hello, ends];
}

/** It opened, and the client failed the connection. */
export function violates(what: string): Misbehaviour['findings'] {
  return opened(
    `failed hello: no message came; the server broke the protocol: ${what}`,
    'failed ends: the client began to close with a close frame',
  );
}

/** A row of a table: findings, exit code, server. */
export function row(
  findings: Misbehaviour['findings'],
  code: number,
  start: Misbehaviour['start'],
): Misbehaviour {
  return { findings, code, start, pours: false };
}

/** The same of a server that sends as much as is taken. */
export function bomb(
  findings: Misbehaviour['findings'],
  code: number,
  start: Misbehaviour['start'],
): Misbehaviour {
  return { findings, code, start, pours: true };
}

/** Answers the first bytes of a client, whatever they are. */
export function onBytes(act: (socket: Socket) => void): Misbehaviour['start'] {
  return () =>
    startSocketServer((socket) => {
      socket.once('data', () => act(socket));
      socket.on('end', () => socket.end());
    });
}

/** Acts as soon as TCP stands. */
export function onConnect(act: (socket: Socket) => void): Misbehaviour['start'] {
  return () => startSocketServer(act);
}

/** Writes these bytes as its answer, and keeps the connection open. */
export function says(bytes: string | Buffer): Misbehaviour['start'] {
  return onBytes((socket) => void socket.write(bytes, 'latin1'));
}

/** Changes the right 101. */
export function changes(
  change: (right: string, request: Request) => string | Buffer,
): Misbehaviour['start'] {
  return () => startHandServer({ answer: (request, right) => change(right, request) });
}

/** Answers with a right 101 and something else about the connection. */
export function deviates(deviation: Deviation): Misbehaviour['start'] {
  return () => startHandServer(deviation);
}

/** A right 101 with these bytes behind it, in one segment. */
export function opensWith(...bytes: readonly (string | Buffer)[]): Misbehaviour['start'] {
  return deviates({ behind101: () => Buffer.concat(bytes.map((one) => Buffer.from(one))) });
}

/** Writes what `next` gives as fast as the client takes it, without end. */
export function pours(next: (n: number) => Buffer): (socket: Socket) => void {
  return (socket) => {
    let n = 0;
    const pour = (): void => {
      while (socket.writable && socket.write(next(n++))) {
        // Until the kernel has enough.
      }
      if (socket.writable) socket.once('drain', () => setImmediate(pour));
    };
    pour();
  };
}

/** Writes one byte every `everyMs`, without end. */
export function drips(byte: (n: number) => number, everyMs = 50): (socket: Socket) => void {
  return (socket) => {
    let n = 0;
    const timer = setInterval(() => {
      if (socket.writable) socket.write(Buffer.from([byte(n++)]));
      else clearInterval(timer);
    }, everyMs);
    socket.on('close', () => clearInterval(timer));
  };
}

/** A text at once, then one character again and again. */
export function dripsAfter(text: string, character: string): (socket: Socket) => void {
  return (socket) => {
    socket.write(text, 'latin1');
    drips(() => character.charCodeAt(0))(socket);
  };
}

/** `hello`, which the check `hello` waits for. */
export const HELLO = frame(1, 'hello');
