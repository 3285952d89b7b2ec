// Thresholds of a load: of each attempt a few numbers are kept, so only these can be asked.

import type { Diagnostic } from './diagnostic.ts';
import { parseMoment } from './moment.ts';
import { isOpen } from './name-scope.ts';
import { namesOf } from './names.ts';
import {
  childOf,
  entriesOf,
  entryOf,
  type MapEntry,
  type SourceNode,
  textOf,
} from './source-node.ts';
import { statisticEntry } from './statistic.ts';
import { suggestion } from './suggest.ts';
import { tooFewSamples } from './threshold-names.ts';

/** The phases of a schedule by name. */
export interface LoadPhases {
  readonly byName: ReadonlyMap<string, { readonly arrivals: number; readonly ms: number }>;
  /** A variable hides something of them. */
  readonly isOpen: boolean;
}

interface Load {
  /** `load` or `throttle`. */
  readonly driver: string;
  readonly phases: LoadPhases;
  /** Of the connections, by how they end; undefined: not known. */
  readonly endings: ReadonlyMap<string, number> | undefined;
  readonly found: Diagnostic[];
}

/** Moments that are kept of an attempt. */
export const LOAD_MOMENTS: readonly string[] = [
  'connecting',
  'connected',
  'secured',
  'sent',
  'firstByte',
  'answered',
  'opened',
  'closing',
  'closed',
  '$connect.started',
  '$disconnect.started',
];

/** Fields that are kept, by condition. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  handshake: ['outcome', 'status', 'subprotocol'],
  closed: ['by', 'how', 'code'],
  events: ['authorizer', '$connect', '$disconnect'],
};

/** Reports what cannot be asked of a load, and every threshold that nothing can decide. */
export function checkLoadThresholds(root: SourceNode, load: Load): void {
  for (const { value } of entriesOf(childOf(root, 'thresholds'))) checkThreshold(value, load);
}

function checkThreshold(threshold: SourceNode, load: Load): void {
  const connection = entryOf(threshold, 'connection');
  if (connection !== undefined) {
    misplaced(connection, load, {
      message: `a ${load.driver} has no names of connections`,
      hint: 'leave it out; among and during say which of them',
    });
  }
  const of = childOf(threshold, 'of');
  for (const entry of entriesOf(of)) checkCondition(entry, load);
  const among = entryOf(childOf(threshold, 'among'), 'handshake');
  if (among !== undefined) checkFields(among, load);
  const statistic = statisticEntry(threshold);
  const during = entryOf(threshold, 'during');
  if (load.driver === 'throttle') return checkOfThrottle({ statistic, during, threshold }, load);
  if (statistic?.key === 'estimate') {
    return misplaced(statistic, load, {
      message: 'only a throttle estimates a limiter',
      hint: 'write throttle: { offer: 200/s } instead of load',
    });
  }
  const names = duringOf(during, load);
  if (statistic === undefined || names === undefined) return;
  const about = names.flatMap((name) => load.phases.byName.get(name) ?? []);
  const ms = about.reduce((sum, one) => sum + one.ms, 0);
  if (statistic.key === 'rate' && ms === 0) {
    return misplaced(statistic, load, {
      message: 'a rate is per second, and arrivals at one instant last none',
      hint: 'write count, or arrivalRate and duration in the phase',
    });
  }
  const arrivals = about.reduce((sum, one) => sum + one.arrivals, 0);
  tooFewSamples(threshold, {
    found: load.found,
    members: Math.floor(arrivals * shareAmong(threshold, load)),
    more: (least) => `offer ${least} or more`,
  });
}

function checkOfThrottle(
  given: {
    readonly statistic: MapEntry | undefined;
    readonly during: MapEntry | undefined;
    readonly threshold: SourceNode;
  },
  load: Load,
): void {
  for (const entry of [given.during, entryOf(given.threshold, 'abort')]) {
    if (entry === undefined) continue;
    misplaced(entry, load, { message: `"${entry.key}" belongs to a load`, hint: 'leave it out' });
  }
  if (given.statistic?.key !== 'rate') return;
  misplaced(given.statistic, load, {
    message: 'a throttle has no phases',
    hint: 'write estimate: { is: 50/s }, of: throttle.rate',
  });
}

