// Validated nodes to steps of the model: defaults filled in, durations in milliseconds.
import type { Json } from '../base/json.ts';
import type {
  CallSpec,
  CallVerb,
  ConnectSpec,
  FrameSpec,
  HeaderSpec,
  Invocation,
  PayloadSpec,
  Plan,
  PlanAnswer,
  SendSpec,
  Step,
} from './model.ts';
import { parseMoment } from './moment.ts';
import { CLIENT, type Names, namesOf, verbOf } from './names.ts';
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

/** The steps under a `steps` or `parallel` key. */
export function buildSteps(list: SourceNode | undefined, names: Names): readonly Step[] {
  return itemsOf(list).map((node) => buildStep(node, names));
}

/** Deadlines that hold when a step has none of its own, in milliseconds. */
const DEADLINES_MS: Readonly<Record<string, number>> = {
  connect: 10_000,
  release: 10_000,
  send: 5000,
  close: 5000,
  drop: 5000,
  postToConnection: 5000,
  getConnection: 5000,
  deleteConnection: 5000,
  wait: 10_000,
};

type Base = Pick<Step, 'span' | 'withinMs' | 'connection'>;

function buildStep(node: SourceNode, names: Names): Step {
  const verb = verbOf(node);
  if (verb === undefined) throw new Error('a step without verb came out of validation');
  const { key, value } = verb;
  const within = durationOf(childOf(node, 'within'));
  const base = { span: verb.keySpan, withinMs: within ?? DEADLINES_MS[key] ?? 0 };
  if (key === 'connect') {
    const connection = textOf(childOf(node, 'as')) ?? CLIENT;
    return { ...base, connection, verb: 'connect', connect: buildConnect(value) };
  }
  if (key === 'repeat' || key === 'parallel' || key === 'idle') {
    return buildBlock(key, value, { base, within, names });
  }
  const about = connectionsOf(node, { key, value, names });
  const steps = about.map((connection) =>
    buildActing(node, { key, value, base: { ...base, connection } }),
  );
  const [first, ...others] = steps;
  if (first !== undefined && others.length === 0) return first;
  return { ...base, connection: '', verb: 'parallel', steps };
}

interface Acting {
  readonly key: string;
  readonly value: SourceNode;
}

function connectionsOf(
  node: SourceNode,
  { key, value, names }: Acting & { readonly names: Names },
): readonly string[] {
  const given = namesOf(childOf(node, 'connection'));
  if (given !== undefined) return [...new Set(given)];
  const named = key === 'wait' ? parseMoment(textOf(value) ?? '')?.connection : undefined;
  return [named ?? names.connections[0] ?? CLIENT];
}

interface Block {
  readonly base: Omit<Base, 'connection'>;
  readonly within: number | undefined;
  readonly names: Names;
}

function buildBlock(
  key: 'repeat' | 'parallel' | 'idle',
  value: SourceNode,
  { base, within, names }: Block,
): Step {
  if (key === 'idle') {
    const ms = durationOf(value) ?? 0;
    return { ...base, withinMs: within ?? ms, connection: '', verb: 'idle', ms };
  }
  if (key === 'parallel') {
    const steps = buildSteps(value, names);
    return {
      ...base,
      withinMs: within ?? longestAtOnce(steps),
      connection: '',
      verb: 'parallel',
      steps,
    };
  }
  const steps = buildSteps(childOf(value, 'steps'), names);
  const times = numberOf(childOf(value, 'times')) ?? 1;
  const atOnce = numberOf(childOf(value, 'atOnce')) ?? 1;
  const everyMs = durationOf(childOf(value, 'every')) ?? 0;
  const rounds = { times, everyMs, atOnce, steps };
  return {
    ...base,
    withinMs: within ?? longestRounds(rounds),
    connection: '',
    verb: 'repeat',
    ...rounds,
  };
}

/** The longest that steps take one after the other, in milliseconds. */
export function longestInTurn(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + longestStep(step), 0);
}

