// The phases of a load as scenarios of k6. A constant rate is a ramp that does not rise: the executor for constant rates
// forgets those it is late with at its end, and the count would not be that of the schedule. What is made here starts
// exactly as many as the schedule has, each at most one interval later than there.
// https://grafana.com/docs/k6/latest/using-k6/scenarios/executors/
import type { LoadPhase, LoadPlan } from '../load/plan.ts';
import { schedule } from '../load/schedule.ts';

/** One scenario of k6, as it stands in `options.scenarios`; durations as k6 writes them. */
export interface K6Scenario {
  readonly executor: 'ramping-arrival-rate' | 'per-vu-iterations';
  readonly startTime: string;
  readonly gracefulStop: string;
  readonly tags: { readonly phase: string };
  readonly startRate?: number;
  readonly timeUnit?: string;
  readonly stages?: readonly { readonly target: number; readonly duration: string }[];
  readonly preAllocatedVUs?: number;
  readonly maxVUs?: number;
  readonly vus?: number;
  readonly iterations?: number;
  readonly maxDuration?: string;
}

/** One phase that sends, and what k6 makes of it. */
export interface K6Phase {
  /** The scenario's name in k6: `p1-ramp`. */
  readonly name: string;
  /** Index of the phase in the plan. */
  readonly phase: number;
  readonly startMs: number;
  /** The number of its first attempt, and how many it has. */
  readonly first: number;
  readonly count: number;
  readonly scenario: K6Scenario;
  /** When the one with this place in the phase (from 0) is started by k6, from the start of the first phase. */
  dueMs(place: number): number;
}

type Shape = Pick<K6Phase, 'dueMs'> & {
  readonly scenario: Omit<K6Scenario, 'startTime' | 'gracefulStop' | 'tags'>;
};

/** The phases that send at least one attempt. Poisson arrivals become even ones: k6 draws none. */
export function k6Phases(plan: LoadPlan): readonly K6Phase[] {
  const counts = countsOf(plan);
  const phases: K6Phase[] = [];
  let startMs = 0;
  let first = 0;
  for (const [index, phase] of plan.phases.entries()) {
    const count = counts[index] ?? 0;
    if (count > 0) phases.push(phaseOf(plan, { phase, index, startMs, first, count }));
    first += count;
    startMs += phase.kind === 'burst' ? 0 : phase.durationMs;
  }
  return phases;
}

function countsOf({ phases, seed }: LoadPlan): readonly number[] {
  const counts = phases.map(() => 0);
  for (const { phase } of schedule({ phases, seed, arrivals: 'even' })) {
    counts[phase] = (counts[phase] ?? 0) + 1;
  }
  return counts;
}

interface Placed {
  readonly phase: LoadPhase;
  readonly index: number;
  readonly startMs: number;
  readonly first: number;
  readonly count: number;
}

function phaseOf(plan: LoadPlan, placed: Placed): K6Phase {
  const { phase, index, startMs, first, count } = placed;
  const { scenario, dueMs } = shapeOf(plan, placed);
  return {
    name: `p${index + 1}-${phase.name}`.replaceAll(/[^\w-]/g, '_'),
    phase: index,
    startMs,
    first,
    count,
    dueMs: (place) => startMs + dueMs(place),
    scenario: {
      ...scenario,
      startTime: ms(startMs),
      gracefulStop: ms(plan.openForMs + plan.timeoutMs + GRACE_MS),
      tags: { phase: phase.name },
    },
  };
}

/** What an iteration may take beyond the connection's own time. */
const GRACE_MS = 5000;

function shapeOf(plan: LoadPlan, { phase, count }: Placed): Shape {
  return phase.kind === 'rate' ? rising(plan, phase, count) : burst(plan, count);
}

// Everybody comes at once, each virtual user one time.
function burst(plan: LoadPlan, count: number): Shape {
  const maxDuration = ms(plan.openForMs + plan.timeoutMs + GRACE_MS);
  return {
    scenario: { executor: 'per-vu-iterations', vus: count, iterations: 1, maxDuration },
    dueMs: () => 0,
  };
}

type Rate = LoadPhase & { readonly kind: 'rate' };

// Attempts start where the integral of the rate reaches 1, 2, 3, …: half of one beyond the last one the rate falls to
// nothing. What k6 is late with by then is still started: an executor that ends drops it without a word.
function rising(plan: LoadPlan, { from, to, durationMs }: Rate, count: number): Shape {
  const unit = wholeRate([from, to]);
  const area = ((from + to) / 2) * (durationMs / 1000);
  const lastsMs = (durationMs * (count + 0.5)) / area;
  const slope = (to - from) / (lastsMs / 1000);
  return {
    scenario: {
      executor: 'ramping-arrival-rate',
      startRate: Math.round(from * unit),
      timeUnit: `${unit}s`,
      stages: [
        { target: Math.round(to * unit), duration: ms(lastsMs) },
        { target: 0, duration: '0ms' },
        { target: 0, duration: ms(LATE_MS) },
      ],
      ...users(plan, { rate: Math.max(from, to), count }),
    },
    dueMs: (place) => {
      const reached = place + 1;
      const root = Math.sqrt(Math.max(0, from * from + 2 * slope * reached));
      return (2000 * reached) / (from + root);
    },
  };
}

/** What is started so late is another schedule. */
const LATE_MS = 2000;

/** How many seconds it takes until rates are whole numbers, which is what k6 takes; at most a minute. */
function wholeRate(rates: readonly number[]): number {
  for (let unit = 1; unit < 60; unit += 1) {
    if (rates.every((rate) => Math.abs(rate * unit - Math.round(rate * unit)) < 1e-9)) return unit;
  }
  return 60;
}

// One virtual user has one connection: so many are needed as may be open or on their way, and no more than come.
function users(
  { openForMs, timeoutMs }: LoadPlan,
  { rate, count }: { readonly rate: number; readonly count: number },
): Pick<K6Scenario, 'preAllocatedVUs' | 'maxVUs'> {
  const most = Math.min(count, Math.ceil(rate * ((openForMs + timeoutMs) / 1000)) + 10);
  const usual = Math.ceil(rate * ((openForMs + SLOW_MS) / 1000)) + 10;
  return { preAllocatedVUs: Math.min(most, usual), maxVUs: most };
}

/** An upgrade that is slow, but not unusual: an integration that starts cold. */
const SLOW_MS = 1000;

// To the microsecond: half an interval of 4000/s is 125 µs.
function ms(value: number): string {
  return `${Number(Math.max(0, value).toFixed(3))}ms`;
}
