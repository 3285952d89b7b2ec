import { expect, test } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import type { Api } from '../api.ts';
import { type Behaviour, CORRECT_BEHAVIOUR } from '../behaviour.ts';
import { type ApiConfig, checkConfig, type RouteConfig } from '../config.ts';
import type { Connection } from '../connection.ts';
import type { ConnectionFacts } from '../event.ts';
import { behaviourWith, FAULTS } from '../faults.ts';
import { at, contextOf } from '../fixture/looks.ts';
import type { InvocationOutcome } from '../lambda.ts';
import type { MessageReply } from '../message.ts';
import { standIn } from './fault.ts';

const FACTS: ConnectionFacts = {
  connectionId: 'CONNECTION=',
  connectedAtMs: 1000,
  apiId: 'a',
  stage: 'dev',
  domainName: 'localhost',
  sourceIp: '127.0.0.1',
  userAgent: undefined,
  authorizer: undefined,
  apiKey: undefined,
  request: {
    head: {
      method: 'GET',
      target: '/dev',
      version: '1.1',
      headers: [['Host', 'localhost']],
    },
    traceId: 'Root=1',
    stageVariables: {},
  },
};

const OCCASION = { requestId: 'REQUEST=', epochMs: 5000 };

const ERROR_KEYS = ['message', 'connectionId', 'requestId'];
const MODEL_KEYS = ['message', 'connectionId', 'messageId'];
const ROUTES = {
  $default: {},
  own: { ModelSelectionExpression: '$default', RequestModels: { $default: 'm' } },
};
const API = apiWith(ROUTES);

test.each<readonly [string, unknown, unknown, (behaviour: Behaviour) => unknown]>([
  ['no-forbidden-frame', ['{}'], [], sent(errorOf('no-route'))],
  ['no-error-frame-for-a-failure', ['{}'], [], sent(errorOf('failed'))],
  ['no-error-frame-for-a-timeout', ['{}'], [], sent(errorOf('timed-out'))],
  ['closes-after-an-error-frame', ['{}'], ['{}', 1011], sent(errorOf('failed'))],
  ['drops-route-responses', ['hello'], [], sent({ kind: 'body', body: 'hello' })],
  ['error-frames-without-ids', ERROR_KEYS, ['message'], keysOf('failed')],
  ['model-error-names-the-request', MODEL_KEYS, ERROR_KEYS, keysOf('model')],
  ['first-route-takes-the-rest', undefined, 'own', routeOf('{"action":"x"}', ['$connect', 'own'])],
  ['demands-json', '$default', undefined, routeOf('hello')],
  ['demands-a-known-key', '$default', undefined, routeOf('{"action":"x"}')],
  ['knows-inherited-names-as-routes', '$default', undefined, routeOf('{"action":"constructor"}')],
  ['everything-to-default', 'own', '$default', routeOf('{"action":"own"}')],
  [
    'tells-the-error-of-the-function',
    'Internal server error',
    'boom',
    judged(
      { kind: 'failed', errorMessage: 'boom' },
      (reply) => reply?.kind === 'error' && reply.message,
    ),
  ],
  [
    'sends-unasked-responses',
    undefined,
    { kind: 'body', body: 'x' },
    judged({ kind: 'returned', value: { statusCode: 200, body: 'x' } }, (reply) => reply),
  ],
  ['impatient-with-messages', 8000, 4000, ({ messageTimeoutMs }) => messageTimeoutMs(8000)],
  ['patient-with-messages', 8000, 13_000, ({ messageTimeoutMs }) => messageTimeoutMs(8000)],
  ['ignores-models', false, true, ({ fitsModel }) => fitsModel(API, ownRoute(), '{}')],
  ['headers-on-messages', undefined, 'localhost', eventOf(({ headers }) => at(headers, 'Host'))],
  [
    'connected-when-the-message-came',
    1000,
    5000,
    eventOf((event) => contextOf(event)['connectedAt']),
  ],
  [
    'request-id-of-the-connection',
    'REQUEST=',
    'CONNECTION=',
    eventOf((event) => contextOf(event)['requestId']),
  ],
  [
    'message-id-of-the-connection',
    false,
    true,
    eventOf((event) => contextOf(event)['messageId'] === 'CONNECTION='),
  ],
])('%s', (fault, right, wrong, look) => {
  expect(look(CORRECT_BEHAVIOUR)).toEqual(right);
  expect(look(behaviourWith([fault]))).toEqual(wrong);
});

