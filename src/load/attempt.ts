// One attempt on the wire: dials, asks, is answered, is held, ends. When, is decided by its engine.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { systemCodeOf } from '../base/errors.ts';
import type { Asked, JudgedAnswer } from '../wire/answer-memo.ts';
import { judgeBytes } from '../wire/answer-memo.ts';
import { closePayloadText, OPCODE } from '../wire/frame.ts';
import { createFrameDecoder, type DecoderEvent, type FrameDecoder } from '../wire/frame-decoder.ts';
import type { HeadParser } from '../wire/http-head.ts';
import type { AttemptIdentity } from './attempt-record.ts';
import { AttemptSocket } from './attempt-socket.ts';
import type { Dialler } from './dial-endpoint.ts';
import { failureKind, isOwnLimit } from './failure-kind.ts';
import type { LoadEnding } from './plan.ts';
import { createRefusal, type Refusal, takeBody } from './refusal-body.ts';
import type { SignedParts } from './request-signer.ts';
import type { Wiring } from './wiring.ts';

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

// Ports taken by someone else, one after the other, before it is called a lack of ports.
const MOST_PORTS = 64;

/** An attempt that has not begun. */
export class Attempt extends AttemptSocket implements Dialler {
  readonly #host: AttemptHost;
  readonly #how: LoadEnding;
  #ports = 0;
  #signed: SignedParts | undefined;
  #asked: Asked | undefined;
  #parser: HeadParser | undefined;
  #decoder: FrameDecoder | undefined;
  #refusal: Refusal | undefined;

  constructor(host: AttemptHost, identity: AttemptIdentity, how: LoadEnding) {
    super(host.wiring, identity);
    this.#host = host;
    this.#how = how;
    this.#signed = identity.signed;
  }

  start(): void {
    this.startMs = this.now();
    this.dial(this, this.#how.kind === 'reset');
  }

  /** No answer in time. */
  timeOut(): void {
    if (this.state !== 'connecting' && this.state !== 'asked') return;
    this.outcome = 'timeout';
    this.failure = 'timeout';
    this.destroy();
  }

  /** Ends an open connection as its ending says. */
  end(): void {
    if (this.state !== 'open') return;
    this.state = 'closing';
    this.closingMs = this.now();
    switch (this.#how.kind) {
      case 'close':
        this.#closeWith(this.#how);
        break;
      case 'fin':
        this.endedByClient('fin');
        this.socket?.end();
        break;
      case 'reset':
        this.endedByClient('reset');
        this.reset();
        break;
      case 'silence':
        this.endedByUs = true;
        this.state = 'silent';
        this.socket?.pause();
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
    if (wasTold || this.state !== 'closing' || this.closedBy !== undefined) return;
    this.#closeWith({ code: 1000 });
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
    this.reset();
  }

  /** Sends a frame while it is open; its payload as latin1 text. */
  send(opcode: number, payload: string): boolean {
    if (this.state !== 'open') return false;
    this.write(opcode, payload);
    return true;
  }

  connected(socket: Socket | TLSSocket): void {
    this.connectedMs = this.now();
    if (this.wiring.isChatty) socket.setNoDelay(true);
    this.#ask(socket);
  }

  secured(socket: TLSSocket): void {
    this.securedMs = this.now();
    this.#host.secured(socket.isSessionReused());
    this.#ask(socket);
  }

  #ask(socket: Socket | TLSSocket): void {
    const { text, asked } = this.wiring.request(this.endpoint, this.number, this.#signed);
    this.#signed = undefined;
    this.#asked = asked;
    this.state = 'asked';
    if (this.#how.kind === 'abort') {
      socket.write(text, 'latin1', () => this.#abort());
    } else {
      socket.write(text, 'latin1');
    }
    this.sentMs = this.now();
  }

  // The server has the request, and nobody waits for the answer.
  #abort(): void {
    if (this.state !== 'asked') return;
    this.outcome = 'aborted';
    this.closingMs = this.now();
    this.endedByClient('fin');
    this.destroy();
  }

  read(bytes: Buffer): void {
    if (this.state === 'asked') this.#readAnswer(bytes);
    else if (this.state === 'refused') this.#readBody(bytes);
    else if (this.state === 'open' || this.state === 'closing') {
      for (const event of this.#decode(bytes)) this.#take(event);
    }
  }

  #readAnswer(bytes: Buffer): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    const nowMs = this.now();
    if (Number.isNaN(this.firstByteMs)) this.firstByteMs = nowMs;
    const answer =
      this.#parser === undefined
        ? this.wiring.memos[this.endpoint]?.read(bytes, asked)
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
    if (rest.length > 0) this.read(Buffer.from(rest));
  }

  #invalid(): void {
    this.outcome = 'invalid';
    this.failure = 'protocol';
    this.#host.answered(this);
    this.destroy();
  }

  #refuse(answer: JudgedAnswer): void {
    this.outcome = 'refused';
    this.state = 'refused';
    this.#host.answered(this);
    this.#refusal = createRefusal(answer);
    this.#readBody(Buffer.from(answer.rest));
  }

