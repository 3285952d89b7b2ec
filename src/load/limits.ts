// Whether the generator was the bottleneck: each reason a sentence with the figure that shows it.
import type { AttemptCounts } from '../result/load-result.ts';

/** What the generator did, as far as it limits what can be said of the endpoint. */
export interface GeneratorFigures {
  readonly total: AttemptCounts;
  readonly unsentBy: Readonly<Record<string, number>>;
  readonly latenessP99Ms: number | undefined;
  readonly precise: boolean;
  readonly loopP99Ms: number;
  /** CPU seconds over wall seconds of each worker. */
  readonly cpu: readonly number[];
  readonly durationMs: number;
  /** Why workers were lost. */
  readonly lost: readonly string[];
}

// A schedule that is kept this badly is another schedule. Measured here: p99 1.3 ms, spinning 0.2 ms.
const LATE_MS = 10;
const LATE_PRECISE_MS = 2;
const UNSENT_SHARE = 0.01;
const LOOP_MS = 50;
const BUSY = 0.95;
// Starting a process takes CPU for about a second.
const BUSY_AFTER_MS = 3000;

const WHY: Readonly<Record<string, string>> = {
  'local-ports': 'no source port was free (give more source addresses)',
  descriptors: 'no descriptor was free (ulimit -n, or more workers)',
  late: 'the generator was too far behind its schedule',
};

/** The reasons; none where it kept up. */
export function generatorLimits(figures: GeneratorFigures): readonly string[] {
  const { total, unsentBy, latenessP99Ms, precise, loopP99Ms, cpu, durationMs, lost } = figures;
  const limits = lost.map((why) => `a worker was lost: ${why}`);
  for (const [kind, count] of Object.entries(unsentBy)) {
    const isSmall = kind === 'late' && count <= total.offered * UNSENT_SHARE;
    if (isSmall) continue;
    limits.push(`${count} of ${total.offered} attempts were not sent: ${WHY[kind] ?? kind}`);
  }
  const bound = precise ? LATE_PRECISE_MS : LATE_MS;
  if ((latenessP99Ms ?? 0) > bound) {
    limits.push(
      `1% of the attempts started more than ${(latenessP99Ms ?? 0).toFixed(1)} ms late (at most ${bound} ms)`,
    );
  }
  if (loopP99Ms > LOOP_MS) {
    limits.push(
      `the event loop was held up by ${loopP99Ms.toFixed(0)} ms (p99; at most ${LOOP_MS} ms)`,
    );
  }
  const busiest = Math.max(0, ...cpu);
  if (!precise && durationMs > BUSY_AFTER_MS && busiest > BUSY) {
    limits.push(`a worker used ${Math.round(busiest * 100)}% of a core (at most ${BUSY * 100}%)`);
  }
  return limits;
}
