// Faults of paths: stages, what stands below and behind them, and how long a URL may be.
import type { Behaviour } from '../behaviour.ts';
import { refusal } from '../http-answer.ts';
import { failure } from '../management.ts';
import { pathOf } from '../request-head.ts';
import { changeContext, type Fault, without } from './fault.ts';

/** Faults of paths. */
export const PATH_FAULTS: readonly Fault[] = [
  {
    name: 'any-path-opens',
    description: 'serves an upgrade whatever its path is',
    breaks: [
      'path/unknown-stage#refused',
      'path/unknown-stage#status-403',
      'path/unknown-stage#integration-not-called',
      'path/no-stage#refused',
      'path/no-stage#integration-not-called',
      'path/below-stage#refused',
      'path/below-stage#status-403',
      'path/below-stage#integration-not-called',
      'path/custom-domain-only#default-host-never-opens',
    ],
    change: (correct) => ({
      stageOf: (api, head) => correct.stageOf(api, head) ?? firstOf(api.config.Stages),
    }),
  },
  {
    name: 'unknown-path-404',
    description: 'answers 404 to an upgrade whose path is no stage',
    breaks: ['path/unknown-stage#status-403', 'path/below-stage#status-403'],
    change: () => ({ unknownPathRefusal: refusal(404) }),
  },
  {
    name: 'serves-below-stages',
    description: 'looks at the first segment of the path only',
    breaks: [
      'path/below-stage#refused',
      'path/below-stage#status-403',
      'path/below-stage#integration-not-called',
    ],
    change: (correct) => ({
      stageOf: (api, head) => {
        const [, stage = ''] = pathOf(head.target).split('/');
        return correct.stageOf(api, { ...head, target: `/${stage}` });
      },
    }),
  },
  {
    name: 'has-a-default-stage',
    description: 'takes an upgrade without a stage as one of the first stage',
    breaks: ['path/no-stage#refused', 'path/no-stage#integration-not-called'],
    change: (correct) => ({
      stageOf: (api, head) =>
        pathOf(head.target) === '/' ? firstOf(api.config.Stages) : correct.stageOf(api, head),
    }),
  },
  {
    name: 'slash-is-a-way-around',
    description: 'asks neither authorizer nor API key nor signature when the path ends in a slash',
    breaks: [
      'auth/refused-behind-slash#integration-not-called',
      'auth/refused-behind-slash#not-opened',
    ],
    change: (correct) => ({
      authorize: async (api, facts) =>
        pathOf(facts.request.head.target).endsWith('/')
          ? { kind: 'authorized', context: undefined }
          : correct.authorize(api, facts),
    }),
  },
  {
    name: 'slash-makes-another-path',
    description: 'refuses a path that ends in a slash',
    breaks: ['path/trailing-slash#opens', 'path/trailing-slash-query#seen-by-integration'],
    change: (correct) => ({
      stageOf: (api, head) =>
        /.\/$/.test(pathOf(head.target)) ? undefined : correct.stageOf(api, head),
    }),
  },
  {
    name: 'ignores-mapping-keys',
    description: 'takes the path under a custom domain for a stage',
    breaks: [
      'path/custom-domain#opens',
      'path/custom-domain#same-stage',
      'path/custom-domain#same-api',
      'path/custom-domain-only#domain-opens',
    ],
    prevents: [
      'path/custom-domain-only#default-host-never-opens',
      'path/custom-domain-only#answer-as-seen',
    ],
    change: (correct) => ({
      stageOf: (api, head) =>
        correct.stageOf({ ...api, config: { ...api.config, ApiMappings: [] } }, head),
    }),
  },
  {
    name: 'default-host-stays-on',
    description: 'serves the default host although it is switched off',
    breaks: ['path/custom-domain-only#default-host-never-opens'],
    change: (correct) => ({
      stageOf: (api, head) =>
        correct.stageOf(
          { ...api, config: { ...api.config, DisableExecuteApiEndpoint: false } },
          head,
        ),
    }),
  },
  {
    name: 'key-becomes-stage',
    description: 'tells the key of a mapping as the stage in CONNECT events',
    breaks: ['path/custom-domain#same-stage'],
    change: (correct) => ({
      connectEvent: (facts, occasion) => {
        const event = correct.connectEvent(facts, occasion);
        const [, key = ''] = pathOf(facts.request.head.target).split('/');
        return key === '' ? event : changeContext(event, (context) => ({ ...context, stage: key }));
      },
    }),
  },
  {
    name: 'no-url-limit',
    description: 'takes URLs of any length',
    breaks: ['path/url-length#too-long-never-opens', 'path/url-length#too-long-not-called'],
    change: () => ({ urlBytes: Number.POSITIVE_INFINITY }),
  },
  {
    name: 'small-url-limit',
    description: 'takes URLs of 2 KB at most',
    breaks: ['path/url-length#longest-opens'],
    change: () => ({ urlBytes: 2048 }),
  },
  {
    name: 'null-query',
    description: 'without a query string the query maps of CONNECT events are null',
    breaks: ['connect/no-query#keys-omitted'],
    change: (correct) => ({
      connectEvent: (facts, occasion) => {
        const nothing = { queryStringParameters: null, multiValueQueryStringParameters: null };
        return { ...nothing, ...correct.connectEvent(facts, occasion) };
      },
    }),
  },
  {
    name: 'hides-stage-variables',
    description: 'CONNECT events lack the variables of the stage',
    breaks: ['connect/stage-variables#values'],
    change: (correct) => ({
      connectEvent: (facts, occasion) =>
        without(correct.connectEvent(facts, occasion), 'stageVariables'),
    }),
  },
  {
    name: 'management-without-stage',
    description: 'takes calls without a stage for calls of the first one',
    breaks: ['management/no-stage#refused-with-403', 'management/no-stage#says-forbidden'],
    change: stageless((correct) => (api, request) => {
      return correct.manage(api, { ...request, stage: firstOf(api.config.Stages) ?? '' });
    }),
  },
  {
    name: 'stageless-call-lacks-token',
    description: 'says of a call without a stage that it lacks a token',
    breaks: ['management/no-stage#says-forbidden'],
    change: stageless(() => () => {
      return failure(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
    }),
  },
  {
    name: 'stageless-call-404',
    description: 'answers 404 to a call without a stage',
    breaks: ['management/no-stage#refused-with-403', 'management/no-stage#says-forbidden'],
    change: stageless(() => () => failure(404, 'NotFoundException', 'Not Found')),
  },
  {
    name: 'delete-takes-a-code',
    description: 'DELETE closes with the code and reason of its query string',
    breaks: ['management/delete-takes-no-code#client-sees-its-own'],
    change: (correct) => ({
      manage: (api, request) => {
        const query = new URLSearchParams(request.query);
        const code = Number(query.get('code') ?? 1000);
        if (request.method !== 'DELETE' || code === 1000) return correct.manage(api, request);
        const connection = correct.findConnection(api, request.stage, request.connectionId);
        connection?.close({ code, reason: query.get('reason') ?? '', cause: 'delete' });
        return { status: connection === undefined ? 410 : 204, headers: [], body: '' };
      },
    }),
  },
];

function firstOf(stages: object): string | undefined {
  return Object.keys(stages)[0];
}

// Calls whose path begins with @connections, which correctly lead nowhere.
function stageless(
  answer: (correct: Behaviour) => Behaviour['manage'],
): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({
    managementPath: (path) => {
      if (!path.startsWith('/@connections/')) return correct.managementPath(path);
      const place = correct.managementPath(`/-${path}`);
      return place && { ...place, stage: '' };
    },
    manage: (api, request) =>
      request.stage === '' ? answer(correct)(api, request) : correct.manage(api, request),
  });
}
