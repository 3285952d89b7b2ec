// One attempt on the wire: dials, asks, is answered, is held, ends. It decides nothing about when: its engine
// tells it to end, and is told what came of it.
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { systemCodeOf } from '../base/errors.ts';
import type { LoadAttempt, LoadOutcome } from '../result/load-attempt.ts';
import type { Asked, JudgedAnswer } from '../wire/answer-memo.ts';
import { judgeBytes } from '../wire/answer-memo.ts';
import { closePayloadText, OPCODE } from '../wire/frame.ts';
import { createFrameDecoder, type DecoderEvent, type FrameDecoder } from '../wire/frame-decoder.ts';
import { headerValues } from '../wire/header-list.ts';
import type { HeadParser } from '../wire/http-head.ts';
import { failureKind, isOwnLimit } from './failure-kind.ts';
import { own, ownConnect, type SocketOwner } from './owned-socket.ts';
import type { LoadEnding } from './plan.ts';
import type { SignedParts } from './request-signer.ts';
import type { Wiring } from './wiring.ts';

/** Where an attempt is; `silent`: it is never read from nor written to again. */
export type AttemptState =
  | 'connecting'
  | 'asked'
  | 'refused'
  | 'open'
  | 'closing'
  | 'silent'
  | 'ended';

/** What an engine hears. */
export interface AttemptHost {
  readonly wiring: Wiring;
  answered(attempt: Attempt): void;
  /** Nothing more happens to it on the wire. */
  ended(attempt: Attempt): void;
  heard(what: 'message' | 'pong'): void;
  secured(reused: boolean): void;
  /** The refusal as it was read; `body` as far as it came. */
  refused(attempt: Attempt, answer: JudgedAnswer, body: Buffer): void;
}

/** Which attempt it is. */
export interface AttemptIdentity {
  readonly number: number;
  readonly phase: number;
  readonly endpoint: number;
  readonly ending: number;
  readonly dueMs: number;
  /** How often it was tried before. */
  readonly tries: number;
  /** Signed before it was due. */
  readonly signed?: SignedParts | undefined;
}

// Ports that are taken by someone else, one after the other, before it is called a lack of ports.
const MOST_PORTS = 64;
const BODY_BYTES = 1024;

/** An attempt that has not begun. */
export class Attempt implements LoadAttempt, SocketOwner {
  readonly number: number;
  readonly phase: number;
  readonly endpoint: number;
  readonly ending: number;
  readonly dueMs: number;
  readonly tries: number;
  slot = -1;
  serial = -1;
  state: AttemptState = 'connecting';
  outcome: LoadOutcome = 'unreachable';
  /** Why there was no answer. */
  failure = '';
  status = 0;
  subprotocol: string | undefined = undefined;
  startMs = Number.NaN;
  connectedMs = Number.NaN;
  securedMs = Number.NaN;
  sentMs = Number.NaN;
  firstByteMs = Number.NaN;
  answeredMs = Number.NaN;
  closingMs = Number.NaN;
  closedMs = Number.NaN;
  closedBy: 'client' | 'server' | undefined = undefined;
  closedHow: 'close-frame' | 'fin' | 'reset' | undefined = undefined;
  closeCode: number | undefined = undefined;
  endedByUs = false;
  readonly #host: AttemptHost;
  readonly #how: LoadEnding;
  #socket: Socket | TLSSocket | undefined;
  // TCP under TLS, where it was dialled apart.
  #under: Socket | undefined;
  #ports = 0;
  #signed: SignedParts | undefined;
  #asked: Asked | undefined;
  #parser: HeadParser | undefined;
  #decoder: FrameDecoder | undefined;
  #refusal: { readonly answer: JudgedAnswer; body: Buffer; left: number } | undefined;

  constructor(host: AttemptHost, identity: AttemptIdentity, how: LoadEnding) {
    this.#host = host;
    this.#how = how;
    this.number = identity.number;
    this.phase = identity.phase;
    this.endpoint = identity.endpoint;
    this.ending = identity.ending;
    this.dueMs = identity.dueMs;
    this.tries = identity.tries;
    this.#signed = identity.signed;
  }

  start(): void {
    this.startMs = this.#now();
    this.#dial();
  }

