// One bounded HTTP/1.1 request on a connection of its own: what management calls need, over the same
// dial and head parser as the handshake. Follows no redirect, keeps no connection, redacts nothing:
// that is for whoever keeps the answer.
import type { Clock } from '../base/clock.ts';
import { messageOf, systemCodeOf } from '../base/errors.ts';
import { UNREADABLE } from './answer.ts';
import { type PhaseDeadline, startDeadline } from './deadline.ts';
import { deferred } from './deferred.ts';
import { dial, isDialFailure, type Line, type TlsOptions } from './dial.ts';
import type { Violation } from './handshake.ts';
import { type BodyReader, createBodyReader } from './http-body.ts';
import { createHeadParser, type ParsedHead } from './http-head.ts';
import type { Route } from './route.ts';
import type { ConnectFailure, HeaderField, Phase } from './transcript.ts';
import { mergeHeaders, type RequestHeader } from './upgrade-request.ts';
import { type Place, placeOf } from './url.ts';

/** A request. */
export interface HttpRequestOptions {
  /** `http:` or `https:` (`ws:` and `wss:` alike). */
  readonly url: string;
  readonly method: string;
  /** Path and query as it stands on the request line. @default those of the URL */
  readonly target?: string | undefined;
  /** `Host`, `Connection: close` and `Content-Length` are added, or replaced by one given here. */
  readonly headers: readonly RequestHeader[];
  /** Text is sent as UTF-8. */
  readonly body?: string | Uint8Array | undefined;
  readonly clock: Clock;
  /** For all of it, in milliseconds. */
  readonly deadlineMs: number;
  readonly tls?: TlsOptions | undefined;
  /** Overrides of DNS, and proxies. @default the straight way */
  readonly route?: Route | undefined;
}

/** An answer, whatever its status. */
export interface HttpAnswer {
  readonly outcome: 'answered';
  readonly status: number;
  readonly phrase: string;
  readonly headers: readonly HeaderField[];
  /** At most 256 KiB. */
  readonly body: Buffer;
  /** True when the body was longer, ended early, or had bad chunks. */
  readonly incomplete: boolean;
  readonly violations: readonly Violation[];
}

/** Why there is none: as for a connection, or `invalid` for bytes that are not a readable answer. */
export interface HttpFailure {
  readonly outcome: ConnectFailure['outcome'] | 'invalid';
  readonly failure: {
    readonly phase: Phase;
    /** A system or OpenSSL code, or `DEADLINE`, `FIN`, `URL_INVALID`, or a violation. */
    readonly code: string;
    readonly message: string;
  };
}

// Longest body kept, in bytes.
const MAX_BODY_BYTES = 256 * 1024;

/** Sends a request and reads its answer. Never rejects. */
export async function httpRequest(options: HttpRequestOptions): Promise<HttpAnswer | HttpFailure> {
  const place = placeOf(options.url);
  if (place === undefined) {
    const message = 'the URL is not one of http:, https:, ws:, wss:';
    return failed('unreachable', 'dns', 'URL_INVALID', message);
  }
  const result = deferred<HttpAnswer | HttpFailure>();
  const deadline = startDeadline(options.clock, { totalMs: options.deadlineMs }, (phase) => {
    const message = `no complete answer after ${options.deadlineMs} ms`;
    result.resolve(failed('timeout', phase, 'DEADLINE', message));
  });
  const dialing = dial(
    {
      host: place.host,
      port: place.port,
      secure: place.secure,
      tls: options.tls,
      route: options.route,
    },
    {
      phase: (phase) => deadline.enter(phase),
      resolved: () => {},
      connected: () => {},
      secured: () => {},
    },
  );
  const begin = async (): Promise<void> => {
    const line = await dialing.line;
    if (isDialFailure(line)) result.resolve({ outcome: 'unreachable', failure: line });
    else new Exchange(options, deadline, (settled) => result.resolve(settled)).run(line, place);
  };
  void begin();
  const settled = await result.promise;
  deadline.stop();
  dialing.cancel();
  return settled;
}

class Exchange {
  readonly #options: HttpRequestOptions;
  readonly #resolve: (result: HttpAnswer | HttpFailure) => void;
  readonly #deadline: PhaseDeadline;
  readonly #parser = createHeadParser();
  #phase: Phase = 'request';
  #head: ParsedHead | undefined;
  #body: BodyReader | undefined;

  constructor(
    options: HttpRequestOptions,
    deadline: PhaseDeadline,
    resolve: (result: HttpAnswer | HttpFailure) => void,
  ) {
    this.#options = options;
    this.#deadline = deadline;
    this.#resolve = resolve;
  }

  run({ socket }: Line, place: Place): void {
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('end', () => this.#end('FIN', 'the server closed the connection'));
    socket.on('error', (error) => this.#end(systemCodeOf(error) ?? 'UNKNOWN', messageOf(error)));
    socket.on('close', () => this.#end('CLOSED', 'the connection ended'));
    this.#enter('request');
    socket.write(encodeRequest(this.#options, place), () => {
      if (this.#phase === 'request') this.#enter('firstByte');
    });
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#deadline.enter(phase);
  }

  #read(bytes: Buffer): void {
    if (this.#phase !== 'head') this.#enter('head');
    if (this.#body === undefined) {
      for (const parsed of this.#parser.push(bytes)) this.#takeHead(parsed);
    } else {
      this.#body.push(bytes);
    }
    if (this.#body?.done === true) this.#answer();
  }

  #takeHead(parsed: ParsedHead): void {
    if (parsed.kind === 'interim') return;
    const unreadable = parsed.violations.find((violation) => UNREADABLE.has(violation));
    if (unreadable !== undefined) {
      const message = `the answer cannot be read: ${unreadable}`;
      this.#resolve(failed('invalid', this.#phase, unreadable, message));
      return;
    }
    this.#head = parsed;
    this.#body = createBodyReader(parsed.head, this.#options.method, MAX_BODY_BYTES);
    this.#body.push(parsed.rest);
  }

  #end(code: string, message: string): void {
    if (this.#body === undefined) {
      this.#resolve(failed('dropped', this.#phase, code, message));
      return;
    }
    // Only FIN is the end of a body that has no other.
    if (code === 'FIN') this.#body.end();
    this.#answer();
  }

  #answer(): void {
    if (this.#head === undefined || this.#body === undefined) return;
    const { head, violations } = this.#head;
    const { status, phrase, headers } = head;
    const { bytes: body, state } = this.#body.result();
    const incomplete = state !== 'complete';
    const answer = { status, phrase, headers, body, incomplete, violations };
    this.#resolve({ outcome: 'answered', ...answer });
  }
}

function failed(
  outcome: HttpFailure['outcome'],
  phase: Phase,
  code: string,
  message: string,
): HttpFailure {
  return { outcome, failure: { phase, code, message } };
}

function encodeRequest(options: HttpRequestOptions, { url }: Place): Buffer {
  const { method, target = `${url.pathname}${url.search}`, headers } = options;
  const body = Buffer.from(options.body ?? '');
  const own: HeaderField[] = [
    ['Host', url.host],
    ['Connection', 'close'],
  ];
  const hasBody = options.body !== undefined || method === 'POST' || method === 'PUT';
  if (hasBody) own.push(['Content-Length', String(body.length)]);
  const lines = mergeHeaders(own, headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
  return Buffer.concat([Buffer.from(head, 'utf8'), body]);
}
