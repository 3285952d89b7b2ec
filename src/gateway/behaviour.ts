// Everything the gateway decides, in one place, so that a fault can replace one decision by a wrong
// one. The functions themselves live where their subject lives.
import { judgeAuthorizer, missingIdentity } from './authorizer.ts';
import {
  authorizerEvent,
  connectEvent,
  disconnectEvent,
  type Ending,
  messageEvent,
} from './event.ts';
import type { OutgoingFrame } from './frame-tap.ts';
import { acceptanceFields, HANDSHAKE_RULES, type HandshakeRule } from './handshake.ts';
import { isConnectionId } from './identifiers.ts';
import { judgeConnect } from './integration.ts';
import { judgeMessage, routeKeyOf } from './message.ts';
import { judgeFrame } from './open.ts';
import { type Manage, manageConnections } from './plain-http.ts';

/** The decisions of a gateway. */
export interface Behaviour {
  readonly handshakeRules: readonly HandshakeRule[];
  readonly acceptanceStatus: number;
  readonly acceptanceFields: typeof acceptanceFields;
  readonly missingIdentity: typeof missingIdentity;
  readonly authorizerEvent: typeof authorizerEvent;
  readonly judgeAuthorizer: typeof judgeAuthorizer;
  readonly connectEvent: typeof connectEvent;
  readonly judgeConnect: typeof judgeConnect;
  readonly judgeFrame: typeof judgeFrame;
  /** Changes frames on their way out; `undefined` leaves them alone. */
  readonly outgoing: ((frame: OutgoingFrame) => readonly Buffer[]) | undefined;
  readonly routeKeyOf: typeof routeKeyOf;
  readonly messageEvent: typeof messageEvent;
  readonly judgeMessage: typeof judgeMessage;
  readonly disconnectEvent: typeof disconnectEvent;
  readonly isConnectionId: typeof isConnectionId;
  readonly manage: Manage;
  /** How an idle or too old connection is closed. */
  readonly goingAway: Ending;
  /** How DELETE @connections closes a connection. */
  readonly deleted: Ending;
}

/** The behaviour of API Gateway as far as it is known. */
export const CORRECT_BEHAVIOUR: Behaviour = {
  handshakeRules: HANDSHAKE_RULES,
  acceptanceStatus: 101,
  acceptanceFields,
  missingIdentity,
  authorizerEvent,
  judgeAuthorizer,
  connectEvent,
  judgeConnect,
  judgeFrame,
  outgoing: undefined,
  routeKeyOf,
  messageEvent,
  judgeMessage,
  disconnectEvent,
  isConnectionId,
  manage: manageConnections,
  goingAway: { code: 1001, reason: 'Going away' },
  deleted: { code: 1000, reason: 'Connection Closed Normally' },
};
