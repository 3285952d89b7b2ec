// When attempts are due. The rate is piecewise linear; an attempt is due where its integral reaches the
// next whole number (even), or the next event of a unit Poisson process (poisson). Made as it is needed,
// so that an hour takes no more memory than a second.
import { createDraw } from './draw.ts';
import type { LoadPhase, LoadPlan } from './plan.ts';

/** One attempt that is due. */
export interface Arrival {
  /** Its place in the whole schedule, from 0. */
  readonly number: number;
  /** Index of its phase. */
  readonly phase: number;
  /** From the start of the first phase, with fractions. */
  readonly dueMs: number;
}

/** Which attempts are whose: those whose number leaves `worker` when divided by `of`. */
export interface Stripe {
  readonly worker: number;
  readonly of: number;
}

const WHOLE: Stripe = { worker: 0, of: 1 };

/** The attempts of a stripe in order of due time. A constant rate begins with one at once. */
export function* schedule(
  { phases, arrivals, seed }: Pick<LoadPlan, 'phases' | 'arrivals' | 'seed'>,
  { worker, of }: Stripe = WHOLE,
): Generator<Arrival, void> {
  const draw = createDraw(seed, 'arrivals');
  let number = 0;
  let startMs = 0;
  // The integral of the rate so far, where it is when the next one is due, and how many were.
  let area = 0;
  let next = 0;
  let pulses = 0;
  if (arrivals === 'poisson') next = -Math.log(1 - draw(pulses));
  for (const [phase, spec] of phases.entries()) {
    if (spec.kind === 'burst') {
      for (let each = 0; each < spec.arrivals; each += 1, number += 1) {
        if (number % of === worker) yield { number, phase, dueMs: startMs };
      }
    }
    if (spec.kind === 'rate') {
      const end = area + areaOf(spec);
      while (next < end - ROUNDING) {
        const dueMs = startMs + msInto(spec, Math.max(0, next - area));
        if (number % of === worker) yield { number, phase, dueMs };
        number += 1;
        pulses += 1;
        next = arrivals === 'even' ? pulses : next - Math.log(1 - draw(pulses));
      }
      area = end;
    }
    startMs += durationOf(spec);
  }
}

/** How long the schedule lasts. */
export function scheduleMs(phases: readonly LoadPhase[]): number {
  return phases.reduce((sum, phase) => sum + durationOf(phase), 0);
}

/** How many attempts it has: exactly with even arrivals, on average with poisson. */
export function scheduledArrivals(phases: readonly LoadPhase[]): number {
  const even = phases.reduce((sum, phase) => sum + (phase.kind === 'rate' ? areaOf(phase) : 0), 0);
  const bursts = phases.reduce(
    (sum, phase) => sum + (phase.kind === 'burst' ? phase.arrivals : 0),
    0,
  );
  return Math.ceil(even - ROUNDING) + bursts;
}

// What sums of binary fractions may be off by: a tenth of a second at 10/s is one arrival, not two.
const ROUNDING = 1e-6;

type Rate = LoadPhase & { readonly kind: 'rate' };

function areaOf({ from, to, durationMs }: Rate): number {
  return ((from + to) / 2) * (durationMs / 1000);
}

function durationOf(phase: LoadPhase): number {
  return phase.kind === 'burst' ? 0 : phase.durationMs;
}

// Solves `from x + (to - from) x² / 2d = area`, in the form that stays exact where the rate hardly
// changes.
function msInto({ from, to, durationMs }: Rate, area: number): number {
  const rate = from / 1000;
  const slope = (to - from) / 1000 / durationMs;
  const root = Math.sqrt(Math.max(0, rate * rate + 2 * slope * area));
  const ms = area === 0 ? 0 : (2 * area) / (rate + root);
  return Math.min(durationMs, ms);
}