  /** No answer in time. */
  timeOut(): void {
    if (this.state !== 'connecting' && this.state !== 'asked') return;
    this.outcome = 'timeout';
    this.failure = 'timeout';
    this.#destroy();
  }

  /** Ends an open connection as its ending says. */
  end(): void {
    if (this.state !== 'open') return;
    this.state = 'closing';
    this.closingMs = this.#now();
    switch (this.#how.kind) {
      case 'close':
        this.#closeWith(this.#how);
        break;
      case 'fin':
        this.#endedWith('fin');
        this.#socket?.end();
        break;
      case 'reset':
        this.#endedWith('reset');
        this.#reset();
        break;
      case 'silence':
        this.endedByUs = true;
        this.state = 'silent';
        this.#socket?.pause();
        break;
      case 'deleteConnection':
        // The server may close before its management API has answered.
        this.endedByUs = true;
        break;
      case 'abort':
        break;
    }
  }

  /** The backend was told to end it, or could not be. */
  deleted(wasTold: boolean): void {
    if (this.state !== 'closing' || this.closedBy !== undefined) return;
    if (!wasTold) this.#closeWith({ code: 1000 });
  }

  /** Takes too long to end, or the load is over: ends TCP now. */
  cut(): void {
    if (this.state === 'ended') return;
    if (this.closedBy === undefined && this.outcome === 'opened') {
      this.closedBy = 'client';
      this.closedHow = 'reset';
    }
    if (this.state === 'connecting' || this.state === 'asked') {
      this.outcome = 'aborted';
      this.failure = 'interrupted';
    }
    this.#reset();
  }

  /** Sends a frame while it is open; its payload as latin1 text. */
  send(opcode: number, payload: string): boolean {
    if (this.state !== 'open') return false;
    this.#write(opcode, payload);
    return true;
  }

