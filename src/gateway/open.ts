// Opens a connection: writes the 101, puts the tap between socket and ws, and wires what follows.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { systemCodeOf } from '../base/errors.ts';
import type { Api } from './api.ts';
import { type Connection, trackConnection } from './connection.ts';
import { deliverDisconnect } from './disconnect.ts';
import type { ConnectionFacts, Ending } from './event.ts';
import { FrameTap } from './frame-tap.ts';
import { type FrameHead, OPCODE } from './frame-walker.ts';
import { responseHead } from './http-answer.ts';
import { FRAME_BYTES } from './limits.ts';
import { handleMessage } from './message.ts';
import { type HeaderField, headerValues, type RequestHead } from './request-head.ts';

/** What is needed to open a connection. */
export interface Opening {
  readonly socket: Duplex;
  /** What the client sent after its request; read once the 101 is written. */
  readonly early: () => Buffer;
  readonly head: RequestHead;
  readonly facts: ConnectionFacts;
  readonly subprotocol: string | undefined;
}

/** Writes the 101; from then on the connection exists and can be addressed. */
export function openConnection(api: Api, opening: Opening): void {
  let connection: Connection | undefined;
  const { behaviour } = api;
  let violated = false;
  const admit = (head: FrameHead): boolean => {
    // After a violation only the client's answer to our close frame still matters.
    if (violated) return head.opcode === OPCODE.close;
    const ending = behaviour.judgeFrame(head);
    if (ending === undefined) return true;
    violated = true;
    connection?.close(ending.code, ending.reason);
    return false;
  };
  const tap = new FrameTap(opening.socket, {
    clock: api.clock,
    admit,
    outgoing: behaviour.outgoing,
  });
  const webSocket = upgrade(api, tap, opening);
  connection = trackConnection(webSocket, opening.facts, {
    clock: api.clock,
    idleTimeoutMs: api.config.IdleTimeoutInMillis,
    maxDurationMs: api.config.MaxDurationInMillis,
    goingAway: behaviour.goingAway,
    onEnd: (ending) => {
      api.connections.delete(opening.facts.connectionId);
      void deliverDisconnect(api, opening.facts, ending);
    },
  });
  api.connections.set(opening.facts.connectionId, connection);
  wire(api, webSocket, connection);
  tap.start(opening.early());
}

/** The close code that a frame earns: 1009 when it is too long, 1003 when it is binary. */
export function judgeFrame(head: FrameHead): Ending | undefined {
  if (head.opcode <= OPCODE.binary && head.length > FRAME_BYTES) return { code: 1009, reason: '' };
  if (head.opcode === OPCODE.binary) return { code: 1003, reason: '' };
  return undefined;
}

function wire(api: Api, webSocket: WebSocket, connection: Connection): void {
  webSocket.on('message', (data: Buffer, isBinary: boolean) => {
    connection.touch();
    void handleMessage(api, connection, { text: data.toString('utf8'), isBinary });
  });
  webSocket.on('ping', () => connection.touch());
  webSocket.on('error', (error) => {
    const code = VIOLATIONS[systemCodeOf(error) ?? ''] ?? (isProtocolError(error) ? 1002 : 1006);
    connection.endedBy({ code, reason: '' });
  });
}

const VIOLATIONS: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_INVALID_UTF8: 1007,
};

function isProtocolError(error: unknown): boolean {
  return systemCodeOf(error)?.startsWith('WS_ERR_') === true;
}

// ws checks the request again and would choose a subprotocol by itself. It is given a request that it
// has nothing against, and the lines it wants to write are replaced by ours.
function upgrade(api: Api, tap: FrameTap, { head, subprotocol }: Opening): WebSocket {
  const { behaviour, clock, webSockets } = api;
  const [key = ''] = headerValues(head, 'sec-websocket-key');
  const [offeredSubprotocols] = headerValues(head, 'sec-websocket-protocol');
  const acceptance = { key, subprotocol, wallMs: clock.wallMs(), offeredSubprotocols };
  const fields: readonly HeaderField[] = behaviour.acceptanceFields(acceptance);
  webSockets.once('headers', (lines) => {
    const text = responseHead(behaviour.acceptanceStatus, fields).slice(0, -'\r\n\r\n'.length);
    lines.splice(0, lines.length, ...text.split('\r\n'));
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
