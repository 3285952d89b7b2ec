import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../base/json.ts';
import type { Api } from '../api.ts';
import { type Behaviour, CORRECT_BEHAVIOUR } from '../behaviour.ts';
import type { ApiConfig } from '../config.ts';
import type { Closure, ConnectionFacts } from '../event.ts';
import { behaviourWith, FAULTS } from '../faults.ts';
import type { RouteRequest } from '../request-parameters.ts';

type Case = readonly [string, unknown, unknown, (behaviour: Behaviour) => unknown];

const CONTEXT = {
  connectionId: 'abc=',
  connectedAt: 5,
  domainName: 'a.example',
  stage: 'probe',
  routeKey: '$connect',
  requestTime: 'now',
  identity: { sourceIp: '127.0.0.1' },
  authorizer: { principalId: 'me' },
};

const EVENT: JsonObject = {
  headers: { Host: 'a.example', 'Sec-WebSocket-Version': '13', 'X-One': '1' },
  multiValueHeaders: { Host: ['a.example'], 'Sec-WebSocket-Version': ['13'], 'X-One': ['1'] },
  queryStringParameters: { a: '2', b: '3' },
  multiValueQueryStringParameters: { a: ['1', '2'], b: ['3'] },
  requestContext: CONTEXT,
};

// Of a request the faults look at these alone.
const REQUEST = {
  event: EVENT,
  routeKey: '$connect',
  stageVariables: { color: 'blue' },
} as unknown as RouteRequest;

test.each<Case>([
  ['refuses-mock-integrations', 200, undefined, (one) => one.mockStatus({ statusCode: 200 })],
  ['http-status-becomes-502', [200, 204, 404], [200, 204, 502], statuses],
  ['ignores-http-status', [200, 204, 404], [200, 200, 200], statuses],
  ['wants-200-from-http-backends', [200, 204, 404], [200, 502, 404], statuses],
  [
    'http-proxy-drops-websocket-headers',
    ['Sec-WebSocket-Version', 'X-One'],
    ['X-One'],
    (one) => one.forwardedHeaders(REQUEST).map(([name]) => name),
  ],
  ['maps-no-context', ['abc='], [], mapped('context.connectionId')],
  ['maps-no-headers', ['1'], [], mapped('route.request.header.X-One')],
  ['maps-no-stage-variables', ['blue'], [], mapped('stageVariables.color')],
  ['maps-static-values-with-quotes', ['text'], ['"text"'], mapped("'text'")],
  ['maps-one-of-many-values', ['1', '2'], ['2'], mapped('route.request.multivaluequerystring.a')],
  [
    'maps-one-query-parameter',
    ['2', '3'],
    ['2'],
    mapped('route.request.querystring.a', 'route.request.querystring.b'),
  ],
  [
    'admits-without-integration-response',
    undefined,
    '$default',
    (one) => one.selectResponse({}, { status: 200 }),
  ],
  ['invokes-no-non-proxy-functions', [true, true], [true, false], invoked(true)],
  ['invokes-without-permission', [false, false], [true, true], invoked(false)],
  ['templates-without-connection-id', 'abc=', undefined, inContext('connectionId')],
  ['template-time-in-seconds', 5, 1_700_000_000, inContext('connectedAt')],
  ['template-domain-is-localhost', 'a.example', 'localhost', inContext('domainName')],
  ['templates-without-stage', 'probe', undefined, inContext('stage')],
  ['templates-without-route-key', '$connect', undefined, inContext('routeKey')],
  ['templates-without-request-time', 'now', undefined, inContext('requestTime')],
  ['templates-without-identity', { sourceIp: '127.0.0.1' }, undefined, inContext('identity')],
  ['templates-without-authorizer', { principalId: 'me' }, undefined, inContext('authorizer')],
  ['templates-without-headers', EVENT['headers'], {}, (one) => one.templateInput(REQUEST).header],
  [
    'templates-without-query',
    { a: '2', b: '3' },
    {},
    (one) => one.templateInput(REQUEST).querystring,
  ],
  ['templates-without-path-group', {}, undefined, (one) => one.templateInput(REQUEST).path],
  ['raises-short-timeouts', [1000, 8000], [5000, 8000], timeouts],
  ['shortens-short-timeouts', [1000, 8000], [300, 8000], timeouts],
  [
    'deep-route-selection-misses-connect',
    ['a route', 'a route'],
    ['a route', undefined],
    (one) => [SHALLOW, DEEP].map((config) => one.connectRoute(config)),
  ],
  ['missing-permission-is-403', [500, 404], [403, 404], refusals],
])('%s', (fault, right, wrong, look) => {
  expect(look(CORRECT_BEHAVIOUR)).toEqual(right);
  expect(look(behaviourWith([fault]))).toEqual(wrong);
});

