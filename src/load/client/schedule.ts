// When attempts are due: the instants at which the area under the rate reaches whole numbers, or those
// of a Poisson process of that rate.
import type { Random } from '../../base/random.ts';
import type { LoadPhase } from '../plan.ts';

/** An attempt that is due, in ms from the start of the first phase. */
export interface Due {
  /** Index of its phase. */
  readonly phase: number;
  readonly dueMs: number;
}

/** All attempts of the phases in order of time, one by one. */
export function* scheduleOf(
  phases: readonly LoadPhase[],
  { arrivals, random }: { readonly arrivals: 'even' | 'poisson'; readonly random: Random },
): Generator<Due> {
  let startMs = 0;
  for (const [phase, one] of phases.entries()) {
    const base = startMs;
    for (const ms of within(one, arrivals, random)) yield { phase, dueMs: base + ms };
    startMs += one.kind === 'burst' ? 0 : one.durationMs;
  }
}

function* within(
  phase: LoadPhase,
  arrivals: 'even' | 'poisson',
  random: Random,
): Generator<number> {
  if (phase.kind === 'pause') return;
  if (phase.kind === 'burst') {
    for (let at = 0; at < phase.arrivals; at += 1) yield 0;
    return;
  }
  const { from, to, durationMs } = phase;
  const all = ((from + to) / 2) * (durationMs / 1000);
  const gap = (): number => (arrivals === 'even' ? 1 : -Math.log(1 - random.next()));
  // Evenly, the first one comes at once; how many there are is what `arrivalsOf` says.
  let area = arrivals === 'even' ? 0 : gap();
  const least = arrivals === 'even' ? Math.floor(all + 1e-9) - 0.5 : all;
  while (area < least) {
    yield instantOf(area, { from, to, durationMs });
    area += gap();
  }
}

/** When the area under the rate is so large, in ms from the start of the phase. */
function instantOf(
  area: number,
  {
    from,
    to,
    durationMs,
  }: { readonly from: number; readonly to: number; readonly durationMs: number },
): number {
  const slope = (to - from) / (durationMs / 1000);
  if (Math.abs(slope) < 1e-12) return (area / from) * 1000;
  // The root of from·t + slope·t²/2 = area that does not cancel for small slopes.
  const root = Math.sqrt(Math.max(0, from * from + 2 * slope * area));
  return ((2 * area) / (from + root)) * 1000 || 0;
}