function longestAtOnce(steps: readonly Step[]): number {
  return Math.max(0, ...steps.map(longestStep));
}

interface Rounds {
  readonly times: number;
  readonly everyMs: number;
  readonly atOnce: number;
  readonly steps: readonly Step[];
}

function longestRounds({ times, everyMs, atOnce, steps }: Rounds): number {
  return Math.ceil(times / atOnce) * Math.max(longestInTurn(steps), everyMs) + times * everyMs;
}

/** Members beyond `atOnce` wait for their turn; a deadline stands still while a hold lasts. */
function longestStep(step: Step): number {
  if (step.verb !== 'connect') return step.withinMs;
  const { count, atOnce, backend } = step.connect;
  const holds = Object.values(backend).map(({ when }) => (when.kind === 'hold' ? when.ms : 0));
  return step.withinMs * Math.ceil(count / atOnce) + Math.max(0, ...holds);
}

function buildActing(
  node: SourceNode,
  { key, value, base }: Acting & { readonly base: Base },
): Step {
  switch (key) {
    case 'release':
      // One of the four words: the schema says so.
      return { ...base, verb: 'release', invocation: textOf(value) as Invocation };
    case 'send':
      return { ...base, verb: 'send', send: buildSend(value) };
    case 'close': {
      const reason = textOf(childOf(value, 'reason')) ?? '';
      return { ...base, verb: 'close', code: numberOf(childOf(value, 'code')), reason };
    }
    case 'drop':
      return { ...base, verb: 'drop', how: textOf(value) as 'fin' | 'reset' | 'silence' };
    case 'wait':
      return { ...base, verb: 'wait', moment: buildMoment(value) };
    default: {
      const verb = key as CallVerb;
      const name = textOf(childOf(node, 'as')) ?? verb;
      return { ...base, verb, call: buildCall(value, name) };
    }
  }
}

/** A moment out of a validated node. */
export function buildMoment(node: SourceNode): ReturnType<typeof parseMoment> & object {
  const moment = parseMoment(textOf(node) ?? '');
  if (moment === undefined) throw new Error('a wrong moment came out of validation');
  return moment;
}

function buildConnect(node: SourceNode): ConnectSpec {
  const at = (key: string): SourceNode | undefined => childOf(node, key);
  const count = numberOf(at('count')) ?? 1;
  return {
    endpoint: textOf(at('endpoint')) ?? 'open',
    credentials: textOf(at('credentials')) ?? 'default',
    subprotocols: itemsOf(at('subprotocols')).flatMap((one) => textOf(one) ?? []),
    extensions: textOf(at('extensions')),
    headers: buildHeaders(at('headers')),
    query: buildHeaders(at('query')),
    method: textOf(at('method')) ?? 'GET',
    path: textOf(at('path')),
    raw: textOf(at('raw')),
    tls: buildTls(at('tls')),
    backend: buildBackend(at('backend')),
    count,
    atOnce: Math.min(count, numberOf(at('atOnce')) ?? count),
    untilSent: at('until') !== undefined,
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
  return {
    kind: 'authorizer',
    effect: textOf(childOf(node, 'effect')) === 'deny' ? 'deny' : 'allow',
    principalId: textOf(childOf(node, 'principalId')) ?? 'assay',
    // The schema allows a mapping only.
    context: context && (toPlain(context) as Readonly<Record<string, Json>>),
    policy: policy && toPlain(policy),
    usageIdentifierKey: textOf(childOf(node, 'usageIdentifierKey')),
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

function buildSend(node: SourceNode): SendSpec {
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

function buildCall(node: SourceNode, name: string): CallSpec {
  const body = childOf(node, 'body');
  return {
    name,
    body:
      body?.kind === 'map'
        ? 'a'.repeat(numberOf(childOf(body, 'size')) ?? 0)
        : (textOf(body) ?? ''),
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
