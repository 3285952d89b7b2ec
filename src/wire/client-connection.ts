// The state machine of one connection over its socket. Grammar, judging, redaction and writing are
// elsewhere. Never throws and never rejects for what the other side does.
import { messageOf, systemCodeOf } from '../base/errors.ts';
import type { Redactor } from '../base/redact.ts';
import { visible } from '../base/visible.ts';
import { type AnswerEvent, type AnswerReader, createAnswerReader, UNREADABLE } from './answer.ts';
import type { Connection, ConnectionOptions, ConnectionState, Handshake } from './connection.ts';
import { type PhaseDeadline, startDeadline } from './deadline.ts';
import { type Deferred, deferred } from './deferred.ts';
import { type DialFailure, type Dialing, dial, isDialFailure, type Line } from './dial.ts';
import { closeFrame, type Frame } from './frame.ts';
import { type FrameSession, startFrameSession } from './frame-session.ts';
import { selectedExtensions, type Violation } from './handshake.ts';
import { Outlet } from './outlet.ts';
import { captureBeginning, captureHead, capturePayload, redactResponse } from './payload.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { tlsReason } from './tls.ts';
import type { ConnectFailure, Phase, ResponseHead } from './transcript.ts';
import { buildRequest, readOffer } from './upgrade-request.ts';
import { type Place, placeOf } from './url.ts';

// How long to wait for the end of TCP after either side began to close, by default.
const CLOSING_MS = 5000;

// How long to wait for the body of a refusal.
const REFUSAL_BODY_MS = 2000;

/** A connection; made by `openConnection`, which also starts it. */
export class ClientConnection implements Connection {
  readonly #options: ConnectionOptions;
  readonly #recorder: Recorder;
  readonly #deadline: PhaseDeadline;
  readonly #outlet: Outlet;
  readonly #sent: Deferred<boolean> = deferred();
  readonly #answered: Deferred<Handshake> = deferred();
  readonly #closed: Deferred<void> = deferred();
  #state: ConnectionState = 'connecting';
  #phase: Phase = 'dns';
  #dialing: Dialing | undefined;
  #answer: AnswerReader | undefined;
  #refusal: { readonly head: ResponseHead; readonly violations: readonly Violation[] } | undefined;
  #session: FrameSession | undefined;
  // What waits until the request is sent; undefined after that.
  #waiting: (() => void)[] | undefined = [];
  #cancelClosing: (() => void) | undefined;
  #cancelBody = (): void => {};
  #heard = false;
  // Nothing more is read: the connection has failed, or is being left.
  #deaf = false;

  constructor(options: ConnectionOptions) {
    const { clock, redactor, deadlines, onRecord } = options;
    this.#options = options;
    this.#recorder = createRecorder(clock, redactor, onRecord);
    this.#outlet = new Outlet(this.#recorder);
    this.#deadline = startDeadline(clock, deadlines, (phase) => this.#expire(phase));
  }

  get sent(): Promise<boolean> {
    return this.#sent.promise;
  }