test.each([
  ['refuses-with-deep-route-selection', ['admit .action'], ['admit .action', 'refused']],
  ['deep-route-selection-misses-disconnect', ['disconnect .action'], ['disconnect .action']],
])('%s', async (name, _, seen) => {
  const told: string[] = [];
  const correct: Behaviour = {
    ...CORRECT_BEHAVIOUR,
    admit: async ({ config }) => void told.push(`admit ${short(config)}`),
    deliverDisconnect: async ({ config }) => void told.push(`disconnect ${short(config)}`),
  };
  const change = FAULTS.find((fault) => fault.name === name)?.change(correct);
  for (const config of [SHALLOW, DEEP]) {
    // What else there is of gateway and connection is looked at by nobody but the answer.
    const api = { config, extendedRequestId: () => 'id' } as unknown as Api;
    const pending = { refuse: () => void told.push('refused') };
    try {
      await change?.admit?.(api, { pending } as unknown as Parameters<Behaviour['admit']>[1]);
    } catch {
      told.push('refused');
    }
    await change?.deliverDisconnect?.(api, {} as ConnectionFacts, {} as Closure);
  }
  expect(told).toEqual(seen);
});

test.each([
  ['opens-before-integration', ['opened', 'opened', 'opened', 'opened', 'opened']],
  ['opens-before-http-integration', ['waits', 'waits', 'opened', 'opened', 'waits']],
  ['opens-before-non-proxy-integration', ['waits', 'opened', 'waits', 'waits', 'waits']],
])('%s', async (name, expected) => {
  const told: string[] = [];
  const behaviour: Behaviour = {
    ...CORRECT_BEHAVIOUR,
    authorize: async () => ({ kind: 'authorized', context: undefined }),
    integrate: () => new Promise(() => undefined),
    admit: async () => void told.push('waits'),
  };
  const change = FAULTS.find((fault) => fault.name === name)?.change(behaviour);
  // A client that has gone is what shows, without a socket, that it would have been let in.
  const pending = { isGone: () => true, socket: { destroy: () => void told.push('opened') } };
  for (const IntegrationType of ['AWS_PROXY', 'AWS', 'HTTP', 'HTTP_PROXY', 'MOCK']) {
    const config = {
      Routes: { $connect: { Target: 'one' } },
      Integrations: { one: { IntegrationType } },
    };
    const api = { config, behaviour } as unknown as Api;
    await change?.admit?.(api, { pending, facts: {} } as unknown as Parameters<
      Behaviour['admit']
    >[1]);
  }
  expect(told).toEqual(expected);
});

// The routes themselves are looked at by nobody.
const ROUTES = { $connect: 'a route' };
const SHALLOW = configOf('$request.body.action');
const DEEP = configOf('$request.body.detail.action');

function configOf(RouteSelectionExpression: string): ApiConfig {
  return { RouteSelectionExpression, Routes: ROUTES } as unknown as ApiConfig;
}

function short({ RouteSelectionExpression }: ApiConfig): string {
  return RouteSelectionExpression === '$request.body.action' ? '.action' : '.detail.action';
}

function statuses({ httpResult }: Behaviour): unknown {
  return [200, 204, 404].map((status) => {
    const result = { status } as Parameters<typeof httpResult>[0];
    return httpResult(result).status;
  });
}

function mapped(...sources: readonly string[]): (behaviour: Behaviour) => unknown {
  const mappings = Object.fromEntries(
    sources.map((source, index) => [`integration.request.header.x${index}`, source]),
  );
  return ({ mapParameters }) => mapParameters(mappings, REQUEST).header.map(([, value]) => value);
}

function invoked(InvokePermission: boolean): (behaviour: Behaviour) => unknown {
  return ({ mayInvoke }) =>
    ['AWS_PROXY', 'AWS'].map((IntegrationType) =>
      mayInvoke({ IntegrationType, InvokePermission } as Parameters<typeof mayInvoke>[0]),
    );
}

function inContext(key: string): (behaviour: Behaviour) => Json | undefined {
  return ({ templateInput }) => templateInput(REQUEST).context[key];
}

function timeouts({ connectTimeoutMs }: Behaviour): unknown {
  return [1000, 8000].map(connectTimeoutMs);
}

function refusals({ judgeConnect }: Behaviour): unknown {
  return [500, 404].map((status) => {
    const verdict = judgeConnect({ kind: 'rejected', status, errorMessage: '' });
    return verdict.kind === 'refused' ? verdict.refusal.status : verdict.kind;
  });
}
