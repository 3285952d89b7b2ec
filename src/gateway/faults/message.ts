// Faults of messages: which route they take, what integrations are told, what is sent back.
import { isJsonObject } from '../../base/json.ts';
import type { Behaviour } from '../behaviour.ts';
import type { Connection } from '../connection.ts';
import type { MessageReply } from '../message.ts';
import { parseQuietly } from '../route-selection.ts';
import { changeContext, type Fault, without } from './fault.ts';

const STAYS_OPEN = [
  'message/no-route#stays-open',
  'message/integration-error#stays-open',
  'message/integration-timeout#stays-open',
  'message/model#stays-open',
];

/** Faults of messages. */
export const MESSAGE_FAULTS: readonly Fault[] = [
  {
    name: 'no-forbidden-frame',
    description: 'says nothing about a message without a route',
    breaks: ['message/no-route#forbidden-frame', 'message/no-route#names-the-connection'],
    change: silentAbout('no-route'),
  },
  {
    name: 'error-frames-without-ids',
    description: 'error frames hold nothing but the message',
    breaks: [
      'message/no-route#forbidden-frame',
      'message/no-route#names-the-connection',
      'message/integration-error#error-frame',
      'message/integration-error#names-the-connection',
      'message/integration-timeout#error-frame',
      'message/model#error-frame',
      'message/model#names-the-connection',
    ],
    change: (correct) => ({
      errorFrame: (...asked) => without(correct.errorFrame(...asked), ...IDS),
    }),
  },
  {
    name: 'closes-after-an-error-frame',
    description: 'closes with 1011 after an error frame',
    breaks: [
      ...STAYS_OPEN,
      'message/model#goes-no-further',
      'message/no-route#nobody-else-is-called',
    ],
    change: (correct) => ({
      reply: (connection, reply, frame) => {
        correct.reply(connection, reply, frame);
        if (reply.kind === 'error') {
          connection.close({ code: 1011, reason: '', cause: 'violation' });
        }
      },
    }),
  },
  {
    name: 'first-route-takes-the-rest',
    description: 'without $default, a message without a route goes to the first one of its own',
    breaks: [
      'message/no-route#forbidden-frame',
      'message/no-route#names-the-connection',
      'message/no-route#nobody-else-is-called',
    ],
    change: (correct) => ({
      routeKeyOf: (api, text) =>
        correct.routeKeyOf(api, text) ??
        Object.keys(api.Routes).find((key) => !key.startsWith('$')),
    }),
  },
  {
    name: 'no-error-frame-for-a-failure',
    description: 'says nothing about a message whose integration failed',
    breaks: [
      'message/integration-error#error-frame',
      'message/integration-error#names-the-connection',
    ],
    change: silentAbout('failed'),
  },
  {
    name: 'tells-the-error-of-the-function',
    description: 'the error frame holds what the integration threw',
    breaks: ['message/integration-error#error-frame'],
    change: (correct) => ({
      judgeMessage: (outcome, route) => {
        const reply = correct.judgeMessage(outcome, route);
        if (outcome.kind !== 'failed' || reply?.kind !== 'error') return reply;
        return { ...reply, message: outcome.errorMessage };
      },
    }),
  },
  {
    name: 'no-error-frame-for-a-timeout',
    description: 'says nothing about a message whose integration took too long',
    breaks: [
      'message/integration-timeout#error-frame',
      'message/integration-timeout#not-before-the-timeout',
      'message/integration-timeout#soon-after-the-timeout',
    ],
    change: silentAbout('timed-out'),
  },
  {
    name: 'impatient-with-messages',
    description: 'gives the integration of a message half of its time',
    breaks: ['message/integration-timeout#not-before-the-timeout'],
    change: () => ({ messageTimeoutMs: (configuredMs) => configuredMs / 2 }),
  },
  {
    name: 'patient-with-messages',
    description: 'gives the integration of a message five seconds more than configured',
    breaks: ['message/integration-timeout#soon-after-the-timeout'],
    change: () => ({ messageTimeoutMs: (configuredMs) => configuredMs + 5000 }),
  },
  {
    name: 'ignores-models',
    description: 'does not hold messages against the model of their route',
    breaks: [
      'message/model#error-frame',
      'message/model#names-the-connection',
      'message/model#goes-no-further',
    ],
    change: () => ({ fitsModel: () => true }),
  },
  {
    name: 'model-error-names-the-request',
    description: 'the error frame of a model has a requestId instead of a messageId',
    breaks: ['message/model#error-frame'],
    change: (correct) => ({
      errorFrame: (connection, reply, occasion) => {
        const frame = correct.errorFrame(connection, reply, occasion);
        if (reply.cause !== 'model') return frame;
        return { ...without(frame, 'messageId'), requestId: occasion.requestId };
      },
    }),
  },
  {
    name: 'sends-unasked-responses',
    description: 'sends what an integration returns although the route has no route response',
    breaks: ['message/one-way#nothing-is-sent'],
    change: (correct) => ({
      judgeMessage: (outcome, route) =>
        correct.judgeMessage(outcome, { ...route, RouteResponseSelectionExpression: '$default' }),
    }),
  },
  {
    name: 'drops-route-responses',
    description: 'does not send what an integration returns, also with a route response',
    breaks: ['message/two-way#body-is-sent'],
    change: (correct) => ({
      reply: (connection, reply, frame) => {
        if (reply.kind === 'error') correct.reply(connection, reply, frame);
      },
    }),
  },
  {
    name: 'demands-json',
    description: 'finds no route for a message that is not JSON',
    breaks: [
      'message/routing#takes-its-route',
      'message/largest#delivered-whole',
      'message/largest-frame#delivered-whole',
      'authorizer/called-once#not-for-messages',
      'authorizer/context#in-message',
      'subprotocol/not-in-message-events#no-headers',
    ],
    change: (correct) => ({
      routeKeyOf: (api, text) =>
        parseQuietly(text) === undefined ? undefined : correct.routeKeyOf(api, text),
    }),
  },
  {
    name: 'demands-a-known-key',
    description: 'finds no route for JSON whose key no route has, whatever $default says',
    breaks: [
      'message/event#its-shape',
      'message/event#own-message-id',
      'message/event#own-request-id',
      'message/event#same-connected-at',
      'message/integration-error#error-frame',
      'message/integration-error#stays-open',
      'message/routing#takes-its-route',
      'message/fragments#one-message',
      'message/post-while-handled#arrives-meanwhile',
      'message/two-way#body-is-sent',
      'message/event#same-source-ip',
      'message/event#same-stage',
    ],
    change: (correct) => ({
      routeKeyOf: (api, text) => {
        const key = correct.routeKeyOf(api, text);
        return key === '$default' && parseQuietly(text) !== undefined ? undefined : key;
      },
    }),
  },
  {
    name: 'everything-to-default',
    description: 'sends every message to $default where there is one',
    breaks: [
      'message/routing#takes-its-route',
      'message/model#error-frame',
      'message/model#goes-no-further',
      'message/model#names-the-connection',
    ],
    change: (correct) => ({
      routeKeyOf: (api, text) =>
        Object.hasOwn(api.Routes, '$default') ? '$default' : correct.routeKeyOf(api, text),
    }),
  },
  {
    name: 'knows-inherited-names-as-routes',
    description: 'finds no integration for an action such as constructor, which every object has',
    breaks: ['message/routing#takes-its-route'],
    change: (correct) => ({
      routeKeyOf: (api, text) => {
        const message = parseQuietly(text);
        const action = isJsonObject(message) ? message['action'] : undefined;
        const inherited = typeof action === 'string' && action in {};
        return inherited ? undefined : correct.routeKeyOf(api, text);
      },
    }),
  },
  {
    name: 'reads-messages-as-latin-1',
    description: 'hands the text of messages to integrations as if it were Latin-1',
    breaks: ['message/routing#takes-its-route'],
    change: (correct) => ({
      handleMessage: (api, connection, message) => {
        const body = Buffer.from(message.body).toString('latin1');
        return correct.handleMessage(api, connection, { ...message, body });
      },
    }),
  },
  {
    name: 'headers-on-messages',
    description: 'MESSAGE events carry the headers of the handshake',
    breaks: ['message/event#its-shape', 'subprotocol/not-in-message-events#no-headers'],
    change: (correct) => ({
      messageEvent: (facts, message, occasion) => {
        const { headers, multiValueHeaders } = correct.connectEvent(facts, occasion);
        return { ...correct.messageEvent(facts, message, occasion), headers, multiValueHeaders };
      },
    }),
  },
  {
    name: 'connected-when-the-message-came',
    description: 'connectedAt of a MESSAGE event is the time of the message',
    breaks: ['message/event#same-connected-at'],
    change: messageContext((_context, { epochMs }) => ({ connectedAt: epochMs })),
  },
  {
    name: 'request-id-of-the-connection',
    description: 'all messages of a connection have the same requestId',
    breaks: ['message/event#own-request-id'],
    change: messageContext(({ connectionId }) => ({
      requestId: connectionId,
      extendedRequestId: connectionId,
    })),
  },
  {
    name: 'message-id-of-the-connection',
    description: 'all messages of a connection have the same messageId',
    breaks: ['message/event#own-message-id'],
    change: messageContext(({ connectionId }) => ({ messageId: connectionId })),
  },
  {
    name: 'posts-wait-for-the-handler',
    description: 'what is posted to a connection is sent when the handler of its message has ended',
    breaks: ['message/post-while-handled#arrives-meanwhile'],
    change: queuedPosts,
  },
  {
    name: 'busy-connections-are-gone',
    description: '@connections does not find a connection whose message is being handled',
    breaks: [
      'message/post-while-handled#post-is-accepted',
      'message/post-while-handled#arrives-meanwhile',
    ],
    change: (correct) => {
      const busy = new Set<Connection>();
      return {
        handleMessage: async (api, connection, message) => {
          busy.add(connection);
          await correct.handleMessage(api, connection, message);
          busy.delete(connection);
        },
        findConnection: (...asked) => {
          const found = correct.findConnection(...asked);
          return found === undefined || busy.has(found) ? undefined : found;
        },
      };
    },
  },
];

const IDS = ['connectionId', 'requestId', 'messageId'];

function silentAbout(
  cause: Extract<MessageReply, { kind: 'error' }>['cause'],
): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({
    reply: (connection, reply, frame) => {
      if (reply.kind === 'body' || reply.cause !== cause) correct.reply(connection, reply, frame);
    },
  });
}

type Event = ReturnType<Behaviour['messageEvent']>;
type Occasion = Parameters<Behaviour['messageEvent']>[2];

function messageContext(
  change: (context: Event, occasion: Occasion) => Event,
): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({
    messageEvent: (facts, message, occasion) =>
      changeContext(correct.messageEvent(facts, message, occasion), (context) => ({
        ...context,
        ...change(context, occasion),
      })),
  });
}

function queuedPosts(correct: Behaviour): Partial<Behaviour> {
  const running = new Map<Connection, Promise<void>>();
  return {
    handleMessage: async (api, connection, message) => {
      const handled = correct.handleMessage(api, connection, message);
      running.set(connection, handled);
      await handled;
      running.delete(connection);
    },
    postTo: (connection, body) => {
      const handled = running.get(connection);
      if (handled === undefined) return correct.postTo(connection, body);
      void handled.then(() => correct.postTo(connection, body));
      return true;
    },
  };
}
