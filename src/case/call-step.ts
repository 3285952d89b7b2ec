// The management steps: POST, GET and DELETE on @connections/{id}.
import type { CallSpec, CallVerb } from '../scenario/model.ts';
import type { Credentials, Target } from '../target/model.ts';
import { routeOf } from '../target/route.ts';
import { httpRequest } from '../wire/http-request.ts';
import { capturePayload } from '../wire/payload.ts';
import { registerCredentials } from './credentials.ts';
import type { CaseContext, Member } from './member.ts';
import { ofConnection } from './recorder.ts';
import { fillStage } from './request.ts';
import {
  callCredentials,
  registerDeviation,
  type SignedRequest,
  signed,
  type Unsigned,
} from './sign.ts';

/** A call as the driver hands it over. */
export interface CallStep {
  readonly verb: CallVerb;
  readonly call: CallSpec;
  readonly withinMs: number;
  readonly connection: string;
}

/**
 * Calls the management API about one member's connection and records the call and its answer.
 * Resolves with what made it impossible: no id could be learned from the backend in time.
 */
export async function driveCall(
  context: CaseContext,
  step: CallStep,
  member: Member | undefined,
): Promise<string | undefined> {
  const id = step.call.id ?? (await learnId(context, step, member));
  if (id === undefined) return `the backend told no connection id within ${step.withinMs} ms`;
  await call(context, step, { id, index: member?.index ?? 0, endpoint: member?.endpoint });
  return undefined;
}

async function learnId(
  context: CaseContext,
  step: CallStep,
  member: Member | undefined,
): Promise<string | undefined> {
  const deadline = new AbortController();
  const cancel = context.clock.after(step.withinMs, () => deadline.abort());
  const signal = AbortSignal.any([deadline.signal, context.signal]);
  const id = await member?.enrolment?.whenConnectionId(signal);
  cancel();
  return id;
}

async function call(
  context: CaseContext,
  step: CallStep,
  {
    id,
    index,
    endpoint,
  }: { readonly id: string; readonly index: number; readonly endpoint: string | undefined },
): Promise<void> {
  const { clock, recorder, redactor } = context;
  const place = ofConnection(step.connection, index);
  const { name, body } = step.call;
  const method = METHODS[step.verb];
  const url = callUrl(placeOf(context.target, endpoint), step.call, id);
  const sends = step.verb === 'postToConnection';
  const credentials = callCredentials(context.target, step.call.credentials, endpoint);
  const unsigned = { url, method, ...(sends ? { body } : {}) };
  const { target, headers, isSigned } = signCall(unsigned, step.call, {
    credentials,
    wallMs: clock.wallMs(),
  });
  registerCredentials(redactor, { target, headers, isSigned });
  registerDeviation(redactor, step.call.sign);
  recorder.add({
    kind: 'call',
    atUs: clock.nowUs(),
    ...place,
    name,
    verb: step.verb,
    method,
    url: redactor.text(url),
    ...(sends ? { body: redactor.text(body) } : {}),
  });
  const answer = await httpRequest({
    url,
    method,
    target,
    headers,
    ...(sends ? { body } : {}),
    clock,
    deadlineMs: step.withinMs,
    tls: context.target.network,
    route: routeOf(context.target.network),
  });
  const at = { kind: 'answer', atUs: clock.nowUs(), ...place, name } as const;
  if (answer.outcome !== 'answered') {
    recorder.add({
      ...at,
      failure: redactor.text(`${answer.failure.message} (${answer.failure.code})`),
    });
    return;
  }
  recorder.add({
    ...at,
    status: answer.status,
    headers: answer.headers.map(([key, value]) => [key, redactor.header(key, value)] as const),
    body: capturePayload(answer.body, redactor),
  });
}

// The headers of the call stand in for those of its credentials.
function signCall(
  request: Omit<Unsigned, 'target' | 'headers'>,
  spec: CallSpec,
  {
    credentials,
    wallMs,
  }: { readonly credentials: Credentials | undefined; readonly wallMs: number },
): SignedRequest {
  const given = new Set(spec.headers.map(({ name }) => name.toLowerCase()));
  const added = credentials?.headers.filter(({ name }) => !given.has(name.toLowerCase())) ?? [];
  const { pathname, search } = new URL(request.url);
  const headers = [...added, ...spec.headers];
  const unsigned = { ...request, target: `${pathname}${search}`, headers };
  return signed(unsigned, { credentials: credentials?.sign, spec: spec.sign, wallMs });
}

const METHODS: Readonly<Record<CallVerb, string>> = {
  postToConnection: 'POST',
  getConnection: 'GET',
  deleteConnection: 'DELETE',
};

interface ManagementPlace {
  readonly management: string;
  /** The stage that `{stage}` in a path means. */
  readonly stage: string | undefined;
}

/** Where connections of a role are managed: an endpoint's own management is of its own stage. */
function placeOf(
  { endpoints, management = '' }: Target,
  role: string | undefined,
): ManagementPlace {
  const own = role === undefined ? undefined : endpoints[role];
  if (own?.management !== undefined) return { management: own.management, stage: own.stage };
  return { management, stage: endpoints['open']?.stage };
}

/** `{id}` is percent-encoded: `=` and `+` in ids mean themselves. */
function callUrl({ management, stage }: ManagementPlace, spec: CallSpec, id: string): string {
  const encoded = encodeURIComponent(id);
  const base = management.replaceAll('{id}', encoded);
  if (spec.path === undefined) return base;
  return new URL(fillStage(spec.path.replaceAll('{id}', encoded), stage), base).href;
}
