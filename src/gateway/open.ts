// Opens a connection: writes the 101, puts the tap between socket and ws, and wires what follows.
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { settlesWithin } from '../base/clock.ts';
import { systemCodeOf } from '../base/errors.ts';
import type { Api } from './api.ts';
import { type TrackedConnection, trackConnection } from './connection.ts';
import type { Closure, ConnectionFacts } from './event.ts';
import { FrameTap } from './frame-tap.ts';
import { type FrameHead, OPCODE } from './frame-walker.ts';
import { responseHead } from './http-answer.ts';
import type { ConnectVerdict, IntegrationOutcome } from './integration.ts';
import type { PendingSocket } from './pending.ts';

/** What is needed to open a connection. */
export interface Opening {
  readonly pending: PendingSocket;
  readonly facts: ConnectionFacts;
  readonly verdict: Extract<ConnectVerdict, { kind: 'accepted' }>;
  /**
   * For a gateway that opens before all have decided: what is known in the end, or nothing when the
   * connection must go. Until then the connection cannot be addressed and gets no $disconnect.
   */
  readonly settled?: Promise<ConnectionFacts | undefined>;
}

/** Writes the 101; from then on the connection exists and can be addressed. */
export function openConnection(api: Api, opening: Opening): void {
  const { behaviour, clock, config } = api;
  const gate = frameGate(api);
  // $disconnect at most once, whoever asks for it first.
  let told: Promise<IntegrationOutcome | undefined> | undefined;
  const tell = (closure: Closure): Promise<IntegrationOutcome | undefined> =>
    (told ??= behaviour.deliverDisconnect(api, connection.facts, closure));
  const tap = new FrameTap(opening.pending.socket, {
    clock,
    admit: gate.admit,
    outgoing:
      behaviour.outgoing &&
      ((frame) => behaviour.outgoing?.(frame, { answersClose: gate.closeReceived(), tell }) ?? []),
    incoming: behaviour.incoming?.(api, () => connection),
    endsTcp: behaviour.endsTcp,
  });
  const webSocket = upgrade(api, tap, opening);
  const connection = trackConnection(webSocket, opening.facts, {
    clock,
    idleTimeoutMs: behaviour.idleTimeoutMs(config.IdleTimeoutInMillis),
    maxDurationMs: behaviour.maxDurationMs(config.MaxDurationInMillis),
    keepsAlive: behaviour.keepsAlive,
    goingAway: behaviour.goingAway,
    onEnd: (closure, code, reason) => {
      const { connectionId } = connection.facts;
      if (api.connections.get(connectionId) === connection) api.connections.delete(connectionId);
      const ending = closure ?? clientClosure(tap, behaviour.clientEnding(code, reason));
      void afterSettling(opening, () => void tell(ending));
    },
  });
  gate.onViolation = (closure) => connection.close(closure);
  wire(api, webSocket, { connection, settled: opening.settled });
  if (opening.settled === undefined) api.connections.set(opening.facts.connectionId, connection);
  else void settle(api, connection, opening.settled);
  for (const text of behaviour.greetings(opening)) connection.send(text);
  tap.start(opening.pending.release());
}

/** What happens to a frame from the client: it passes, is skipped, or ends the connection. */
export type FrameVerdict = 'pass' | 'skip' | { readonly code: number };

/** Judges the frames of one connection: 1009 when one is too long, 1003 when it is binary. */
export function frameJudge(longest: number): (head: FrameHead) => FrameVerdict {
  return (head) => {
    if (head.opcode <= OPCODE.binary && head.length > longest) return { code: 1009 };
    return head.opcode === OPCODE.binary ? { code: 1003 } : 'pass';
  };
}

interface FrameGate {
  readonly admit: (head: FrameHead) => boolean;
  readonly closeReceived: () => boolean;
  onViolation: (closure: Closure) => void;
}