/** The share of the attempts that can be samples, as far as the scenario says. */
function shareAmong(threshold: SourceNode, { endings }: Load): number {
  const ending = childOf(childOf(threshold, 'among'), 'ending');
  if (ending === undefined || endings === undefined) return 1;
  const words = namesOf(ending) ?? [];
  return words.reduce((sum, word) => sum + (endings.get(word) ?? 0), 0);
}

/** The phases that a threshold is about; undefined where that is not known. */
function duringOf(during: MapEntry | undefined, load: Load): readonly string[] | undefined {
  const { byName, isOpen: hidden } = load.phases;
  if (hidden) return undefined;
  const all = [...byName.keys()];
  if (during === undefined) return all;
  const nodes = during.value.kind === 'list' ? during.value.items : [during.value];
  if (nodes.some(isOpen)) return undefined;
  const unknown = nodes.filter((node) => !byName.has(textOf(node) ?? ''));
  for (const node of unknown) {
    load.found.push({
      code: 'SCN_UNKNOWN_NAME',
      severity: 'error',
      span: node.span,
      message: `there is no phase "${textOf(node) ?? ''}"`,
      hint: suggestion(textOf(node) ?? '', all),
    });
  }
  return unknown.length > 0 ? undefined : nodes.flatMap((node) => textOf(node) ?? []);
}

function checkCondition(entry: MapEntry, load: Load): void {
  if (entry.key === 'within') return;
  if (entry.key === 'events' && load.driver === 'throttle') {
    return misplaced(entry, load, {
      message: 'a throttle does not watch the backend',
      hint: 'ask for handshake, or write a load',
    });
  }
  if (entry.key === 'elapsed') return checkMoments(entry.value, load);
  if (Object.hasOwn(KEPT, entry.key)) {
    checkFields(entry, load);
    if (entry.key === 'events') for (const one of entriesOf(entry.value)) checkCount(one, load);
    return;
  }
  misplaced(entry, load, {
    message: `a ${load.driver} keeps too little of each connection to ask for "${entry.key}"`,
    hint: 'ask for handshake, closed, events or elapsed, or write a scenario of steps',
  });
}

function checkFields({ key, value }: MapEntry, load: Load): void {
  const kept = KEPT[key] ?? [];
  for (const field of entriesOf(value)) {
    if (kept.includes(field.key) || !isKnown(key, field.key)) continue;
    misplaced(field, load, {
      message: `a ${load.driver} does not keep "${field.key}" of each connection`,
      hint: `ask for ${kept.join(', ')}, or write a scenario of steps`,
    });
  }
}

// What the schema does not know either is a mistake already.
function isKnown(condition: string, field: string): boolean {
  return condition === 'events' ? field === 'message' : true;
}

function checkCount({ value }: MapEntry, load: Load): void {
  for (const entry of entriesOf(value)) {
    if (!['each', 'some', 'none', 'schema'].includes(entry.key)) continue;
    misplaced(entry, load, {
      message: `a ${load.driver} counts events and does not keep them`,
      hint: 'write a number, or { count: { gte: 1 } }',
    });
  }
}

function checkMoments(elapsed: SourceNode, load: Load): void {
  for (const key of ['from', 'to']) {
    const node = childOf(elapsed, key);
    const text = textOf(node);
    const moment = parseMoment(text ?? '');
    if (node === undefined || text === undefined || moment === undefined || isOpen(node)) continue;
    const isSeen = load.driver === 'load' || moment.of.kind === 'connection';
    if (LOAD_MOMENTS.includes(text) && isSeen) continue;
    load.found.push({
      code: 'SCN_MISPLACED',
      severity: 'error',
      span: node.span,
      message: `a ${load.driver} does not keep the moment "${text}"`,
      hint: `write one of: ${LOAD_MOMENTS.join(', ')}`,
    });
  }
}

function misplaced(
  { keySpan }: MapEntry,
  { found }: Load,
  said: { readonly message: string; readonly hint: string },
): void {
  found.push({ code: 'SCN_MISPLACED', severity: 'error', span: keySpan, ...said });
}