  #readBody(bytes: Buffer): void {
    if (this.#refusal !== undefined && takeBody(this.#refusal, bytes)) this.destroy();
  }

  // One whole frame needs no decoder of its own: most servers only ever answer a close frame.
  #decode(bytes: Buffer): readonly DecoderEvent[] {
    const whole = this.#decoder === undefined ? this.wiring.wholeFrame(bytes) : undefined;
    if (whole !== undefined) return whole;
    this.#decoder ??= createFrameDecoder();
    return this.#decoder.push(Buffer.from(bytes));
  }

  #take(event: DecoderEvent): void {
    if (event.kind === 'message') this.#host.heard('message');
    else if (event.kind === 'violation') this.#fail(event.closeCode);
    else if (event.frame.opcode === OPCODE.ping)
      this.send(OPCODE.pong, latin1(event.frame.payload));
    else if (event.frame.opcode === OPCODE.pong) this.#host.heard('pong');
    else if (event.frame.opcode === OPCODE.close) this.#takeClose(event.frame.close?.code ?? 1005);
  }

  #takeClose(code: number): void {
    this.closeCode = code;
    if (this.closedBy !== undefined) return;
    this.endedByServer('close-frame', this.now());
    this.write(OPCODE.close, closePayloadText(code === 1005 ? undefined : code));
    this.wiring.closing(this);
  }

  // The server does what RFC 6455 forbids: "the client MUST _Fail the WebSocket Connection_".
  #fail(code: number): void {
    if (this.state !== 'open' && this.state !== 'closing') return;
    this.failure = 'protocol';
    if (this.closedBy === undefined) {
      this.closingMs = this.now();
      this.closedBy = 'client';
      this.closedHow = 'close-frame';
      this.state = 'closing';
      this.write(OPCODE.close, closePayloadText(code));
    }
    this.socket?.destroySoon();
  }

  #closeWith({ code, reason }: Pick<LoadEnding, 'code' | 'reason'>): void {
    this.endedByClient('close-frame');
    const said = reason ?? this.wiring.reasonOf(this.endpoint, this.number);
    this.write(OPCODE.close, closePayloadText(code, said));
  }

  failed(socket: Socket | TLSSocket, error: Error): void {
    if (socket !== this.socket) return;
    const kind = failureKind(systemCodeOf(error) ?? 'unknown');
    if (this.state === 'connecting') {
      const { sources } = this.wiring;
      this.#ports += 1;
      if (kind === 'local-ports' && sources !== undefined && this.#ports < MOST_PORTS) {
        this.socket = undefined;
        socket.destroy();
        this.dial(this, this.#how.kind === 'reset');
        return;
      }
      this.outcome = isOwnLimit(kind) ? 'unsent' : 'unreachable';
      if (this.failure === '') this.failure = kind;
    } else if (this.state === 'asked') {
      this.dropped(kind);
    } else if (this.state === 'open' || this.state === 'closing') {
      if (this.closedBy !== undefined) return;
      this.closeCode = 1006;
      this.endedByServer(kind === 'reset' ? 'reset' : 'fin', this.now());
    }
  }

  closed(socket: Socket | TLSSocket): void {
    if (socket !== this.socket || this.state === 'ended') return;
    if (this.state === 'asked' && this.failure === '') this.dropped('closed');
    if (this.state === 'connecting' && this.failure === '') this.failure = 'closed';
    this.closedMs = this.now();
    this.state = 'ended';
    this.socket = undefined;
    if (this.#refusal !== undefined) {
      this.#host.refused(this, this.#refusal.answer, this.#refusal.body);
    }
    this.#host.ended(this);
  }
}

function latin1(payload: Uint8Array): string {
  return Buffer.from(payload).toString('latin1');
}
