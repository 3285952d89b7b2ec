// Faults of @connections.
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Behaviour } from '../behaviour.ts';
import type { Connection } from '../connection.ts';
import { failure, type HttpAnswer, type ManagementRequest } from '../management.ts';
import { type Fault, standIn } from './fault.ts';

/** Faults of @connections. */
export const MANAGEMENT_FAULTS: readonly Fault[] = [
  {
    name: 'delete-closes-without-code',
    description: 'DELETE sends the client an empty close frame',
    breaks: ['disconnect/server-delete#client-sees-1000'],
    change: () => ({
      deleteConnection: (_api, connection) =>
        connection.close(
          { code: 1000, reason: 'Connection Closed Normally', cause: 'delete' },
          { code: 1005, reason: '' },
        ),
    }),
  },
  {
    name: 'delete-leaves-open',
    description: 'DELETE forgets the id and leaves the socket open',
    breaks: [
      'management/delete#closes-the-client',
      'management/delete-takes-no-code#client-sees-its-own',
      'disconnect/server-delete#delivered',
      'disconnect/server-delete#code-and-reason',
      'disconnect/server-delete#client-sees-1000',
      'disconnect/follows-every-ending#after-the-close',
      'disconnect/follows-every-ending#its-shape',
      'disconnect/churn-deleted#told-after-deletion',
    ],
    change: () => ({
      deleteConnection: (api, { facts }) => void api.connections.delete(facts.connectionId),
    }),
  },
  {
    name: 'delete-answers-200',
    description: 'DELETE answers 200',
    breaks: ['management/delete#answers-204'],
    change: answering((answer, { method }) =>
      method === 'DELETE' && answer.status === 204 ? { ...answer, status: 200 } : answer,
    ),
  },
  {
    name: 'delete-is-idempotent',
    description: 'DELETE of an id that is gone answers 204',
    breaks: [
      'disconnect/gone-after-close#answers-410',
      'management/delete#second-answers-410',
      'management/gone#delete-410',
      'management/gone#empty-body',
      'management/gone#error-type',
    ],
    change: answering((answer, { method }) =>
      method === 'DELETE' && answer.status === 410
        ? { status: 204, headers: [], body: '' }
        : answer,
    ),
  },
  {
    name: 'post-answers-204',
    description: 'POST answers 204',
    breaks: ['management/post#answers-200', 'iam/connections-arn#post-is-permitted'],
    change: answering((answer, { method }) =>
      method === 'POST' && answer.status === 200 ? { ...answer, status: 204 } : answer,
    ),
  },
  {
    name: 'posts-binary',
    description: 'what is posted arrives as a binary message',
    breaks: ['management/post#arrives-as-text'],
    change: () => ({ postTo: (connection, body) => connection.send(body, true) }),
  },
  {
    name: 'keeps-closed-connections',
    description: 'still knows an id after the client has closed',
    breaks: [
      'disconnect/gone-after-close#answers-410',
      'management/gone#post-410',
      'management/gone#get-410',
      'management/gone#delete-410',
      'management/gone#empty-body',
      'management/gone#error-type',
      'disconnect/post-from-handler#answers-410',
    ],
    change: keepClosed,
  },
  {
    name: 'gone-is-404',
    description: 'answers 404 instead of 410',
    breaks: [
      'connect/post-while-pending#answers-410',
      'connect/refused-id-is-gone#answers-410',
      'disconnect/gone-after-close#answers-410',
      'management/gone#post-410',
      'management/gone#get-410',
      'management/gone#delete-410',
      'management/gone#empty-body',
      'management/gone#error-type',
      'management/delete#second-answers-410',
      'management/unknown-id#well-formed-410',
      'disconnect/post-from-handler#answers-410',
    ],
    change: answering((answer) =>
      answer.status === 410 ? failure(404, 'NotFoundException') : answer,
    ),
  },
  {
    name: 'gone-has-body',
    description: 'the 410 has a JSON body',
    breaks: ['management/gone#empty-body'],
    change: answering((answer) =>
      answer.status === 410 ? failure(410, 'GoneException', 'Gone') : answer,
    ),
  },
  {
    name: 'get-gone-has-body',
    description: 'the 410 of GET has a JSON body',
    breaks: ['management/gone#empty-body'],
    change: answering((answer, { method }) =>
      method === 'GET' && answer.status === 410 ? failure(410, 'GoneException', 'Gone') : answer,
    ),
  },
  {
    name: 'get-tells-the-user-agent-of-the-caller',
    description: 'GET says who asked as userAgent, not who connected',
    breaks: ['management/get#same-user-agent'],
    change: inDescription(({ identity }) => ({
      identity: { ...(isJsonObject(identity) ? identity : {}), userAgent: 'aws-sdk-js' },
    })),
  },
  {
    name: 'no-error-type',
    description: 'errors of @connections lack x-amzn-errortype',
    breaks: [
      'management/gone#error-type',
      'management/too-large#error-type',
      'management/unknown-id#error-type',
    ],
    change: answering((answer) => ({
      ...answer,
      headers: answer.headers.filter(([name]) => name !== 'x-amzn-errortype'),
    })),
  },
  {
    name: 'bad-requests-are-forbidden-by-type',
    description: 'errors of what was asked wrongly (400 and 413) have the type ForbiddenException',
    breaks: ['management/too-large#error-type', 'management/unknown-id#error-type'],
    change: answering((answer) => ({
      ...answer,
      headers: answer.headers.map(([name, value]) =>
        name === 'x-amzn-errortype' && (answer.status === 400 || answer.status === 413)
          ? [name, 'ForbiddenException']
          : [name, value],
      ),
    })),
  },
  {
    name: 'malformed-id-410',
    description: 'answers 410 for a malformed connection id',
    breaks: ['management/unknown-id#malformed-400', 'management/unknown-id#error-type'],
    change: answering((answer) => (answer.status === 400 ? failure(410, 'GoneException') : answer)),
  },
  {
    name: 'get-pascal-case',
    description: 'GET answers with keys in PascalCase',
    breaks: [
      'management/get#answers-200',
      'management/get#same-identity',
      'management/get#same-user-agent',
      'management/get-times#when-it-began',
      'management/get-times#active-since-it-began',
      'management/get-times#active-with-a-message',
    ],
    change: answering((answer, { method }) =>
      method === 'GET' && answer.status === 200
        ? { ...answer, body: JSON.stringify(pascalCase(JSON.parse(answer.body) as Json)) }
        : answer,
    ),
  },
  {
    name: 'get-connected-now',
    description: 'GET says that the connection began when it was asked about',
    breaks: ['management/get-times#when-it-began', 'management/get-times#active-since-it-began'],
    change: inDescription(() => ({ connectedAt: new Date().toISOString() })),
  },
  {
    name: 'get-connected-in-seconds',
    description: 'GET gives connectedAt as seconds since 1970',
    breaks: ['management/get#answers-200', 'management/get-times#when-it-began'],
    change: inDescription(({ connectedAt }) => ({
      connectedAt: Math.floor(msOf(connectedAt) / 1000),
    })),
  },
  {
    name: 'last-active-never-moves',
    description: 'GET gives connectedAt as lastActiveAt',
    breaks: ['management/get-times#active-with-a-message'],
    change: inDescription(({ connectedAt }) => ({ lastActiveAt: connectedAt ?? null })),
  },
  {
    name: 'last-active-begins-in-1970',
    description: 'lastActiveAt is that of 1970 until the first message',
    breaks: ['management/get-times#active-since-it-began'],
    change: inDescription(({ connectedAt, lastActiveAt }) =>
      msOf(lastActiveAt) - msOf(connectedAt) < 1000
        ? { lastActiveAt: new Date(0).toISOString() }
        : {},
    ),
  },
  {
    name: 'ids-not-decoded',
    description: 'does not decode the id in the path',
    breaks: [
      'connect/post-after-open#succeeds',
      'connect/post-while-pending#answers-410',
      'connect/refused-id-is-gone#answers-410',
      'disconnect/follows-every-ending#after-the-close',
      'disconnect/follows-every-ending#its-shape',
      'disconnect/gone-after-close#answers-410',
      'disconnect/server-delete#client-sees-1000',
      'disconnect/server-delete#code-and-reason',
      'disconnect/server-delete#delivered',
      'management/delete#answers-204',
      'management/delete#closes-the-client',
      'management/delete#second-answers-410',
      'iam/connections-arn#post-is-permitted',
      'iam/connections-scope#right-scope-is-served',
      'management/encoded-id#accepted',
      'management/get#answers-200',
      'management/get#same-identity',
      'management/get#same-user-agent',
      'management/get-times#when-it-began',
      'management/get-times#active-since-it-began',
      'management/get-times#active-with-a-message',
      'management/gone#delete-410',
      'management/gone#empty-body',
      'management/gone#error-type',
      'management/gone#get-410',
      'management/gone#post-410',
      'management/post#answers-200',
      'management/post#arrives-as-text',
      'management/too-large#largest-accepted',
      'management/too-large#too-large-413',
      'management/unknown-id#well-formed-410',
      'management/delete-takes-no-code#client-sees-its-own',
      'management/no-stage#refused-with-403',
      'management/raw-at#accepted',
      'disconnect/churn-deleted#told-after-deletion',
      'disconnect/post-from-handler#answers-410',
      'message/post-while-handled#arrives-meanwhile',
      'message/post-while-handled#post-is-accepted',
      'duration/idle-after-server-message#stays-open',
      'management/too-large#error-type',
    ],
    change: (correct) => ({
      managementPath: (path) => {
        const place = correct.managementPath(path);
        return place && { ...place, connectionId: path.split('/').slice(3).join('/') };
      },
    }),
  },
  {
    name: 'wants-encoded-at',
    description: 'knows @connections only as %40connections',
    breaks: [
      'connect/post-after-open#succeeds',
      'connect/post-while-pending#answers-410',
      'connect/refused-id-is-gone#answers-410',
      'disconnect/churn-deleted#told-after-deletion',
      'disconnect/follows-every-ending#after-the-close',
      'disconnect/follows-every-ending#its-shape',
      'disconnect/gone-after-close#answers-410',
      'disconnect/server-delete#client-sees-1000',
      'disconnect/server-delete#code-and-reason',
      'disconnect/server-delete#delivered',
      'management/delete#answers-204',
      'management/delete#closes-the-client',
      'management/delete#second-answers-410',
      'management/delete-takes-no-code#client-sees-its-own',
      'iam/connections-arn#post-is-permitted',
      'iam/connections-scope#right-scope-is-served',
      'management/encoded-id#accepted',
      'management/get#answers-200',
      'management/get#same-identity',
      'management/get#same-user-agent',
      'management/get-times#when-it-began',
      'management/get-times#active-since-it-began',
      'management/get-times#active-with-a-message',
      'management/gone#delete-410',
      'management/gone#empty-body',
      'management/gone#error-type',
      'management/gone#get-410',
      'management/gone#post-410',
      'management/no-stage#refused-with-403',
      'management/post#answers-200',
      'management/post#arrives-as-text',
      'management/raw-at#accepted',
      'management/too-large#largest-accepted',
      'management/too-large#too-large-413',
      'management/unknown-id#malformed-400',
      'management/unknown-id#well-formed-410',
      'disconnect/post-from-handler#answers-410',
      'message/post-while-handled#arrives-meanwhile',
      'message/post-while-handled#post-is-accepted',
      'management/too-large#error-type',
      'management/unknown-id#error-type',
    ],
    change: (correct) => ({
      managementPath: (path) => (path.includes('@') ? undefined : correct.managementPath(path)),
    }),
  },
  {
    name: 'no-post-limit',
    description: 'POST takes any size',
    breaks: [
      'management/too-large#too-large-413',
      'management/too-large#too-large-not-delivered',
      'management/too-large#error-type',
    ],
    change: () => ({ postLimitBytes: Number.POSITIVE_INFINITY }),
  },
  {
    name: 'small-post-limit',
    description: 'POST takes 32 KB at most',
    breaks: ['management/too-large#largest-accepted'],
    change: () => ({ postLimitBytes: 32 * 1024 }),
  },
];

