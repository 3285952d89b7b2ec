// What a run may use of an endpoint at most, and what that costs by the target's own price list.
import { attemptsOf, sizeOf } from '../scenario/load-model.ts';
import type { CaseSpec, Step } from '../scenario/model.ts';
import type { Prices } from '../target/model.ts';

/** What is paid for. */
export interface Usage {
  readonly connections: number;
  /** In either direction; what the backend sends unasked is not known. */
  readonly messages: number;
  readonly connectionMinutes: number;
}

/** The most that these cases use, whatever the endpoint does. What a run looks at before it begins is not in it. */
export function usageOf(cases: readonly CaseSpec[]): Usage {
  return cases.map(usageOfCase).reduce(sum, NOTHING);
}

/** In the currency of the prices. */
export function costOf(
  { connections, messages, connectionMinutes }: Usage,
  { perMillion }: Prices,
): number {
  const millionths =
    connections * perMillion.connections +
    messages * perMillion.messages +
    connectionMinutes * perMillion.connectionMinutes;
  return millionths / 1_000_000;
}

const NOTHING: Usage = { connections: 0, messages: 0, connectionMinutes: 0 };

function sum(one: Usage, other: Usage): Usage {
  return {
    connections: one.connections + other.connections,
    messages: one.messages + other.messages,
    connectionMinutes: one.connectionMinutes + other.connectionMinutes,
  };
}

function usageOfCase({ load, throttle, steps, longestMs }: CaseSpec): Usage {
  if (load !== undefined) {
    const { reconnect, messages, openForMs, withinMs } = load;
    const connections = sizeOf(load).attempts * (1 + (reconnect?.times ?? 0));
    const said = messages === undefined ? 0 : Math.ceil(openForMs / messages.everyMs);
    return {
      connections,
      messages: connections * said * BOTH_WAYS,
      connectionMinutes: (connections * (openForMs + withinMs)) / MINUTE_MS,
    };
  }
  const connections =
    throttle === undefined ? countConnections(steps) : attemptsOf(throttle) * THROTTLE_ROUNDS;
  return {
    connections,
    messages: countMessages(steps),
    connectionMinutes: (connections * longestMs) / MINUTE_MS,
  };
}

const MINUTE_MS = 60_000;
// A message, and an answer to it.
const BOTH_WAYS = 2;
// As many attempts again after each of at most two rests of the limit.
const THROTTLE_ROUNDS = 3;

/** How often steps connect. */
export function countConnections(steps: readonly Step[]): number {
  return countEach(steps, (step) => (step.verb === 'connect' ? step.connect.count : 0));
}

// Of a group each member sends, and each is sent to.
function countMessages(all: readonly Step[]): number {
  const membersOf = (name: string): number =>
    countEach(all, (step) =>
      step.verb === 'connect' && step.connection === name ? step.connect.count : 0,
    );
  return countEach(all, ({ verb, connection }) => {
    if (verb !== 'send' && verb !== 'postToConnection') return 0;
    return (verb === 'send' ? BOTH_WAYS : 1) * membersOf(connection);
  });
}

function countEach(steps: readonly Step[], of: (step: Step) => number): number {
  return steps.reduce((total, step) => {
    if (step.verb === 'parallel') return total + countEach(step.steps, of);
    if (step.verb === 'repeat') return total + step.times * countEach(step.steps, of);
    return total + of(step);
  }, 0);
}
