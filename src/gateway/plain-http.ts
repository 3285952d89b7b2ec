// Requests that ask for no upgrade: the management API, usage, and everything else, which is refused.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Api } from './api.ts';
import { sha256 } from './canonical-request.ts';
import { mustUpgrade } from './handshake.ts';
import { type Refusal, refusal } from './http-answer.ts';
import { MESSAGE_BYTES } from './limits.ts';
import {
  failure,
  type HttpAnswer,
  type ManagementRequest,
  managementHeaders,
} from './management.ts';
import { headOf, pathOf, queryOf, type RequestHead } from './request-head.ts';
import { answerUsage, isLoopback, usagePlace } from './usage-api.ts';

/** Answers one plain request. */
export async function handlePlainRequest(
  api: Api,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.on('error', ignore);
  const path = pathOf(request.url ?? '/');
  const usage = usagePlace(path);
  if (usage !== undefined && isLoopback(request.socket.remoteAddress)) {
    const bytes = await readBody(request, api.behaviour.postLimitBytes);
    const body = bytes?.toString('utf8');
    const asked = { method: request.method ?? '', target: request.url ?? '', body };
    write(response, answerUsage(api.account.usagePlans, usage, asked));
    return;
  }
  const place = api.behaviour.managementPath(path);
  if (place === undefined) {
    const refused = refusalOf(api, request.method ?? '', path);
    const fields = refused.headers ?? [];
    const headers: HttpAnswer['headers'] = [['Content-Type', 'application/json'], ...fields];
    const body = JSON.stringify({ message: refused.message });
    write(response, { status: refused.status, headers, body });
    return;
  }
  const bytes = await readBody(request, api.behaviour.postLimitBytes);
  const query = queryOf(request.url ?? '/');
  const method = request.method ?? '';
  const asked = { ...place, method, query, body: bytes?.toString('utf8') };
  // A body that is too long to be read cannot be verified either; it is refused for its length.
  const refused = bytes && refuseUnauthorized(api, headOf(request), { ...asked, bytes });
  const answer = refused ?? api.behaviour.manage(api, asked);
  write(response, { ...answer, headers: managementHeaders(answer, api.clock.wallMs()) });
}

function refuseUnauthorized(
  api: Api,
  head: RequestHead,
  asked: Omit<ManagementRequest, 'body'> & { readonly bytes: Buffer },
): HttpAnswer | undefined {
  const { behaviour, config } = api;
  if (config.ConnectionsAuthorizationType !== 'AWS_IAM') return undefined;
  const verdict = behaviour.authorizeCaller(api, {
    head,
    payloadHash: sha256(asked.bytes),
    action: 'execute-api:ManageConnections',
    resource: behaviour.managementArn(api, asked),
  });
  if (verdict.kind === 'permitted') return undefined;
  return failure(behaviour.iamStatus, verdict.refusal.errorType, verdict.refusal.message);
}

function refusalOf(api: Api, method: string, path: string): Refusal {
  const stage = /^\/([^/]+)\/?$/.exec(path)?.[1];
  if (stage === undefined || !Object.hasOwn(api.config.Stages, stage)) return refusal(403);
  return method === 'GET' ? mustUpgrade() : refusal(405, [['Allow', 'GET']]);
}

function write(response: ServerResponse, answer: HttpAnswer): void {
  const fields = answer.headers.flatMap(([name, value]) => [name, value]);
  const length =
    answer.status === 204 ? [] : ['Content-Length', String(Buffer.byteLength(answer.body))];
  response.writeHead(answer.status, [...fields, ...length]);
  response.end(answer.body);
}

// Reads on after the limit, so that the client gets to see the answer instead of a reset.
async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      const bytes = Buffer.from(chunk as Uint8Array); // no encoding is set, so chunks are bytes
      size += bytes.length;
      if (size <= limitBytes) chunks.push(bytes);
      if (size > limitBytes + READ_ON_BYTES) break;
    }
  } catch {
    return undefined;
  }
  return size > limitBytes ? undefined : Buffer.concat(chunks);
}

const READ_ON_BYTES = 16 * MESSAGE_BYTES;

function ignore(): void {}
