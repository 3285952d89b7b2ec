// Checks who is speaking and what is said: the routes of the listener. What is answered, and when, is
// for its consumer to decide. Contract: docs/probe-contract.md.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { buildAnswer } from './answer.ts';
import { type Arrival, createArrival, type WriteAnswer, writeJson } from './arrival.ts';
import { readBody } from './body.ts';
import type { ProbeInvocation } from './contract.ts';
import { type DirectType, readDirect, writeDirect } from './direct.ts';
import { decodeEventRecords, type EventRecord } from './event-record.ts';
import { type Decoded, decodeInvocation } from './invocation.ts';
import { bearerOf, tokenMatches } from './token.ts';

/** Who decides about what arrives. */
export interface ProbeConsumer {
  /**
   * Takes an invocation; it is held until `arrival.answer` is called.
   *
   * @default answers at once as without a plan
   */
  onInvocation?(arrival: Arrival): void;
  /** Takes an event record; `at` in it is the platform's clock, `atUs` when it was read here. */
  onEvent(record: EventRecord, atUs: number): void;
  /** Reads the body of `/v1/events`. @default as event records */
  decodeEvents?(body: string): Decoded<readonly EventRecord[]>;
}

/** The routes of a listener. */
export interface Desk {
  /** Invocations that wait for their answer now. */
  readonly held: number;
  readonly onRequest: RequestListener;
  /** @throws {Error} when there is a consumer already */
  serve(consumer: ProbeConsumer): void;
  /** Answers 503 to all that is held and to all that comes. */
  stop(): void;
}

/** Makes the routes. `token` is what a caller must show, `maxHeld` how many may wait at once. */
export function createDesk({
  clock,
  token,
  maxHeld,
}: {
  readonly clock: Clock;
  readonly token: string;
  readonly maxHeld: number;
}): Desk {
  const held = new Set<{ refuse(): void }>();
  let consumer: ProbeConsumer | undefined;
  let closing = false;

  const take = async (call: Call, invocation: ProbeInvocation, write: WriteAnswer) => {
    const { response } = call;
    if (held.size >= maxHeld) return refuse(response, 503, 'no more can be held');
    const arrival = createArrival({ invocation, atUs: clock.nowUs(), response, write });
    held.add(arrival);
    if (consumer?.onInvocation === undefined) answerByDefault(arrival);
    else consumer.onInvocation(arrival);
    await arrival.settled;
    held.delete(arrival);
  };

  const takeEvents = async ({ body, response }: Call): Promise<void> => {
    const decoded = consumer?.decodeEvents?.(body) ?? decodeEventRecords(body);
    if (!decoded.ok) return refuse(response, 422, 'not event records', decoded.reasons);
    const atUs = clock.nowUs();
    for (const record of decoded.value) consumer?.onEvent(record, atUs);
    await writeJson(response, 200, { v: 1, accepted: decoded.value.length });
  };

  const takeInvocation = async (call: Call): Promise<void> => {
    const decoded = decodeInvocation(call.body);
    if (!decoded.ok) return refuse(call.response, 422, 'not an invocation', decoded.reasons);
    return take(call, decoded.value, writeProbe);
  };

  const dispatch = async (call: Call): Promise<void> => {
    if (call.kind === 'direct') {
      return take(call, readDirect({ ...call, invocationId: randomUUID() }), writeDirect);
    }
    return call.kind === 'events' ? takeEvents(call) : takeInvocation(call);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = routeOf(request.url ?? '/');
    if (route === undefined) return refuse(response, 404, 'no such path');
    if (request.method !== 'POST') return refuse(response, 405, 'only POST');
    // Read before anything is refused: an answer to a sender that is still writing may get lost.
    const body = await readBody(request, BODY_LIMIT_BYTES);
    const known = tokenMatches(bearerOf(request.headers.authorization) ?? route.token, token);
    if (!known) return refuse(response, 401, 'wrong token');
    if (closing) return refuse(response, 503, 'the runner is closing');
    if (body === undefined) return refuse(response, 413, `more than ${BODY_LIMIT_BYTES} bytes`);
    return dispatch({ ...route, headers: request.headers, body, response });
  };

  return {
    get held() {
      return held.size;
    },
    // A caller that goes while it is still speaking has said nothing that could be judged.
    onRequest: (request, response) =>
      void answer(request, response).catch(() => response.destroy()),
    serve: (given) => {
      if (consumer !== undefined) throw new Error('the probe listener has a consumer already');
      consumer = given;
    },
    stop: () => {
      closing = true;
      for (const arrival of held) arrival.refuse();
    },
  };
}

const BODY_LIMIT_BYTES = 1024 * 1024;

type Route = {
  readonly query: URLSearchParams;
  /** In the query, for callers that cannot be told to set a header. */
  readonly token: string | undefined;
} & (
  | { readonly kind: 'invocations' | 'events' }
  | { readonly kind: 'direct'; readonly type: DirectType }
);

type Call = Route & {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly response: ServerResponse;
};

// Not by `new URL`, which refuses targets such as `//`.
function routeOf(target: string): Route | undefined {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1));
  const token = query.get('token') ?? undefined;
  query.delete('token');
  if (path === '/v1/invocations') return { kind: 'invocations', query, token: undefined };
  if (path === '/v1/events') return { kind: 'events', query, token };
  const type = DIRECT_TYPES.find((name) => path === `/v1/direct/${name}`);
  return type === undefined ? undefined : { kind: 'direct', type, query, token };
}

const DIRECT_TYPES: readonly DirectType[] = ['CONNECT', 'MESSAGE', 'DISCONNECT'];

function answerByDefault(arrival: Arrival): void {
  const { type, event } = arrival.invocation;
  arrival.answer(buildAnswer(type, event, undefined)).catch(() => undefined);
}

const writeProbe: WriteAnswer = (response, answer) => writeJson(response, 200, answer);

async function refuse(
  response: ServerResponse,
  status: number,
  error: string,
  reasons?: readonly string[],
): Promise<void> {
  response.setHeader('connection', 'close');
  await writeJson(response, status, { v: 1, error, ...(reasons !== undefined && { reasons }) });
}
