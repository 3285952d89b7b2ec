// Validated nodes to a load or a throttle of the model.
import { parseRate } from '../base/rate.ts';
import { buildConnect, durationOf } from './build-argument.ts';
import type {
  LoadConnect,
  LoadEndingSpec,
  LoadPhaseSpec,
  LoadSpec,
  ThrottleSpec,
} from './load-model.ts';
import { shareOf } from './schema-threshold.ts';
import {
  childOf,
  entriesOf,
  entryOf,
  itemsOf,
  numberOf,
  type SourceNode,
  textOf,
  toPlain,
} from './source-node.ts';

/** The argument of `load`, but for the length of the watch, which the thresholds say as well. */
export function buildLoad(node: SourceNode): Omit<LoadSpec, 'drainMs'> {
  const at = (key: string): SourceNode | undefined => childOf(node, key);
  const messages = at('messages');
  const pings = at('pings');
  const reconnect = at('reconnect');
  return {
    connects: buildConnects(at('connect')),
    arrivals: textOf(at('arrivals')) === 'poisson' ? 'poisson' : 'even',
    seed: textOf(at('seed')),
    phases: itemsOf(at('phases')).flatMap(buildPhase),
    openForMs: durationOf(at('openFor')) ?? 0,
    endings: buildEndings(at('endings')),
    messages: messages && { text: messageText(messages), everyMs: everyMs(messages) },
    pings: pings && { everyMs: everyMs(pings) },
    reconnect: reconnect && {
      afterMs: durationOf(childOf(reconnect, 'after')) ?? 0,
      jitterMs: durationOf(childOf(reconnect, 'jitter')) ?? 0,
      times: numberOf(childOf(reconnect, 'times')) ?? 1,
    },
    withinMs: durationOf(at('within')) ?? HANDSHAKE_MS,
  };
}

/** The argument of `throttle`. */
export function buildThrottle(node: SourceNode): ThrottleSpec {
  const { connect, resume } = buildOne(childOf(node, 'connect') ?? nothing(node));
  return {
    connect,
    resume,
    offer: rateOf(childOf(node, 'offer')),
    saturateForMs: durationOf(childOf(node, 'saturateFor')) ?? SATURATE_MS,
    rounds: numberOf(childOf(node, 'rounds')) ?? ROUNDS,
    withinMs: durationOf(childOf(node, 'within')) ?? HANDSHAKE_MS,
  };
}

/** The name of the phase at an index, where it has none of its own. */
export function phaseName(phase: SourceNode, index: number): string {
  return textOf(childOf(phase, 'name')) ?? `phase-${index + 1}`;
}

/** One phase of the schedule, or the steps of a staircase. */
export function buildPhase(node: SourceNode, index: number): readonly LoadPhaseSpec[] {
  const name = phaseName(node, index);
  const durationMs = durationOf(childOf(node, 'duration')) ?? 0;
  if (entryOf(node, 'arrivals') !== undefined) {
    return [{ name, kind: 'burst', arrivals: numberOf(childOf(node, 'arrivals')) ?? 0 }];
  }
  if (entryOf(node, 'pause') !== undefined) return [{ name, kind: 'pause', durationMs }];
  const from = rateOf(childOf(node, 'arrivalRate'));
  const steps = numberOf(childOf(node, 'steps'));
  if (steps === undefined) {
    const ramp = childOf(node, 'rampTo');
    const to = ramp === undefined ? from : rateOf(ramp);
    return [{ name, kind: 'rate', from, to, durationMs }];
  }
  const last = rateOf(childOf(node, 'stepTo'));
  return Array.from({ length: steps }, (_, at) => {
    const rate = from + ((last - from) * at) / (steps - 1);
    return { name, kind: 'rate', from: rate, to: rate, durationMs: durationMs / steps } as const;
  });
}

const HANDSHAKE_MS = 10_000;
const SATURATE_MS = 20_000;
const ROUNDS = 3;

function buildConnects(node: SourceNode | undefined): readonly LoadConnect[] {
  if (node?.kind !== 'list') return [{ share: 1, ...buildOne(node) }];
  return node.items.map((one) => ({
    share: shareOf(textOf(childOf(one, 'share')) ?? ''),
    ...buildOne(one),
  }));
}

function buildOne(node: SourceNode | undefined): Omit<LoadConnect, 'share'> {
  const given = node ?? nothing(undefined);
  const tls = childOf(given, 'tls');
  const connect = buildConnect(given);
  return {
    connect: { ...connect, tls: tls?.kind === 'scalar' ? false : undefined },
    resume: childOf(tls, 'resume') !== undefined,
  };
}

function nothing(node: SourceNode | undefined): SourceNode {
  const span = node?.span ?? { file: '', line: 1, column: 1, length: 1 };
  return { kind: 'map', entries: [], span };
}

function buildEndings(node: SourceNode | undefined): readonly LoadEndingSpec[] {
  const items = itemsOf(node);
  if (items.length === 0) return [{ share: 1, kind: 'close', code: 1000, reason: '' }];
  return items.map((one) => {
    const share = textOf(childOf(one, 'share'));
    return { share: share === undefined ? 1 : shareOf(share), ...buildEnding(one) };
  });
}

function buildEnding(node: SourceNode): Omit<LoadEndingSpec, 'share'> {
  const verb = entriesOf(node).find(({ key }) => key !== 'share');
  switch (verb?.key) {
    case 'drop':
      // One of the three words: the schema says so.
      return { kind: textOf(verb.value) as 'fin' | 'reset' | 'silence' };
    case 'abort':
      return { kind: 'abort' };
    case 'deleteConnection':
      return {
        kind: 'deleteConnection',
        credentials: textOf(childOf(verb.value, 'credentials')),
      };
    default: {
      const close = verb?.value;
      const code = numberOf(childOf(close, 'code'));
      return { kind: 'close', code, reason: textOf(childOf(close, 'reason')) ?? '' };
    }
  }
}

function everyMs(node: SourceNode): number {
  return durationOf(childOf(node, 'every')) ?? 0;
}

function messageText(node: SourceNode): string {
  const json = childOf(node, 'json');
  return json === undefined ? (textOf(childOf(node, 'text')) ?? '') : JSON.stringify(toPlain(json));
}

function rateOf(node: SourceNode | undefined): number {
  return parseRate(textOf(node) ?? '') ?? 0;
}
