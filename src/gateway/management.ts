// The @connections management API: POST, GET and DELETE on /{stage}/@connections/{connectionId}.
import type { Api } from './api.ts';
import type { Connection } from './connection.ts';
import { drawId, drawRequestUuid, drawTraceId, isConnectionId } from './identifiers.ts';
import type { HeaderField } from './request-head.ts';
import { TOO_MANY_REQUESTS, throttleAccount } from './throttle.ts';

/** A request to the management API. */
export interface ManagementRequest {
  readonly method: string;
  readonly stage: string;
  readonly connectionId: string;
  /** Of which nothing is read. */
  readonly query: string;
  /** `undefined` when it was longer than a message may be. */
  readonly body: string | undefined;
}

/** The answer to a plain HTTP request. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly HeaderField[];
  readonly body: string;
}

/** Where a path leads: `/{stage}/@connections/{id}` with `@` and the id raw or percent-encoded. */
export function managementPath(
  path: string,
): { readonly stage: string; readonly connectionId: string } | undefined {
  const [empty, stage, ...below] = path.split('/').map(decodeQuietly);
  // SDKs whose endpoint ends with a slash write two: /{stage}//@connections/{id}.
  const [connections, ...id] = below[0] === '' ? below.slice(1) : below;
  const connectionId = id.join('/');
  if (empty !== '' || !stage || connections !== '@connections' || connectionId === '') {
    return undefined;
  }
  return { stage, connectionId };
}

/** The ARN of a call, which the policies of its callers are about. */
export function managementArn(
  api: Api,
  { stage, method, connectionId }: Pick<ManagementRequest, 'stage' | 'method' | 'connectionId'>,
): string {
  const { region, accountId, config } = api;
  return `arn:aws:execute-api:${region}:${accountId}:${config.ApiId}/${stage}/${method}/@connections/${connectionId}`;
}

/** Does what a management request asks for. */
export function manage(api: Api, request: ManagementRequest): HttpAnswer {
  const { method, stage, connectionId } = request;
  const operation = OPERATIONS[method];
  if (operation === undefined || !Object.hasOwn(api.config.Stages, stage)) {
    return failure(403, 'ForbiddenException', 'Forbidden');
  }
  if (!throttleAccount(api)) {
    return failure(429, 'LimitExceededException', TOO_MANY_REQUESTS.message);
  }
  if (!isConnectionId(connectionId)) {
    return failure(400, 'BadRequestException', `Invalid connectionId: ${connectionId}`);
  }
  if (request.body === undefined) {
    return failure(413, 'PayloadTooLargeException', 'Message is too long');
  }
  const connection = api.behaviour.findConnection(api, stage, connectionId);
  return connection === undefined ? GONE : operation(api, connection, request.body);
}

/** A connection that is there; not one that is closed, refused, pending, or of another stage. */
export function findConnection(
  api: Api,
  stage: string,
  connectionId: string,
): Connection | undefined {
  const connection = api.connections.get(connectionId);
  return connection?.isOpen() === true && connection.facts.stage === stage ? connection : undefined;
}

/** Sends what was posted as one text message; false when the client reads too slowly. */
export function postTo(connection: Connection, body: string): boolean {
  return connection.send(body);
}

/** Ends a connection on behalf of the backend. */
export function deleteConnection(_api: Api, connection: Connection): void {
  connection.close({ code: 1000, reason: 'Connection Closed Normally', cause: 'delete' });
}

/** The headers that all management answers carry, the type of an error among them. */
export function managementHeaders(answer: HttpAnswer, wallMs: number): readonly HeaderField[] {
  const own: HeaderField[] = [
    ['x-amzn-requestid', drawRequestUuid()],
    ['x-amz-apigw-id', drawId()],
  ];
  const trace: HeaderField = ['x-amzn-trace-id', drawTraceId(wallMs)];
  return [...answer.headers, ...own, ...(answer.status < 300 ? [trace] : [])];
}

/** An error as the service's clients expect it: its type in a header. */
export function failure(status: number, errorType: string, message?: string): HttpAnswer {
  return {
    status,
    headers: [JSON_CONTENT, ['x-amzn-errortype', errorType]],
    body: message === undefined ? '' : JSON.stringify({ message }),
  };
}

const JSON_CONTENT: HeaderField = ['Content-Type', 'application/json'];

const GONE = failure(410, 'GoneException');

type Operation = (api: Api, connection: Connection, body: string) => HttpAnswer;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  POST: (api, connection, body) =>
    api.behaviour.postTo(connection, body)
      ? { status: 200, headers: [JSON_CONTENT], body: '' }
      : failure(429, 'LimitExceededException', 'The client reads too slowly'),
  GET: (_api, connection) => ({
    status: 200,
    headers: [JSON_CONTENT],
    body: JSON.stringify(describe(connection), undefined, 2),
  }),
  DELETE: (api, connection) => {
    api.behaviour.deleteConnection(api, connection);
    return { status: 204, headers: [], body: '' };
  },
};

function describe(connection: Connection): object {
  const { facts } = connection;
  const { sourceIp, userAgent } = facts;
  return {
    connectedAt: new Date(facts.connectedAtMs).toISOString(),
    identity: { sourceIp, ...(userAgent === undefined ? {} : { userAgent }) },
    lastActiveAt: new Date(connection.lastActiveAtMs()).toISOString(),
  };
}

function decodeQuietly(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
