// Faults of $disconnect and of the closing handshake.
import type { JsonObject } from '../../base/json.ts';
import type { Behaviour } from '../behaviour.ts';
import type { Closure } from '../event.ts';
import { encodeServerFrame, type OutgoingFrame } from '../frame-tap.ts';
import { OPCODE } from '../frame-walker.ts';

import { type IntegrationOutcome, readProxyResponse } from '../integration.ts';
import { changeContext, type Fault, without } from './fault.ts';

/** Faults of $disconnect and of the closing handshake. */
export const DISCONNECT_FAULTS: readonly Fault[] = [
  {
    name: 'drops-disconnect-after-reset',
    description: 'does not invoke $disconnect after a TCP reset',
    breaks: [
      'disconnect/follows-every-ending#after-the-close',
      'disconnect/follows-every-ending#its-shape',
      'disconnect/churn#told-after-reset',
    ],
    change: silentAfter('reset'),
  },
  {
    name: 'drops-disconnect-after-fin',
    description: 'does not invoke $disconnect after a FIN without close frame',
    breaks: [
      'disconnect/follows-every-ending#after-the-close',
      'disconnect/follows-every-ending#its-shape',
      'disconnect/churn#told-after-fin',
    ],
    change: silentAfter('fin'),
  },
  {
    name: 'drops-disconnect-after-clean-close',
    description: "does not invoke $disconnect after a client's close frame",
    breaks: [
      'integration/http-parameters#connection-id',
      'integration/route-selection#disconnect-is-called',
      'integration/template-context#connected-at',
      'integration/template-context#connection-id',
      'integration/template-context#identity',
      'integration/template-context#place',
      'integration/template-context#stage',
      'disconnect/follows-every-ending#after-the-close',
      'disconnect/follows-every-ending#its-shape',
      'disconnect/event#delivered',
      'disconnect/event#code-and-reason',
      'disconnect/event#headers',
      'disconnect/event#no-query',
      'disconnect/event#same-connection-id',
      'disconnect/event#same-api',
      'disconnect/event#same-stage',
      'disconnect/event#same-domain-name',
      'disconnect/event#same-connected-at',
      'disconnect/event#same-identity',
      'disconnect/event#after-connect',
      'disconnect/without-a-code#code-and-text',
      'authorizer/context#in-disconnect',
      'api-key/connect-only#disconnect-comes',
      'api-key/connect-only#header-is-empty',
      'disconnect/churn#told-after-a-close-frame',
      'disconnect/tab-closed#code-and-reason',
      'disconnect/post-from-handler#it-is-being-handled',
    ],
    change: silentAfter('close-frame'),
  },
  {
    name: 'no-disconnect-after-delete',
    description: 'does not invoke $disconnect after DELETE @connections',
    breaks: [
      'disconnect/follows-every-ending#after-the-close',
      'disconnect/follows-every-ending#its-shape',
      'disconnect/server-delete#delivered',
      'disconnect/server-delete#code-and-reason',
      'disconnect/churn-deleted#told-after-deletion',
    ],
    change: silentAfter('delete'),
  },
  {
    name: 'no-disconnect-after-violation',
    description: 'does not invoke $disconnect when it has closed the connection with 1003 or 1009',
    breaks: ['disconnect/follows-a-violation#told'],
    change: silentAfter('violation'),
  },
  {
    name: 'no-disconnect-code',
    description: 'disconnectStatusCode and disconnectReason are missing',
    breaks: [
      'disconnect/follows-every-ending#its-shape',
      'disconnect/event#code-and-reason',
      'disconnect/without-a-code#code-and-text',
      'disconnect/server-delete#code-and-reason',
      'disconnect/tab-closed#code-and-reason',
      'duration/idle#code-and-reason',
    ],
    change: (correct) => ({
      disconnectEvent: (...asked) =>
        changeContext(correct.disconnectEvent(...asked), (context) =>
          without(context, 'disconnectStatusCode', 'disconnectReason'),
        ),
    }),
  },
  {
    name: 'full-headers-on-disconnect',
    description: 'DISCONNECT events carry all headers of the handshake',
    breaks: ['disconnect/event#headers', 'api-key/connect-only#header-is-empty'],
    change: (correct) => ({
      disconnectEvent: (facts, ending, occasion) => {
        const { headers, multiValueHeaders } = correct.connectEvent(facts, occasion);
        return { ...correct.disconnectEvent(facts, ending, occasion), headers, multiValueHeaders };
      },
    }),
  },
  {
    name: 'query-on-disconnect',
    description: 'DISCONNECT events carry the query parameters of the handshake',
    breaks: ['disconnect/event#no-query'],
    change: (correct) => ({
      disconnectEvent: (facts, ending, occasion) => {
        const { queryStringParameters, multiValueQueryStringParameters } = correct.connectEvent(
          facts,
          occasion,
        );
        const query = { queryStringParameters, multiValueQueryStringParameters };
        return { ...correct.disconnectEvent(facts, ending, occasion), ...query };
      },
    }),
  },
  {
    name: 'no-identity-on-disconnect',
    description: 'DISCONNECT events have no identity',
    breaks: [
      'integration/template-context#identity',
      'disconnect/event#same-identity',
      'disconnect/follows-every-ending#its-shape',
    ],
    change: (correct) => ({
      disconnectEvent: (...asked) =>
        changeContext(correct.disconnectEvent(...asked), (context) => without(context, 'identity')),
    }),
  },
  {
    name: 'empty-close-is-1000',
    description: 'reports a close frame without code as 1000 without reason',
    breaks: ['disconnect/without-a-code#code-and-text'],
    change: (correct) => ({
      clientEnding: (code, reason) =>
        code === 1005 ? { code: 1000, reason: '' } : correct.clientEnding(code, reason),
    }),
  },
  {
    name: 'no-close-answer',
    description: "does not answer a client's close frame, and ends TCP",
    breaks: [
      'disconnect/code-and-reason#close-is-answered',
      'disconnect/answer-is-ignored#close-unchanged',
      'rfc6455-handshake/close#answered-with-a-close-frame',
      'rfc6455-handshake/empty-close#answered-with-a-close-frame',
      'disconnect/no-disconnect-route#closes-cleanly',
    ],
    change: () => ({ outgoing: closeAnswers(() => []) }),
  },
  {
    name: 'answers-close-with-1000',
    description: "answers a client's close frame with 1000, whatever its code",
    breaks: ['disconnect/code-and-reason#close-is-answered'],
    change: () => ({ outgoing: closeAnswers(() => [closeFrame(1000)]) }),
  },
  {
    name: 'answers-close-with-1015',
    description: "answers a client's close frame with 1015, which may never be sent",
    breaks: [
      'rfc6455-handshake/close#code-may-be-sent',
      'disconnect/code-and-reason#close-is-answered',
      'disconnect/answer-is-ignored#close-unchanged',
      'disconnect/no-disconnect-route#closes-cleanly',
    ],
    change: () => ({ outgoing: closeAnswers(() => [closeFrame(1015)]) }),
  },
  {
    name: 'answers-close-with-1005',
    description: "answers a client's close frame with 1005, which may never be sent",
    breaks: [
      'rfc6455-handshake/close#code-is-not-1005',
      'disconnect/code-and-reason#close-is-answered',
      'disconnect/answer-is-ignored#close-unchanged',
      'disconnect/no-disconnect-route#closes-cleanly',
    ],
    change: () => ({ outgoing: closeAnswers(() => [closeFrame(1005)]) }),
  },
  {
    name: 'answers-close-with-999',
    description: "answers a client's close frame with 999, of the range that is not used",
    breaks: [
      'rfc6455-handshake/close#code-is-used',
      'disconnect/code-and-reason#close-is-answered',
      'disconnect/answer-is-ignored#close-unchanged',
      'disconnect/no-disconnect-route#closes-cleanly',
    ],
    change: () => ({ outgoing: closeAnswers(() => [closeFrame(999)]) }),
  },
  {
    name: 'answers-close-with-half-a-code',
    description: "answers a client's close frame with one byte in place of a code",
    breaks: [
      'rfc6455-handshake/close#no-half-code',
      'disconnect/code-and-reason#close-is-answered',
      'disconnect/answer-is-ignored#close-unchanged',
      'disconnect/no-disconnect-route#closes-cleanly',
    ],
    change: () => ({
      outgoing: closeAnswers(() => [encodeServerFrame(OPCODE.close, Buffer.from([3]))]),
    }),
  },
  {
    name: 'waits-for-disconnect-handler',
    description: "answers a client's close frame when the $disconnect integration has ended",
    breaks: [
      'disconnect/slow-handler#closed-meanwhile',
      'duration/silence#not-before-the-timeout',
      'duration/silence#soon-after-the-timeout',
    ],
    change: (correct) => ({
      // The answer may come late without anybody giving up.
      closeTimeoutMs: LATE_MS,
      outgoing: closeAnswers(async (frame, { tell }) => {
        await tell(closureOf(frame, correct));
        return [frame.head, frame.payload];
      }),
    }),
  },
  {
    name: 'failed-disconnect-closes-1011',
    description: 'waits for the $disconnect integration and closes with 1011 when it fails',
    breaks: [
      'disconnect/answer-is-ignored#close-unchanged',
      'disconnect/slow-handler#closed-meanwhile',
      'duration/silence#not-before-the-timeout',
      'duration/silence#soon-after-the-timeout',
    ],
    change: (correct) => ({
      closeTimeoutMs: LATE_MS,
      outgoing: closeAnswers(async (frame, { tell }) => {
        const outcome = await tell(closureOf(frame, correct));
        return hasFailed(outcome) ? [closeFrame(1011)] : [frame.head, frame.payload];
      }),
    }),
  },
  {
    name: 'disconnect-to-default',
    description: 'without a $disconnect route $default is told that a connection has ended',
    breaks: ['disconnect/no-disconnect-route#nobody-is-told'],
    change: (correct) => ({
      deliverDisconnect: (api, facts, closure) => {
        const { $default, $disconnect = $default } = api.config.Routes;
        const Routes = { ...api.config.Routes, ...($disconnect && { $disconnect }) };
        return correct.deliverDisconnect(
          { ...api, config: { ...api.config, Routes } },
          facts,
          closure,
        );
      },
    }),
  },
  {
    name: 'no-disconnect-route-closes-1011',
    description: 'without a $disconnect route the close frame is answered with 1011',
    breaks: [
      'disconnect/no-disconnect-route#closes-cleanly',
      'duration/silence#not-before-the-timeout',
      'duration/silence#soon-after-the-timeout',
      'disconnect/slow-handler#closed-meanwhile',
    ],
    change: (correct) => ({
      closeTimeoutMs: LATE_MS,
      outgoing: closeAnswers(async (frame, { tell }) => {
        const outcome = await tell(closureOf(frame, correct));
        return outcome === undefined ? [closeFrame(1011)] : [frame.head, frame.payload];
      }),
    }),
  },
  {
    name: 'disconnect-of-another-stage',
    description: 'DISCONNECT events name the stage $default',
    breaks: ['disconnect/event#same-stage'],
    change: disconnectSaying({ stage: '$default' }),
  },
  {
    name: 'disconnect-of-another-api',
    description: 'DISCONNECT events name an API that is not there',
    breaks: ['disconnect/event#same-api'],
    change: disconnectSaying({ apiId: 'local' }),
  },
  {
    name: 'disconnect-of-another-domain',
    description: 'DISCONNECT events have localhost as domainName',
    breaks: ['disconnect/event#same-domain-name'],
    change: disconnectSaying({ domainName: 'localhost' }),
  },
  {
    name: 'going-away-is-abnormal',
    description: 'reports a close frame with 1001 as 1006',
    breaks: ['disconnect/tab-closed#code-and-reason'],
    change: (correct) => ({
      clientEnding: (code, reason) => correct.clientEnding(code === 1001 ? 1006 : code, reason),
    }),
  },
  {
    name: 'accepts-binary-frames',
    description: 'routes binary messages to $default and stays open',
    breaks: ['disconnect/binary-frame#closed-with-1003', 'disconnect/binary-frame#not-delivered'],
    change: (correct) => ({
      frameJudge: () => {
        const judge = correct.frameJudge();
        return (head) =>
          judge(head.opcode === OPCODE.binary ? { ...head, opcode: OPCODE.text } : head);
      },
    }),
  },
];