function frameGate(api: Api): FrameGate {
  const judge = api.behaviour.frameJudge();
  let violated = false;
  let closeReceived = false;
  const gate: FrameGate = {
    closeReceived: () => closeReceived,
    onViolation: () => undefined,
    admit: (head) => {
      if (head.opcode === OPCODE.close) closeReceived = true;
      // After a violation only the client's answer to our close frame still matters.
      if (violated) return head.opcode === OPCODE.close;
      const verdict = judge(head);
      if (verdict === 'pass' || verdict === 'skip') return verdict === 'pass';
      violated = true;
      gate.onViolation({ code: verdict.code, reason: '', cause: 'violation' });
      return false;
    },
  };
  return gate;
}

function clientClosure(
  tap: FrameTap,
  ending: { readonly code: number; readonly reason: string },
): Closure {
  if (ending.code !== 1006) return { ...ending, cause: 'close-frame' };
  return { ...ending, cause: tap.wasReset() ? 'reset' : 'fin' };
}

async function afterSettling({ settled }: Opening, tell: () => void): Promise<void> {
  if (settled === undefined || (await settled) !== undefined) tell();
}

async function settle(
  api: Api,
  connection: TrackedConnection,
  settled: Promise<ConnectionFacts | undefined>,
): Promise<void> {
  const facts = await settled;
  if (facts === undefined) {
    connection.close({ code: 1008, reason: '', cause: 'refused' });
    return;
  }
  connection.learn(facts);
  if (connection.isOpen()) api.connections.set(facts.connectionId, connection);
}

interface Wired {
  readonly connection: TrackedConnection;
  readonly settled: Opening['settled'];
}

// What a client sends the moment it may can overtake the $connect that was invoked before: where that is
// pending still, messages wait a little. Otherwise chance would decide what such a gateway gets wrong.
const EARLY_MS = 1200;

function wire(api: Api, webSocket: WebSocket, { connection, settled }: Wired): void {
  const { behaviour, clock } = api;
  const ready = settled && settlesWithin(clock, settled, EARLY_MS);
  webSocket.on('message', (data: Buffer, isBase64Encoded) => {
    connection.touch('message');
    const body = data.toString(isBase64Encoded ? 'base64' : 'utf8');
    const handle = (): void =>
      void behaviour.handleMessage(api, connection, { body, isBase64Encoded });
    if (ready === undefined) handle();
    else void ready.then(handle);
  });
  webSocket.on('ping', (data: Buffer) => {
    connection.touch('ping');
    behaviour.onPing(api, connection, data.toString('utf8'));
  });
  webSocket.on('error', (error) => {
    const code = violationCode(systemCodeOf(error) ?? '');
    if (code !== undefined) connection.endedBy({ code, reason: '', cause: 'violation' });
  });
}

// The close code that ws sends for each of its errors; the others are those of the socket.
function violationCode(errorCode: string): number | undefined {
  const known = VIOLATIONS[errorCode];
  return known ?? (errorCode.startsWith('WS_ERR_') ? 1002 : undefined);
}

const VIOLATIONS: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_INVALID_UTF8: 1007,
};

// ws checks the request again and would choose a subprotocol by itself. It is given a request that it
// has nothing against, and the lines it wants to write are replaced by ours.
function upgrade(api: Api, tap: FrameTap, { facts, verdict }: Opening): WebSocket {
  const { behaviour, clock, webSockets } = api;
  const { head } = facts.request;
  const { subprotocol, response } = verdict;
  const acceptance = { head, subprotocol, response, wallMs: clock.wallMs() };
  const text = responseHead(101, behaviour.acceptanceFields(acceptance));
  webSockets.once('headers', (lines) => {
    lines.splice(0, lines.length, ...text.trimEnd().split('\r\n'));
  });
  const opened: WebSocket[] = [];
  webSockets.handleUpgrade(PERFECT_REQUEST, tap, NOTHING, (webSocket) => opened.push(webSocket));
  const [webSocket] = opened;
  if (webSocket === undefined) throw new Error('ws refused a perfect request');
  return webSocket;
}

const NOTHING = Buffer.alloc(0);

// ws reads the method and these headers, and nothing else, of a request in noServer mode.
const PERFECT_REQUEST = {
  method: 'GET',
  headers: {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
  },
} as unknown as IncomingMessage;
