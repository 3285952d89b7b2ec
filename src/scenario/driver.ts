// What drives a case: its steps, a load or a throttle; what that needs, and how long it takes.

import { durationOf } from './build-argument.ts';
import { buildLoad, buildThrottle } from './build-load.ts';
import { buildSteps, longestInTurn } from './build-step.ts';
import { type LoadSpec, lastsMs, type ThrottleSpec } from './load-model.ts';
import type { CaseSpec, ConnectSpec, Isolation } from './model.ts';
import type { Names } from './names.ts';
import { connectNeeds, stepNeeds } from './needs.ts';
import { childOf, type SourceNode, textOf } from './source-node.ts';
import { waitInTurn } from './wait.ts';

/** The driver of a case. */
export interface Driven {
  readonly driver: Pick<CaseSpec, 'steps' | 'load' | 'throttle'>;
  readonly needs: readonly string[];
  /** What it waits on purpose, in milliseconds. */
  readonly waitMs: number;
  /** The longest it can take with its watch, in milliseconds. */
  readonly longestMs: number;
}

/** The driver that a validated document has. `watchMs`: the longest that its checks watch. */
export function drivenOf(
  document: SourceNode,
  { names, watchMs }: { readonly names: Names; readonly watchMs: number },
): Driven {
  const load = childOf(document, 'load');
  if (load !== undefined) return drivenLoad(load, watchMs);
  const throttle = childOf(document, 'throttle');
  if (throttle !== undefined) return drivenThrottle(buildThrottle(throttle));
  const steps = buildSteps(childOf(document, 'steps'), names);
  return {
    driver: { steps },
    needs: stepNeeds(steps),
    waitMs: waitInTurn(steps),
    longestMs: longestInTurn(steps) + watchMs,
  };
}

/** What may run beside a scenario; a load never runs beside anything. */
export function isolationOf(document: SourceNode): Isolation {
  const written = textOf(childOf(document, 'isolation'));
  if (written === 'exclusive' || written === 'destructive') return written;
  const isLoad = ['load', 'throttle'].some((key) => childOf(document, key) !== undefined);
  return isLoad ? 'exclusive' : 'shared';
}

// A closing handshake, and a call that ends a connection.
const CLOSE_MS = 5000;

function drivenLoad(node: SourceNode, watchMs: number): Driven {
  const drainMs = durationOf(childOf(node, 'drain')) ?? Math.max(CLOSE_MS, watchMs);
  const load: LoadSpec = { ...buildLoad(node), drainMs };
  const again = load.reconnect;
  const scheduleMs = load.phases.reduce((sum, phase) => sum + lastsMs(phase), 0);
  const againMs = again === undefined ? 0 : again.times * (again.afterMs + again.jitterMs);
  const waitMs = scheduleMs + load.openForMs + againMs;
  return {
    driver: { steps: [], load },
    needs: [
      ...load.connects.flatMap(({ connect }) => needsOf(connect)),
      // The connection's own id is told by the backend's events.
      ...load.endings.flatMap(({ kind, credentials }) =>
        kind === 'deleteConnection'
          ? ['management', 'observer', ...namedCredentials(credentials)]
          : [],
      ),
    ],
    waitMs,
    longestMs: waitMs + load.withinMs + CLOSE_MS + drainMs,
  };
}

function namedCredentials(credentials = 'default'): readonly string[] {
  const isNamed = credentials !== 'default' && credentials !== 'none';
  return isNamed ? [`credentials:management.${credentials}`] : [];
}

// A round waits for a full bucket, bursts, saturates, recovers and bursts again. A bucket that was not full at first is
// probed anew after a rest, twice at most, and may rest for six times as long as it is saturated.
function drivenThrottle(throttle: ThrottleSpec): Driven {
  const { saturateForMs, rounds, withinMs, connect } = throttle;
  const waitMs = rounds * 2 * saturateForMs;
  return {
    driver: { steps: [], throttle },
    needs: needsOf(connect),
    waitMs,
    longestMs: waitMs + 40 * saturateForMs + withinMs + CLOSE_MS,
  };
}

// One script for all of them would stand in every URL: only who asks the runner can be told.
function needsOf(connect: ConnectSpec): readonly string[] {
  const hasPlan = Object.keys(connect.backend).length > 0;
  return [...connectNeeds(connect), ...(hasPlan ? ['probe.remote'] : [])];
}
