// Validated nodes to steps of the model: defaults filled in, durations in milliseconds.
import { buildCall, buildConnect, buildSend, durationOf } from './build-argument.ts';
import type { CallVerb, Invocation, Step } from './model.ts';
import { parseMoment } from './moment.ts';
import { CLIENT, type Names, namesOf, verbOf } from './names.ts';
import { childOf, itemsOf, numberOf, type SourceNode, textOf } from './source-node.ts';

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
