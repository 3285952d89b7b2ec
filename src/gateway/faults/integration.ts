// Faults of integrations that are no Lambda proxy: mocks, HTTP backends, mapping templates, parameters.
import type { JsonObject } from '../../base/json.ts';
import type { Behaviour } from '../behaviour.ts';
import type { ApiConfig } from '../config.ts';
import { refuseUpgrade } from '../connect.ts';
import { refusal } from '../http-answer.ts';
import type { BackendResult } from '../integration-response.ts';
import type { TemplateInput } from '../template/variables.ts';
import { type Fault, without } from './fault.ts';

const TEMPLATE_CONTEXT = [
  'integration/template-context#connection-id',
  'integration/template-context#connected-at',
  'integration/template-context#place',
  'integration/template-context#stage',
  'integration/template-context#route-and-type',
  'integration/template-context#request-time',
  'integration/template-context#identity',
  'integration/template-context#authorizer',
];

const TEMPLATE_PARAMETERS = [
  'integration/template-parameters#by-name',
  'integration/template-parameters#header-group',
  'integration/template-parameters#querystring-group',
  'integration/template-parameters#three-groups',
];

/** Faults of integrations. */
export const INTEGRATION_FAULTS: readonly Fault[] = [
  {
    name: 'refuses-mock-integrations',
    description: 'does not know mock integrations and refuses with 500',
    breaks: ['integration/mock#opens'],
    change: () => ({ mockStatus: () => undefined }),
  },
  {
    name: 'http-status-becomes-502',
    description: 'refuses with 502 whatever status an HTTP backend refuses with',
    breaks: ['integration/http-status-refuses#same-status'],
    change: httpResult((result) => (isGood(result) ? result : { ...result, status: 502 })),
  },
  {
    name: 'ignores-http-status',
    description: 'opens whatever status an HTTP backend answers',
    breaks: [
      'integration/http-status-refuses#not-opened',
      'integration/http-status-refuses#same-status',
    ],
    change: httpResult((result) => ({ ...result, status: 200 })),
  },
  {
    name: 'wants-200-from-http-backends',
    description: 'refuses with 502 what an HTTP backend answers with another 2xx status than 200',
    breaks: ['integration/http-status-opens#opens'],
    change: httpResult((result) =>
      isGood(result) && result.status !== 200 ? { ...result, status: 502 } : result,
    ),
  },
  {
    name: 'http-proxy-drops-websocket-headers',
    description: 'leaves the headers of the handshake out of what an HTTP proxy integration gets',
    breaks: ['integration/http-proxy-headers#version-is-seen'],
    change: (correct) => ({
      forwardedHeaders: (request) =>
        correct.forwardedHeaders(request).filter(([name]) => !/^sec-websocket-/i.test(name)),
    }),
  },
  {
    name: 'maps-no-context',
    description: 'request parameters from the context are not set',
    breaks: ['integration/http-parameters#connection-id'],
    change: mapping((source) => (source.startsWith('context.') ? undefined : source)),
  },
  {
    name: 'maps-no-headers',
    description: 'request parameters from headers of the handshake are not set',
    breaks: ['integration/http-parameters#header'],
    change: mapping((source) => (source.startsWith('route.request.header.') ? undefined : source)),
  },
  {
    name: 'maps-no-stage-variables',
    description: 'request parameters from stage variables are not set',
    breaks: ['integration/http-parameters#stage-variable'],
    change: mapping((source) => (source.startsWith('stageVariables.') ? undefined : source)),
  },
  {
    name: 'maps-static-values-with-quotes',
    description: 'a static request parameter keeps its quotes',
    breaks: ['integration/http-parameters#static-text'],
    change: mapping((source) => (source.startsWith("'") ? `'"${source.slice(1, -1)}"'` : source)),
  },
  {
    name: 'maps-one-of-many-values',
    description: 'of a repeated query parameter only the last value is mapped',
    breaks: ['integration/http-parameters#repeated-parameter'],
    change: mapping((source) => source.replace('.multivaluequerystring.', '.querystring.')),
  },
  {
    name: 'maps-one-query-parameter',
    description: 'of all request parameters from the query only the first is set',
    breaks: ['integration/http-parameters#query-parameter'],
    change: (correct) => ({
      mapParameters: (mappings, request) => {
        const isQuery = (source: string): boolean =>
          source.startsWith('route.request.querystring.');
        const first = Object.values(mappings).find(isQuery);
        const kept = Object.entries(mappings).filter(
          ([, source]) => !isQuery(source) || source === first,
        );
        return correct.mapParameters(Object.fromEntries(kept), request);
      },
    }),
  },
  {
    name: 'admits-without-integration-response',
    description: 'takes the result of a non-proxy integration that has no integration response',
    breaks: ['integration/non-proxy-without-response#not-opened'],
    change: () => ({ selectResponse: () => '$default' }),
  },
  {
    name: 'invokes-no-non-proxy-functions',
    description: 'does not invoke the function of a non-proxy integration and refuses with 500',
    breaks: [
      'integration/non-proxy-with-response#opens',
      'integration/pending#nothing-before-release',
      'integration/pending#opens-after-release',
      ...TEMPLATE_CONTEXT,
      ...TEMPLATE_PARAMETERS,
    ],
    change: (correct) => ({
      mayInvoke: (one) => one.IntegrationType !== 'AWS' && correct.mayInvoke(one),
    }),
  },
  contextFault('templates-without-connection-id', 'connectionId', undefined, 'connection-id'),
  contextFault('template-time-in-seconds', 'connectedAt', 1_700_000_000, 'connected-at'),
  contextFault('template-domain-is-localhost', 'domainName', 'localhost', 'place'),
  contextFault('templates-without-stage', 'stage', undefined, 'stage'),
  contextFault('templates-without-route-key', 'routeKey', undefined, 'route-and-type'),
  contextFault('templates-without-request-time', 'requestTime', undefined, 'request-time'),
  contextFault('templates-without-identity', 'identity', undefined, 'identity'),
  contextFault('templates-without-authorizer', 'authorizer', undefined, 'authorizer'),
  {
    name: 'templates-without-headers',
    description: 'mapping templates find no headers in $input.params()',
    breaks: ['integration/template-parameters#header-group'],
    change: template((input) => ({ ...input, header: {} })),
  },
  {
    name: 'templates-without-query',
    description: 'mapping templates find no query parameters in $input.params()',
    breaks: [
      'integration/template-parameters#by-name',
      'integration/template-parameters#querystring-group',
    ],
    change: template((input) => ({ ...input, querystring: {} })),
  },
  {
    name: 'templates-without-path-group',
    description: 'mapping templates find no group of path parameters in $input.params()',
    breaks: ['integration/template-parameters#three-groups'],
    change: template(({ body, querystring, header, context, stageVariables }) => ({
      body,
      querystring,
      header,
      context,
      stageVariables,
    })),
  },
  {
    name: 'raises-short-timeouts',
    description: 'gives $connect six seconds where less is configured',
    breaks: ['integration/short-timeout-ends#soon-after-the-timeout'],
    change: () => ({ connectTimeoutMs: (configuredMs) => Math.max(configuredMs, 5000) }),
  },
  {
    name: 'shortens-short-timeouts',
    description: 'gives $connect 300 ms where less than two seconds are configured',
    breaks: [
      'integration/short-timeout-ends#not-before-the-timeout',
      'integration/short-timeout-opens#opens',
    ],
    change: () => ({ connectTimeoutMs: (ms) => (ms < 2000 ? 300 : ms) }),
  },
  {
    name: 'refuses-with-deep-route-selection',
    description: 'refuses upgrades of an API whose route selection expression has several steps',
    breaks: [
      'integration/route-selection#opens',
      'integration/route-selection#connect-is-called',
      'integration/route-selection#disconnect-is-called',
    ],
    change: (correct) => ({
      admit: async (api, candidate) => {
        if (isDeep(api.config)) refuseUpgrade(api, candidate.pending, refusal(500));
        else await correct.admit(api, candidate);
      },
    }),
  },
  {
    name: 'deep-route-selection-misses-connect',
    description: 'does not find $connect by a route selection expression of several steps',
    // A $disconnect of a connection whose $connect nobody has seen cannot be told from others.
    breaks: [
      'integration/route-selection#connect-is-called',
      'integration/route-selection#disconnect-is-called',
    ],
    change: (correct) => ({
      connectRoute: (api) => (isDeep(api) ? undefined : correct.connectRoute(api)),
    }),
  },
  {
    name: 'deep-route-selection-misses-disconnect',
    description: 'does not find $disconnect by a route selection expression of several steps',
    breaks: ['integration/route-selection#disconnect-is-called'],
    change: (correct) => ({
      deliverDisconnect: async (api, facts, closure) =>
        isDeep(api.config) ? undefined : correct.deliverDisconnect(api, facts, closure),
    }),
  },
  {
    name: 'invokes-without-permission',
    description: 'invokes a function whose policy does not allow it',
    breaks: ['integration/no-permission#status-500', 'integration/no-permission#not-invoked'],
    change: () => ({ mayInvoke: () => true }),
  },
  {
    name: 'missing-permission-is-403',
    description: 'refuses with 403 where it may not invoke the function',
    breaks: ['integration/no-permission#status-500'],
    change: (correct) => ({
      judgeConnect: (outcome) =>
        correct.judgeConnect(
          outcome.kind === 'rejected' && outcome.status === 500
            ? { ...outcome, status: 403 }
            : outcome,
        ),
    }),
  },
];

