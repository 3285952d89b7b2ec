// The statistic of a threshold as it stands in a validated tree.
import type { Matcher } from './model.ts';
import { PERCENTILES, shareOf } from './schema-threshold.ts';
import { childOf, entriesOf, type MapEntry, type SourceNode, textOf } from './source-node.ts';

/** The statistic of a validated threshold: its key and what is asked of it. */
export function statisticEntry(threshold: SourceNode): MapEntry | undefined {
  return entriesOf(threshold).find(
    ({ key }) =>
      ['share', 'count', 'rate', 'estimate'].includes(key) || Object.hasOwn(PERCENTILES, key),
  );
}

/** What is asked of a validated share, as numbers from 0 to 1. */
export function buildShare(
  node: SourceNode,
  threshold: SourceNode,
): { readonly want: Matcher; readonly confidence: number } {
  const part = (child: SourceNode | undefined): number | undefined => {
    const written = textOf(child);
    return written === undefined ? undefined : shareOf(written);
  };
  const parts = {
    is: part(node.kind === 'map' ? childOf(node, 'is') : node),
    gte: part(childOf(node, 'gte')),
    lte: part(childOf(node, 'lte')),
  };
  const given = Object.entries(parts).filter(([, one]) => one !== undefined);
  const confidence = part(childOf(threshold, 'confidence')) ?? CONFIDENCE;
  return { want: Object.fromEntries(given), confidence };
}

const CONFIDENCE = 0.95;
