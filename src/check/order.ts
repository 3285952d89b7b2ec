// Judges that moments occur, and in this order.
import type { Json } from '../base/json.ts';
import type { Moment } from '../scenario/model.ts';
import { ms } from './ms.ts';
import { allOf, clocksNote, compareOf, type Found, name, waitFor } from './occurrence.ts';
import { combineParts, type Outcome, type Settled, settled } from './outcome.ts';
import type { View } from './view.ts';

/**
 * Judges an order: every moment occurs, and none before one that stands left of it. Within one
 * group that is judged for each member; between two names every one of the left comes before every
 * one of the right. At the same instant counts as in order.
 *
 * @param own the connection of the moments that name none
 */
export function judgeOrder(
  moments: readonly Moment[],
  { own, view, nowUs }: { own: string; view: View; nowUs: number },
): Outcome {
  const waited = moments.map((moment) => waitFor(moment, { own, view, nowUs }));
  const missing = waited.flatMap(({ missing: one }) => one);
  if (missing.length > 0) return combineParts(missing);
  const found = waited.map(({ found: one }) => one);
  const compared = pairs(found).flatMap(([left, right]) => judgePair(left, right, view));
  return combineParts([...compared, inOrder(found, view)]);
}

function pairs(
  found: readonly (readonly Found[])[],
): readonly (readonly [readonly Found[], readonly Found[]])[] {
  return found.flatMap((left, index) =>
    found.slice(index + 1).map((right) => [left, right] as const),
  );
}

function judgePair(
  left: readonly Found[],
  right: readonly Found[],
  view: View,
): readonly Settled[] {
  return allOf(left, right).flatMap(([before, after]) => {
    const difference = compareOf(before, after, view);
    if (difference.kind === 'unknown') return [difference.outcome];
    if (difference.kind === 'tie' || difference.us >= 0) return [];
    const wrong = outOfOrder([before, after], -difference.us, clocksNote(before, after, view));
    return [after.occurrence.atLeast ? undecided(after, wrong) : wrong];
  });
}

function outOfOrder([before, after]: readonly [Found, Found], us: number, note: string): Settled {
  return settled('broken', {
    message: `${name(after)} came ${ms(us)} before ${name(before)}${note}`,
    actual: instants([after, before]),
    deviation: { [`${before.moment.text} before ${after.moment.text}`]: false },
    evidence: [before.occurrence.seq, after.occurrence.seq].toSorted((a, b) => a - b),
  });
}

/** Whose earliest instant alone is known may have come later. */
function undecided(after: Found, { message, actual, evidence }: Settled): Settled {
  const said = `${message}, but of ${name(after)} only the earliest instant is known`;
  return { state: 'inconclusive', reason: 'PLANNED_INSTANT', message: said, actual, evidence };
}

function inOrder(found: readonly (readonly Found[])[], view: View): Settled {
  const all = found.flat();
  const first = Math.min(...all.map(({ occurrence }) => occurrence.atUs));
  const steps = all.slice(0, SHOWN).map((one) => `${name(one)} ${ms(one.occurrence.atUs - first)}`);
  return settled('held', {
    message: `in order: ${steps.join(', ')}${all.length > SHOWN ? ', …' : ''}${noteOf(all, view)}`,
    actual: instants(all.slice(0, SHOWN)),
    evidence: all.slice(0, SHOWN).map(({ occurrence }) => occurrence.seq),
  });
}

function noteOf(all: readonly Found[], view: View): string {
  const [first] = all;
  const other = all.find(({ occurrence }) => occurrence.clock !== first?.occurrence.clock);
  return first === undefined || other === undefined ? '' : clocksNote(first, other, view);
}

const SHOWN = 10;

// In milliseconds from the first of them.
function instants(found: readonly Found[]): Readonly<Record<string, Json>> {
  const first = Math.min(...found.map(({ occurrence }) => occurrence.atUs));
  return Object.fromEntries(
    found.map((one) => [name(one), (one.occurrence.atUs - first) / 1000] as const),
  );
}