  #now(): number {
    return this.#host.wiring.now();
  }

  #dial(): void {
    const { wiring } = this.#host;
    const { tls, address, port } = wiring.endpoints[this.endpoint] ?? NOWHERE;
    const target = { host: address, port, autoSelectFamily: false, ...wiring.sources?.next() };
    if (tls === undefined) {
      const socket = new Socket(this.#options());
      this.#listen(socket);
      ownConnect(socket);
      socket.connect(target);
      return;
    }
    // A reset needs the TCP socket itself.
    const under = this.#how.kind === 'reset' ? new Socket() : undefined;
    const session = wiring.sessionOf(this.endpoint);
    const socket = connectTls({
      ...(under === undefined ? target : { socket: under.connect(target) }),
      secureContext: tls.context,
      servername: tls.servername,
      ...(tls.servername === '' ? { host: address } : {}),
      rejectUnauthorized: !tls.insecure,
      ...(session === undefined ? {} : { session }),
    });
    if (under !== undefined) this.#under = under;
    this.#listen(socket);
    if (under !== undefined) under.on('error', (error) => this.failed(socket, error));
    (under ?? socket).on('connect', () => {
      this.connectedMs = this.#now();
    });
    socket.on('secureConnect', () => this.#secured(socket));
    if (tls.resume) socket.on('session', (ticket) => wiring.keepSession(this.endpoint, ticket));
    socket.on('data', (bytes) => this.#read(bytes));
  }

  // Node takes `onread` here as well, as its documentation of net.connect says; its types do not.
  #options(): SocketConstructorOpts & { readonly onread: OnReadOpts } {
    const { buffer } = this.#host.wiring;
    return {
      onread: {
        buffer,
        callback: (length) => {
          this.#read(buffer.subarray(0, length));
          return true;
        },
      },
    };
  }

  #listen(socket: Socket | TLSSocket): void {
    this.#socket = socket;
    own(socket, this);
  }

  connected(socket: Socket | TLSSocket): void {
    this.connectedMs = this.#now();
    if (this.#host.wiring.isChatty) socket.setNoDelay(true);
    this.#ask(socket);
  }

  #secured(socket: TLSSocket): void {
    this.securedMs = this.#now();
    this.#host.secured(socket.isSessionReused());
    this.#ask(socket);
  }

  #ask(socket: Socket | TLSSocket): void {
    const { wiring } = this.#host;
    const { text, asked } = wiring.request(this.endpoint, this.number, this.#signed);
    this.#signed = undefined;
    this.#asked = asked;
    this.state = 'asked';
    if (this.#how.kind === 'abort') {
      socket.write(text, 'latin1', () => this.#abort());
    } else {
      socket.write(text, 'latin1');
    }
    this.sentMs = this.#now();
  }

  // The server has the request, and nobody waits for the answer.
  #abort(): void {
    if (this.state !== 'asked') return;
    this.outcome = 'aborted';
    this.closingMs = this.#now();
    this.endedByUs = true;
    this.closedBy = 'client';
    this.closedHow = 'fin';
    this.#destroy();
  }

  #read(bytes: Buffer): void {
    if (this.state === 'asked') this.#readAnswer(bytes);
    else if (this.state === 'refused') this.#readBody(bytes);
    else if (this.state === 'open' || this.state === 'closing') this.#readFrames(bytes);
  }

  #readAnswer(bytes: Buffer): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    const nowMs = this.#now();
    if (Number.isNaN(this.firstByteMs)) this.firstByteMs = nowMs;
    const { memos } = this.#host.wiring;
    const answer =
      this.#parser === undefined
        ? memos[this.endpoint]?.read(bytes, asked)
        : judgeBytes(this.#parser, bytes, asked);
    if (answer === undefined) return;
    if ('push' in answer) {
      this.#parser = answer;
      return;
    }
    this.answeredMs = nowMs;
    this.#asked = undefined;
    this.#parser = undefined;
    this.status = answer.head.status;
    if (this.status !== 101 && this.status >= 200) this.#refuse(answer);
    else if (answer.violations.length > 0) this.#invalid();
    else this.#open(answer);
  }

  #open({ subprotocol, rest }: JudgedAnswer): void {
    this.outcome = 'opened';
    this.subprotocol = subprotocol;
    this.state = 'open';
    this.#host.answered(this);
    if (rest.length > 0) this.#read(Buffer.from(rest));
  }

  #invalid(): void {
    this.outcome = 'invalid';
    this.failure = 'protocol';
    this.#host.answered(this);
    this.#destroy();
  }

  #refuse(answer: JudgedAnswer): void {
    this.outcome = 'refused';
    this.state = 'refused';
    this.#host.answered(this);
    const [length] = headerValues(answer.head.headers, 'content-length');
    const left = length === undefined ? Infinity : Number(length);
    this.#refusal = { answer, body: Buffer.alloc(0), left };
    this.#readBody(Buffer.from(answer.rest));
  }

  // Read to its end, so that the server never sees a reset where it was only slow.
  #readBody(bytes: Buffer): void {
    const refusal = this.#refusal;
    if (refusal === undefined) return;
    refusal.left -= bytes.length;
    if (refusal.body.length < BODY_BYTES) {
      refusal.body = Buffer.concat([refusal.body, bytes]).subarray(0, BODY_BYTES);
    }
    const isLastChunk = refusal.left === Infinity && bytes.includes('0\r\n\r\n');
    if (refusal.left <= 0 || isLastChunk) this.#destroy();
  }

  #readFrames(bytes: Buffer): void {
    for (const event of this.#decode(bytes)) this.#take(event);
  }

  // One whole frame needs no decoder of its own: most servers only ever answer a close frame.
  #decode(bytes: Buffer): readonly DecoderEvent[] {
    const isWhole =
      this.#decoder === undefined &&
      ((bytes[0] ?? 0) & 0x80) !== 0 &&
      (bytes[1] ?? 0) < 126 &&
      bytes.length === 2 + (bytes[1] ?? 0);
    if (isWhole) return this.#host.wiring.wholeFrame(bytes);
    this.#decoder ??= createFrameDecoder();
    return this.#decoder.push(Buffer.from(bytes));
  }

  #take(event: DecoderEvent): void {
    if (event.kind === 'message') this.#host.heard('message');
    else if (event.kind === 'violation') this.#fail(event.closeCode);
    else if (event.frame.opcode === OPCODE.ping) this.#pong(event.frame.payload);
    else if (event.frame.opcode === OPCODE.pong) this.#host.heard('pong');
    else if (event.frame.opcode === OPCODE.close) this.#takeClose(event.frame.close?.code ?? 1005);
  }

  #pong(payload: Uint8Array): void {
    this.send(OPCODE.pong, Buffer.from(payload).toString('latin1'));
  }

  #takeClose(code: number): void {
    this.closeCode = code;
    if (this.closedBy !== undefined) return;
    this.#endedByServer('close-frame');
    this.#write(OPCODE.close, closePayloadText(code === 1005 ? undefined : code));
    this.#host.wiring.closing(this);
  }

  // The server does what RFC 6455 forbids: "the client MUST _Fail the WebSocket Connection_".
  #fail(code: number): void {
    if (this.state !== 'open' && this.state !== 'closing') return;
    this.failure = 'protocol';
    if (this.closedBy === undefined) {
      this.closingMs = this.#now();
      this.closedBy = 'client';
      this.closedHow = 'close-frame';
      this.state = 'closing';
      this.#write(OPCODE.close, closePayloadText(code));
    }
    this.#socket?.destroySoon();
  }

  #closeWith({ code, reason }: Pick<LoadEnding, 'code' | 'reason'>): void {
    const nonce = this.#host.wiring.reasonOf(this.endpoint, this.number);
    this.#endedWith('close-frame');
    this.#write(OPCODE.close, closePayloadText(code, reason ?? nonce));
  }

  #endedWith(how: 'close-frame' | 'fin' | 'reset'): void {
    this.endedByUs = true;
    this.closedBy = 'client';
    this.closedHow = how;
  }

  #endedByServer(how: 'close-frame' | 'fin' | 'reset'): void {
    if (Number.isNaN(this.closingMs)) this.closingMs = this.#now();
    this.closedBy = 'server';
    this.closedHow = how;
    this.state = 'closing';
  }

  #write(opcode: number, payload: string): void {
    // As latin1: Node hands such a text to the kernel without keeping a buffer alive.
    this.#socket?.write(this.#host.wiring.frameText(opcode, payload), 'latin1');
  }

  // The server's FIN. Closing sends ours; Node would shut down first, and close then.
  finished(socket: Socket | TLSSocket): void {
    if (this.state === 'asked') this.#drop('closed');
    const isOpen = this.state === 'open' || this.state === 'closing';
    if (this.outcome === 'opened' && this.closedBy === undefined && isOpen) {
      this.closeCode = 1006;
      this.#endedByServer('fin');
    }
    if (socket.writableLength === 0 && !('encrypted' in socket)) socket.destroy();
  }

  failed(socket: Socket | TLSSocket, error: Error): void {
    if (socket !== this.#socket) return;
    const kind = failureKind(systemCodeOf(error) ?? 'unknown');
    if (this.state === 'connecting') {
      const { sources } = this.#host.wiring;
      this.#ports += 1;
      if (kind === 'local-ports' && sources !== undefined && this.#ports < MOST_PORTS) {
        this.#socket = undefined;
        socket.destroy();
        this.#dial();
        return;
      }
      this.outcome = isOwnLimit(kind) ? 'unsent' : 'unreachable';
      if (this.failure === '') this.failure = kind;
    } else if (this.state === 'asked') {
      this.#drop(kind);
    } else if (this.state === 'open' || this.state === 'closing') {
      if (this.closedBy !== undefined) return;
      this.closeCode = 1006;
      this.#endedByServer(kind === 'reset' ? 'reset' : 'fin');
    }
  }

  #drop(kind: string): void {
    if (this.outcome === 'timeout' || this.outcome === 'aborted') return;
    this.outcome = 'dropped';
    this.failure = kind;
  }

  closed(socket: Socket | TLSSocket): void {
    if (socket !== this.#socket || this.state === 'ended') return;
    if (this.state === 'asked' && this.failure === '') this.#drop('closed');
    if (this.state === 'connecting' && this.failure === '') this.failure = 'closed';
    this.closedMs = this.#now();
    this.state = 'ended';
    this.#socket = undefined;
    if (this.#refusal !== undefined) {
      this.#host.refused(this, this.#refusal.answer, this.#refusal.body);
    }
    this.#host.ended(this);
  }

  #destroy(): void {
    this.#socket?.destroy();
    this.#under?.destroy();
  }

  #reset(): void {
    const tcp = this.#under ?? this.#socket;
    if (tcp === undefined) return;
    if (tcp instanceof Socket && !('encrypted' in tcp) && !tcp.connecting) tcp.resetAndDestroy();
    this.#destroy();
  }
}

const NOWHERE = { address: '', port: 0, tls: undefined };
