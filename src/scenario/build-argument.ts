// Validated nodes to the arguments of steps: what is sent, and what the backend shall do.
import type { Json } from '../base/json.ts';
import type {
  CallSpec,
  ConnectSpec,
  FrameSpec,
  HeaderSpec,
  PayloadSpec,
  Plan,
  PlanAnswer,
  SendSpec,
  SignSpec,
} from './model.ts';
import { OPCODES } from './schema-step.ts';
import { msOf } from './schema-value.ts';
import {
  childOf,
  entriesOf,
  itemsOf,
  numberOf,
  type SourceNode,
  textOf,
  toPlain,
} from './source-node.ts';

/** The argument of `connect`. */
export function buildConnect(node: SourceNode): ConnectSpec {
  const at = (key: string): SourceNode | undefined => childOf(node, key);
  const count = numberOf(at('count')) ?? 1;
  return {
    endpoint: textOf(at('endpoint')) ?? 'open',
    credentials: textOf(at('credentials')) ?? 'default',
    sign: buildSign(at('sign')),
    subprotocols: itemsOf(at('subprotocols')).flatMap((one) => textOf(one) ?? []),
    extensions: textOf(at('extensions')),
    headers: buildHeaders(at('headers')),
    query: buildHeaders(at('query')),
    method: textOf(at('method')) ?? 'GET',
    path: textOf(at('path')),
    ...whereItTravels(node),
    raw: textOf(at('raw')),
    tls: buildTls(at('tls')),
    backend: buildBackend(at('backend')),
    count,
    atOnce: Math.min(count, numberOf(at('atOnce')) ?? count),
    untilSent: at('until') !== undefined,
  };
}

function whereItTravels(node: SourceNode): Pick<ConnectSpec, 'urlBytes' | 'nonce'> {
  const urlBytes = numberOf(childOf(node, 'urlBytes'));
  return {
    ...(urlBytes === undefined ? {} : { urlBytes }),
    ...(childOf(node, 'nonce') === undefined ? {} : { nonce: 'header' }),
  };
}

function buildSign(node: SourceNode | undefined): SignSpec | false | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'scalar') return false;
  const at = (key: string): string | undefined => textOf(childOf(node, key));
  const token = childOf(node, 'sessionToken');
  const [, past = '', offset = ''] = /^(-?)(.*)$/.exec(at('at') ?? '0s') ?? [];
  return {
    // Words of the schema.
    in: at('in') as SignSpec['in'],
    region: at('region'),
    service: at('service'),
    expiresMs: durationOf(childOf(node, 'expires')),
    atMs: msOf(offset) * (past === '' ? 1 : -1),
    accessKeyId: at('accessKeyId'),
    secretAccessKey: at('secretAccessKey'),
    sessionToken: token && (toPlain(token) === false ? false : textOf(token)),
    tamper: at('tamper') as SignSpec['tamper'],
  };
}

/** Headers or query parameters in the order written; a list is sent repeatedly. */
export function buildHeaders(node: SourceNode | undefined): readonly HeaderSpec[] {
  return entriesOf(node).flatMap(({ key, value }) => {
    const values = value.kind === 'list' ? value.items : [value];
    return values.map((one) => ({ name: key, value: headerValue(one) }));
  });
}

function headerValue(node: SourceNode): string | undefined {
  return node.kind === 'map' ? 'a'.repeat(numberOf(childOf(node, 'size')) ?? 0) : textOf(node);
}

function buildTls(node: SourceNode | undefined): ConnectSpec['tls'] {
  if (node === undefined) return undefined;
  if (node.kind === 'scalar') return false;
  const alpn = itemsOf(childOf(node, 'alpn')).flatMap((one) => textOf(one) ?? []);
  return { version: textOf(childOf(node, 'version')), alpn };
}

function buildBackend(node: SourceNode | undefined): ConnectSpec['backend'] {
  return Object.fromEntries(
    entriesOf(node).map(({ key, value }) => [key, buildPlan(value, key === 'authorizer')]),
  );
}

function buildPlan(node: SourceNode, authorizer: boolean): Plan {
  return { when: buildWhen(node), answer: buildAnswer(node, authorizer) };
}

function buildWhen(node: SourceNode): Plan['when'] {
  if (childOf(node, 'hang') !== undefined) return { kind: 'hang' };
  for (const kind of ['delay', 'hold'] as const) {
    const ms = durationOf(childOf(node, kind));
    if (ms !== undefined) return { kind, ms };
  }
  return { kind: 'now' };
}