  get answered(): Promise<Handshake> {
    return this.#answered.promise;
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  get state(): ConnectionState {
    const hasLeft = this.#outlet.closeSent || this.#outlet.left || this.#outlet.gone;
    return hasLeft && this.#state !== 'closed' ? 'closing' : this.#state;
  }

  /** Begins to dial. */
  start(): void {
    if (this.#outlet.gone) return;
    const place = placeOf(this.#options.url);
    if (place === undefined) {
      this.#fail('unreachable', 'URL_INVALID', 'the URL is not one of ws:, wss:, http:, https:');
      this.#finish();
      return;
    }
    const { host, port, secure } = place;
    this.#recorder.record({ kind: 'connecting', host, port, secure });
    void this.#dial(place);
  }

  pauseDeadline(): void {
    this.#deadline.pause();
  }

  resumeDeadline(): void {
    this.#deadline.resume();
  }

  send(frames: readonly Frame[]): boolean {
    return this.#whenSent(() => this.#outlet.writeFrames(frames));
  }

  sendBytes(bytes: Uint8Array): boolean {
    return this.#whenSent(() => this.#outlet.write(bytes));
  }

  close(code?: number, reason?: string, deadlineMs?: number): boolean {
    if (this.#outlet.closeSent) return false;
    return this.#whenSent(() => {
      if (this.#outlet.closeSent) return;
      this.#outlet.writeFrames([closeFrame(code, reason)]);
      this.#awaitEnd(deadlineMs);
    });
  }

  drop(how: 'fin' | 'reset' | 'silence'): boolean {
    if (how === 'reset') return this.#dropByReset();
    return this.#whenSent(() => (how === 'fin' ? this.#outlet.sendFin() : this.#fallSilent()));
  }

  dispose(): void {
    this.#recorder.mute();
    this.#fail('dropped', 'DISPOSED', 'the connection was disposed of');
    this.#dialing?.cancel();
    if (!this.#outlet.destroy()) this.#finish();
  }

  async #dial(place: Place): Promise<void> {
    const { tls, route, localAddress } = this.#options;
    const { host, port, secure, url } = place;
    this.#dialing = dial(
      { host, port, secure, tls, route, localAddress },
      {
        phase: (phase) => this.#enter(phase),
        resolved: (address) => this.#recorder.record({ kind: 'resolved', address }),
        connected: (ends) => this.#recorder.record({ kind: 'tcp', ...ends }),
        secured: (session) => this.#recorder.record({ kind: 'tls', ...session }),
      },
    );
    const line = await this.#dialing.line;
    if (this.#outlet.gone) return;
    if (isDialFailure(line)) {
      this.#phase = line.phase;
      this.#fail(outcomeOf(line, secure), line.code, line.message);
      this.#finish();
      return;
    }
    this.#attach(line);
    this.#sendRequest(line, buildRequest(url, this.#options.request));
  }

  #attach(line: Line): void {
    this.#outlet.attach(line);
    line.socket.on('data', (bytes: Buffer) => this.#read(bytes));
    line.socket.on('end', () => this.#readFin());
    line.socket.on('error', (error) => this.#lose(error));
    line.socket.on('close', () => this.#finish());
  }

  #sendRequest(line: Line, text: string): void {
    const offer = readOffer(text);
    this.#answer = createAnswerReader(offer);
    this.#enter('request');
    const raw = captureHead(Buffer.from(text, 'utf8'), this.#recorder.redactor);
    this.#recorder.record({ kind: 'request', raw, key: offer.keys[0] });
    line.socket.write(text, 'utf8', (error) => {
      if (error === null || error === undefined) this.#requestSent();
    });
  }

  #requestSent(): void {
    if (this.#outlet.gone) return;
    this.#recorder.record({ kind: 'sent' });
    this.#sent.resolve(true);
    if (this.#phase === 'request') this.#enter('firstByte');
    if (this.#state === 'connecting') this.#state = 'pending';
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const action of waiting) {
      if (this.#outlet.canWrite) action();
    }
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#deadline.enter(phase);
  }

  #read(bytes: Buffer): void {
    if (!this.#heard) {
      this.#heard = true;
      this.#recorder.record({ kind: 'firstByte' });
      this.#enter('head');
    }
    if (this.#deaf) return;
    if (this.#session !== undefined) this.#session.push(bytes);
    else this.#readAnswer(this.#answer?.push(bytes) ?? []);
  }

  #readAnswer(events: readonly AnswerEvent[]): void {
    for (const event of events) {
      if (event.kind === 'interim') this.#recordInterim(event);
      else if (event.kind === 'response') this.#takeResponse(event);
      else this.#takeBody(event);
    }
  }

  #recordInterim({ kind, head, raw }: AnswerEvent & { kind: 'interim' }): void {
    const { redactor } = this.#recorder;
    const told = { head: redactResponse(head, redactor), raw: captureHead(raw, redactor) };
    this.#recorder.record({ kind, ...told });
  }

  #takeResponse(event: AnswerEvent & { kind: 'response' }): void {
    const { outcome, violations } = event;
    const head = redactResponse(event.head, this.#recorder.redactor);
    const raw = captureHead(event.raw, this.#recorder.redactor);
    const opened = outcome === 'opened';
    this.#deadline.stop();
    this.#recorder.record({ kind: 'response', head, raw, opened, violations });
    if (outcome === 'refused') {
      this.#refusal = { head, violations };
      this.#cancelBody = this.#options.clock.after(REFUSAL_BODY_MS, () => this.#endBody(false));
      return;
    }
    this.#answered.resolve({ outcome, head, violations });
    if (opened) this.#open(event);
    else this.#leave(violations.some(isUnreadable) ? 'UNREADABLE' : undefined);
  }

  #open({ head, rest }: AnswerEvent & { kind: 'response' }): void {
    this.#state = 'open';
    // RFC 7692 section 7: RSV1 marks a compressed message.
    const compressed = selectedExtensions(head).includes('permessage-deflate');
    this.#session = startFrameSession(this.#recorder, compressed ? 4 : 0, {
      reply: (frame) => {
        if (!this.#outlet.closeSent) this.#outlet.writeFrames([frame]);
      },
      closing: () => this.#awaitEnd(),
      failed: (pours) => this.#leave(pours ? 'STREAM_LIMIT' : undefined),
    });
    this.#session.push(rest);
  }

  #takeBody({ body }: AnswerEvent & { kind: 'body' }): void {
    this.#cancelBody();
    const refusal = this.#refusal;
    if (refusal === undefined) return;
    this.#refusal = undefined;
    const answer = { outcome: 'refused', ...refusal } as const;
    if (body.bytes.length === 0) {
      this.#answered.resolve(answer);
    } else {
      const captureBody = body.state === 'cut' ? captureBeginning : capturePayload;
      const kept = captureBody(body.bytes, this.#recorder.redactor);
      this.#recorder.record({ kind: 'body', body: kept });
      this.#answered.resolve({ ...answer, body: kept });
    }
    this.#leave(body.state === 'cut' ? 'BODY_LIMIT' : undefined);
  }

  #endBody(finished: boolean): void {
    this.#readAnswer(this.#answer?.end(finished) ?? []);
  }

  // The client ends the connection by itself: politely, or at once where waiting is pointless.
  #leave(resetCode: string | undefined): void {
    this.#deaf = true;
    if (resetCode !== undefined) {
      this.#reset(resetCode);
      return;
    }
    this.#outlet.sendFin();
    this.#awaitEnd();
  }

  #readFin(): void {
    if (this.#outlet.silent) return;
    this.#recorder.record({ kind: 'fin', direction: 'in' });
    this.#endBody(true);
    this.#failUnanswered('FIN', 'the server closed the connection');
    this.#outlet.sendFin();
    this.#awaitEnd();
  }

  #lose(error: Error): void {
    if (this.#outlet.gone) return;
    this.#outlet.lose();
    const code = systemCodeOf(error) ?? 'UNKNOWN';
    this.#recorder.record({ kind: 'reset', direction: 'in', code });
    this.#endBody(false);
    this.#failUnanswered(code, messageOf(error));
  }

  #failUnanswered(code: string, message: string): void {
    if (this.#outlet.left) {
      this.#failLeft();
      return;
    }
    const seen = this.#answer?.pending() ?? Buffer.alloc(0);
    if (seen.length === 0 && code.startsWith('ERR_SSL')) {
      // TLS 1.3 tells only now that it wanted a client certificate: nobody was reached.
      this.#phase = 'tls';
      this.#fail('unreachable', code, tlsReason(message));
      return;
    }
    const after = seen.length === 0 ? '' : ` after ${quote(seen, this.#recorder.redactor)}`;
    this.#fail('dropped', code, `${message}${after}`);
  }

  #failLeft(): void {
    this.#fail('dropped', 'CLIENT_LEFT', 'the client left before there was an answer');
  }

  // Why there is no answer; nothing when there is one.
  #fail(outcome: ConnectFailure['outcome'], code: string, message: string): void {
    this.#deadline.stop();
    this.#sent.resolve(false);
    if (this.#refusal !== undefined) this.#endBody(false);
    const failure = {
      outcome,
      phase: this.#phase,
      code,
      message: this.#recorder.redactor.text(message),
    };
    if (!this.#answered.resolve({ outcome, failure })) return;
    this.#recorder.record({ kind: 'failure', ...failure });
  }

  #expire(phase: Phase): void {
    this.#phase = phase;
    this.#fail('timeout', 'DEADLINE', LATE[phase]);
    this.#reset('DEADLINE');
  }

  #whenSent(action: () => void): boolean {
    if (this.#waiting !== undefined && !this.#outlet.gone) {
      this.#waiting.push(action);
      return true;
    }
    if (!this.#outlet.canWrite) return false;
    action();
    return true;
  }

  // The first deadline counts: what the server does in between gains it no time.
  #awaitEnd(deadlineMs?: number): void {
    const { clock, deadlines } = this.#options;
    const ms = deadlineMs ?? deadlines.phasesMs?.closing ?? CLOSING_MS;
    this.#state = 'closing';
    this.#cancelClosing ??= clock.after(ms, () => {
      this.#phase = 'closing';
      this.#fail('timeout', 'DEADLINE', 'closing took too long');
      this.#reset('DEADLINE');
    });
  }

  #fallSilent(): void {
    this.#outlet.fallSilent();
    this.#deaf = true;
    this.#cancelClosing?.();
    this.#cancelBody();
    this.#failLeft();
  }

  #dropByReset(): boolean {
    if (this.#outlet.gone) return false;
    const hadSocket = this.#outlet.reset('REQUESTED');
    this.#failLeft();
    if (!hadSocket) this.#abandon();
    return true;
  }

  #reset(code: string): void {
    if (!this.#outlet.gone && !this.#outlet.reset(code)) this.#abandon();
  }

  // There is no socket whose end could be awaited.
  #abandon(): void {
    this.#dialing?.cancel();
    this.#finish();
  }

  #finish(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#outlet.lose();
    this.#cancelClosing?.();
    this.#cancelBody();
    this.#failUnanswered('CLOSED', 'the connection ended');
    this.#recorder.record({ kind: 'closed' });
    this.#closed.resolve();
  }
}

// A SYN is refused by ECONNREFUSED; ECONNRESET says that the server accepted and reset before we
// were told of the first. Which of the two we see must not decide the outcome.
function outcomeOf({ phase, code }: DialFailure, secure: boolean): 'dropped' | 'unreachable' {
  return !secure && phase === 'tcp' && code === 'ECONNRESET' ? 'dropped' : 'unreachable';
}

function isUnreadable(violation: Violation): boolean {
  return UNREADABLE.has(violation);
}

const QUOTED_BYTES = 200;

function quote(bytes: Buffer, redactor: Redactor): string {
  const text = visible(redactor.text(bytes.toString('latin1')));
  return JSON.stringify(text.length > QUOTED_BYTES ? `${text.slice(0, QUOTED_BYTES)}…` : text);
}

const LATE: Readonly<Record<Phase, string>> = {
  dns: 'the name was not resolved in time',
  tcp: 'no TCP connection was made in time',
  proxy: 'the proxy did not answer in time',
  tls: 'TLS was not completed in time',
  request: 'the request could not be written in time',
  firstByte: 'no answer came in time',
  head: 'the answer was not complete in time',
  closing: 'the connection did not end in time',
};
