// Judges that moments occur, and in this order.
import type { Json } from '../base/json.ts';
import type { Moment } from '../scenario/model.ts';
import { ms } from './ms.ts';
import { allOf, compareOf, type Found, name, waitFor } from './occurrence.ts';
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
  return combineParts([...compared, inOrder(found)]);
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
    return [outOfOrder(before, after, -difference.us)];
  });
}

function outOfOrder(before: Found, after: Found, us: number): Settled {
  return settled('broken', {
    message: `${name(after)} came ${ms(us)} before ${name(before)}`,
    actual: instants([after, before]),
    deviation: { [`${before.moment.text} before ${after.moment.text}`]: false },
    evidence: [before.occurrence.seq, after.occurrence.seq].toSorted((a, b) => a - b),
  });
}

function inOrder(found: readonly (readonly Found[])[]): Settled {
  const all = found.flat();
  const first = Math.min(...all.map(({ occurrence }) => occurrence.atUs));
  const steps = all.slice(0, SHOWN).map((one) => `${name(one)} ${ms(one.occurrence.atUs - first)}`);
  return settled('held', {
    message: `in order: ${steps.join(', ')}${all.length > SHOWN ? ', …' : ''}`,
    actual: instants(all.slice(0, SHOWN)),
    evidence: all.slice(0, SHOWN).map(({ occurrence }) => occurrence.seq),
  });
}

const SHOWN = 10;

// In milliseconds from the first of them.
function instants(found: readonly Found[]): Readonly<Record<string, Json>> {
  const first = Math.min(...found.map(({ occurrence }) => occurrence.atUs));
  return Object.fromEntries(
    found.map((one) => [name(one), (one.occurrence.atUs - first) / 1000] as const),
  );
}