type Change = (correct: Behaviour) => Partial<Behaviour>;

function isGood({ status }: BackendResult): boolean {
  return status >= 200 && status <= 299;
}

function isDeep({ RouteSelectionExpression }: ApiConfig): boolean {
  return RouteSelectionExpression.split('.').length > 3;
}

function httpResult(change: (result: BackendResult) => BackendResult): Change {
  return (correct) => ({ httpResult: (result) => change(correct.httpResult(result)) });
}

function template(change: (input: TemplateInput) => TemplateInput): Change {
  return (correct) => ({ templateInput: (request) => change(correct.templateInput(request)) });
}

/** Maps parameters from other sources; from none where `change` gives none. */
function mapping(change: (source: string) => string | undefined): Change {
  return (correct) => ({
    mapParameters: (mappings, request) => {
      const changed = Object.entries(mappings).flatMap(([target, source]) => {
        const other = change(source);
        return other === undefined ? [] : [[target, other] as const];
      });
      return correct.mapParameters(Object.fromEntries(changed), request);
    },
  });
}

/** Mapping templates find another value in the context, or none. */
function contextFault(
  name: string,
  key: string,
  value: string | number | undefined,
  check: string,
): Fault {
  const wrong = value === undefined ? 'no value' : `always ${value}`;
  const changed = (context: JsonObject): JsonObject =>
    value === undefined ? without(context, key) : { ...context, [key]: value };
  return {
    name,
    description: `mapping templates find ${wrong} for $context.${key}`,
    breaks: [`integration/template-context#${check}`],
    change: template((input) => ({ ...input, context: changed(input.context) })),
  };
}
