// From attempts to figures.
import type { BenchFigure, BenchFigureName, BenchRatio } from '../result/bench-result.ts';
import type { RoundTrip } from './closed-loop.ts';
import { pairRatio } from './pair-ratio.ts';
import { timesOf } from './statistics.ts';
import type { Mark, Trip } from './trip.ts';

const SPANS: Readonly<Record<BenchFigureName, readonly [from: Mark, to: Mark]>> = {
  tcp: ['dialled', 'tcp'],
  tls: ['tcp', 'tls'],
  upgrade: ['asked', 'opened'],
  open: ['dialled', 'opened'],
  close: ['dialled', 'closed'],
  message: ['dialled', 'message'],
};

/** A figure of the attempts of one endpoint. An attempt that did not come to its beginning is none of its own. */
export function figureOf(name: BenchFigureName, trips: readonly Trip[]): BenchFigure {
  const [from] = SPANS[name];
  const begun = trips.filter(({ marks }) => marks[from] !== undefined);
  const samples = begun.flatMap((trip) => timeOf(name, trip) ?? []);
  const failed: Record<string, number> = {};
  for (const trip of begun) {
    if (timeOf(name, trip) !== undefined) continue;
    const kind = trip.failure ?? 'not reached';
    failed[kind] = (failed[kind] ?? 0) + 1;
  }
  return {
    name,
    attempts: begun.length,
    failed,
    ...(samples.length === 0 ? {} : { times: timesOf(samples) }),
  };
}

/** The second endpoint against the first, by the rounds in which both went well; undefined: there was none. */
export function ratioOf(
  name: BenchFigureName,
  first: readonly RoundTrip[],
  second: readonly RoundTrip[],
): BenchRatio | undefined {
  const ofFirst = new Map(first.map((trip) => [trip.round, timeOf(name, trip)]));
  const pairs = second.flatMap((trip): readonly (readonly [number, number])[] => {
    const one = ofFirst.get(trip.round);
    const other = timeOf(name, trip);
    return one === undefined || other === undefined ? [] : [[one, other]];
  });
  return pairs.length === 0 ? undefined : { name, ...pairRatio(pairs) };
}

// In ms.
function timeOf(name: BenchFigureName, { marks }: Trip): number | undefined {
  const [from, to] = SPANS[name];
  const [begin, end] = [marks[from], marks[to]];
  return begin === undefined || end === undefined ? undefined : (end - begin) / 1000;
}