function msOf(date: Json | undefined): number {
  return typeof date === 'string' ? Date.parse(date) : Number.NaN;
}

// Changes what GET says of a connection.
function inDescription(
  change: (description: JsonObject) => JsonObject,
): (correct: Behaviour) => Partial<Behaviour> {
  return answering((answer, { method }) => {
    if (method !== 'GET' || answer.status !== 200) return answer;
    const description = JSON.parse(answer.body) as JsonObject;
    return { ...answer, body: JSON.stringify({ ...description, ...change(description) }) };
  });
}

function answering(
  change: (answer: HttpAnswer, request: ManagementRequest) => HttpAnswer,
): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({
    manage: (api, request) => change(correct.manage(api, request), request),
  });
}

function keepClosed(correct: Behaviour): Partial<Behaviour> {
  const kept = new Map<string, Connection>();
  const deleted = new Set<string>();
  return {
    deleteConnection: (api, connection) => {
      deleted.add(connection.facts.connectionId);
      correct.deleteConnection(api, connection);
    },
    deliverDisconnect: (api, facts, closure) => {
      if (LEFT.has(closure.cause)) kept.set(facts.connectionId, standIn(facts));
      return correct.deliverDisconnect(api, facts, closure);
    },
    findConnection: (api, stage, id) => {
      const closing = deleted.has(id) ? undefined : api.connections.get(id);
      const there = correct.findConnection(api, stage, id) ?? kept.get(id);
      return there ?? (closing && standIn(closing.facts));
    },
  };
}

const LEFT: ReadonlySet<string> = new Set(['close-frame', 'fin', 'reset']);

function pascalCase(value: Json): Json {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.charAt(0).toUpperCase() + key.slice(1),
      item === undefined ? null : pascalCase(item),
    ]),
  );
}