function buildAnswer(node: SourceNode, authorizer: boolean): PlanAnswer {
  const message = textOf(childOf(node, 'throw'));
  if (message !== undefined) return { kind: 'throw', message };
  const value = childOf(node, 'return');
  if (value !== undefined) return { kind: 'return', value: toPlain(value) };
  return authorizer ? authorizerAnswer(node) : integrationAnswer(node);
}

function authorizerAnswer(node: SourceNode): PlanAnswer {
  const policy = childOf(node, 'policy');
  const context = childOf(node, 'context');
  const resultBytes = numberOf(childOf(node, 'resultBytes'));
  return {
    kind: 'authorizer',
    effect: textOf(childOf(node, 'effect')) === 'deny' ? 'deny' : 'allow',
    principalId: textOf(childOf(node, 'principalId')) ?? 'assay',
    // The schema allows a mapping only.
    context: context && (toPlain(context) as Readonly<Record<string, Json>>),
    policy: policy && toPlain(policy),
    usageIdentifierKey: textOf(childOf(node, 'usageIdentifierKey')),
    ...(resultBytes === undefined ? {} : { resultBytes }),
  };
}

function integrationAnswer(node: SourceNode): PlanAnswer {
  const subprotocol = textOf(childOf(node, 'subprotocol'));
  const headers = entriesOf(childOf(node, 'headers')).map(({ key, value }) => [
    key,
    textOf(value) ?? '',
  ]);
  const chosen = subprotocol === undefined ? [] : [['Sec-WebSocket-Protocol', subprotocol]];
  return {
    kind: 'integration',
    status: numberOf(childOf(node, 'status')) ?? 200,
    headers: Object.fromEntries([...headers, ...chosen]),
    body: textOf(childOf(node, 'body')),
    echo: childOf(node, 'echo') !== undefined,
  };
}

/** The argument of `send`. */
export function buildSend(node: SourceNode): SendSpec {
  const plan = childOf(node, 'backend');
  const backend = plan === undefined ? undefined : buildPlan(plan, false);
  const fragmentSize = numberOf(childOf(node, 'fragmentSize'));
  const frames = childOf(node, 'frames');
  if (frames !== undefined)
    return { backend, kind: 'frames', frames: itemsOf(frames).map(buildFrame) };
  const bytes = childOf(node, 'bytes');
  if (bytes !== undefined)
    return { backend, kind: 'bytes', hex: textOf(childOf(bytes, 'hex')) ?? '' };
  const json = childOf(node, 'json');
  if (json !== undefined) {
    return {
      backend,
      kind: 'text',
      payload: { text: JSON.stringify(toPlain(json)) },
      fragmentSize,
    };
  }
  for (const kind of ['text', 'binary', 'ping', 'pong'] as const) {
    const payload = childOf(node, kind);
    if (payload !== undefined)
      return { backend, kind, payload: buildPayload(payload), fragmentSize };
  }
  throw new Error('a message without payload came out of validation');
}

function buildFrame(node: SourceNode): FrameSpec {
  const opcode = childOf(node, 'opcode');
  const named = Object.entries(OPCODES).find(([name]) => name === textOf(opcode));
  return {
    opcode: named?.[1] ?? numberOf(opcode) ?? 0,
    fin: isTrue(childOf(node, 'fin')),
    rsv: numberOf(childOf(node, 'rsv')) ?? 0,
    masked: isTrue(childOf(node, 'masked')),
    payload: buildPayload(childOf(node, 'payload')),
  };
}

function isTrue(node: SourceNode | undefined): boolean {
  return node === undefined || toPlain(node) === true;
}

function buildPayload(node: SourceNode | undefined): PayloadSpec {
  const size = numberOf(childOf(node, 'size'));
  if (size !== undefined) return { size };
  const hex = textOf(childOf(node, 'hex'));
  return hex === undefined ? { text: textOf(node) ?? '' } : { hex };
}

/** The argument of a management call. */
export function buildCall(node: SourceNode, name: string): CallSpec {
  const body = childOf(node, 'body');
  const credentials = textOf(childOf(node, 'credentials'));
  return {
    name,
    body:
      body?.kind === 'map'
        ? 'a'.repeat(numberOf(childOf(body, 'size')) ?? 0)
        : (textOf(body) ?? ''),
    ...(credentials === undefined ? {} : { credentials }),
    sign: buildSign(childOf(node, 'sign')),
    id: textOf(childOf(node, 'id')),
    path: textOf(childOf(node, 'path')),
    headers: buildHeaders(childOf(node, 'headers')),
  };
}

/** Milliseconds of a duration node. */
export function durationOf(node: SourceNode | undefined): number | undefined {
  const written = textOf(node);
  return written === undefined ? undefined : msOf(written);
}