const LATE_MS = 60_000;

type Outgoing = NonNullable<Behaviour['outgoing']>;

function silentAfter(cause: Closure['cause']): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({
    deliverDisconnect: async (api, facts, closure) =>
      closure.cause === cause ? undefined : correct.deliverDisconnect(api, facts, closure),
  });
}

function disconnectSaying(said: JsonObject): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({
    disconnectEvent: (...asked) =>
      changeContext(correct.disconnectEvent(...asked), (context) => ({ ...context, ...said })),
  });
}

// Only the close frame that answers the client's; those that the gateway begins with stay right.
function closeAnswers(change: Outgoing): Outgoing {
  return (frame, context) =>
    frame.opcode === OPCODE.close && context.answersClose
      ? change(frame, context)
      : [frame.head, frame.payload];
}

function closeFrame(code: number): Buffer {
  return encodeServerFrame(OPCODE.close, Buffer.from([code >> 8, code & 0xff]));
}

// The answer repeats what the client has sent.
function closureOf({ payload }: OutgoingFrame, correct: Behaviour): Closure {
  const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
  return { ...correct.clientEnding(code, payload.toString('utf8', 2)), cause: 'close-frame' };
}

function hasFailed(outcome: IntegrationOutcome | undefined): boolean {
  if (outcome?.kind !== 'returned') return outcome !== undefined;
  const status = readProxyResponse(outcome.value)?.status ?? 500;
  return status < 200 || status > 299;
}