test('posts-wait-for-the-handler', async () => {
  const texts: unknown[] = [];
  const connection = recording(texts);
  const slow = slowBehaviour('posts-wait-for-the-handler', () => texts.push('handled'));
  expect(slow.behaviour.postTo(connection, 'before')).toBe(true);
  const handled = slow.behaviour.handleMessage(slow.api, connection, MESSAGE);
  expect(slow.behaviour.postTo(connection, 'meanwhile')).toBe(true);
  slow.end();
  await handled;
  expect(texts).toEqual(['before', 'handled', 'meanwhile']);
});

test('busy-connections-are-gone', async () => {
  const connection = recording([]);
  const slow = slowBehaviour('busy-connections-are-gone', () => undefined);
  const find = (): unknown => slow.behaviour.findConnection(slow.api, 'dev', 'CONNECTION=');
  slow.api.connections.set('CONNECTION=', connection);
  expect(find()).toBe(connection);
  const handled = slow.behaviour.handleMessage(slow.api, connection, MESSAGE);
  expect(find()).toBeUndefined();
  slow.end();
  await handled;
  expect(find()).toBe(connection);
});

const MESSAGE = { body: 'x', isBase64Encoded: false };

// A gateway whose messages are handled when the test says so.
function slowBehaviour(
  fault: string,
  onHandled: () => void,
): { readonly behaviour: Behaviour; readonly api: Api; end(): void } {
  let end = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    end = resolve;
  });
  const slow: Behaviour = {
    ...CORRECT_BEHAVIOUR,
    handleMessage: async () => {
      await gate;
      onHandled();
    },
  };
  const found = FAULTS.find(({ name }) => name === fault);
  const behaviour = { ...slow, ...found?.change(slow) };
  // Nothing else of it is looked at.
  const api = { connections: new Map(), config: API } as unknown as Api;
  return { behaviour, api, end };
}

type ErrorReply = Extract<MessageReply, { kind: 'error' }>;

function errorOf(cause: ErrorReply['cause']): ErrorReply {
  return { kind: 'error', message: 'wrong', cause };
}

// The connection keeps what is sent on it, and the code that it is closed with.
function recording(into: unknown[]): Connection {
  return { ...standIn(FACTS, (text) => into.push(text)), close: ({ code }) => into.push(code) };
}

function sent(reply: MessageReply): (behaviour: Behaviour) => unknown {
  return (behaviour) => {
    const texts: unknown[] = [];
    behaviour.reply(recording(texts), reply, {});
    return texts;
  };
}

function keysOf(cause: ErrorReply['cause']): (behaviour: Behaviour) => unknown {
  return (behaviour) => Object.keys(behaviour.errorFrame(standIn(FACTS), errorOf(cause), OCCASION));
}

function routeOf(
  text: string,
  keys: readonly string[] = ['$default', 'own'],
): (behaviour: Behaviour) => unknown {
  const api = apiWith(Object.fromEntries(keys.map((key) => [key, {}])));
  return (behaviour) => behaviour.routeKeyOf(api, text);
}

function judged(
  outcome: InvocationOutcome,
  select: (reply: MessageReply | undefined) => unknown,
): (behaviour: Behaviour) => unknown {
  return (behaviour) => select(behaviour.judgeMessage(outcome, ownRoute()));
}

function eventOf(select: (event: JsonObject) => unknown): (behaviour: Behaviour) => unknown {
  return (behaviour) =>
    select(behaviour.messageEvent(FACTS, { routeKey: 'own', ...MESSAGE }, OCCASION));
}

function ownRoute(): RouteConfig {
  const { own } = API.Routes;
  if (own === undefined) throw new Error('no route');
  return own;
}

function apiWith(Routes: object): ApiConfig {
  const Models = { m: { Schema: { required: ['amount'] } } };
  const reading = checkConfig({
    Apis: { open: { ApiId: 'a', Stages: { dev: {} }, Models, Routes } },
  });
  const api = reading.kind === 'config' ? reading.config.Apis['open'] : undefined;
  if (api === undefined) throw new Error('a wrong configuration');
  return api;
}
