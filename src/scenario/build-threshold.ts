// Validated nodes to thresholds of the model: a check whose condition is a statistic.
import { durationOf } from './build-argument.ts';
import { buildCondition } from './build-check.ts';
import {
  type Building,
  buildDurationMatcher,
  buildFields,
  buildMatcher,
  buildRateMatcher,
} from './build-matcher.ts';
import type { CheckSpec, EstimateSpec, Level, Statistic, Threshold } from './model.ts';
import { connectionsOfThreshold, type Names, namesOf } from './names.ts';
import { conditionNeeds } from './needs.ts';
import { ENDINGS, PERCENTILES } from './schema-threshold.ts';
import {
  childOf,
  entriesOf,
  itemsOf,
  type MapEntry,
  type SourceNode,
  textOf,
  toPlain,
} from './source-node.ts';
import { buildShare, statisticEntry } from './statistic.ts';

/** The thresholds under `thresholds`. `needs` holds what is written and what each one needs. */
export function buildThresholds(
  thresholds: SourceNode | undefined,
  { names, building }: { readonly names: Names; readonly building: Building },
): readonly CheckSpec[] {
  return entriesOf(thresholds).map((entry) => buildOne(entry, { names, building }));
}

function buildOne(
  { key, keySpan, value }: MapEntry,
  { names, building }: { readonly names: Names; readonly building: Building },
): CheckSpec {
  const of = childOf(value, 'of');
  const entry = statisticEntry(value);
  if (of === undefined || entry === undefined) throw new Error('half a threshold was validated');
  const condition =
    entry.key === 'estimate'
      ? buildEstimate(entry.value, { of, building })
      : buildThreshold(entry, { threshold: value, of, building });
  const written = itemsOf(childOf(value, 'needs')).flatMap((one) => textOf(one) ?? []);
  return {
    id: key,
    span: entry.keySpan ?? keySpan,
    title: textOf(childOf(value, 'title')),
    requirement: textOf(childOf(value, 'requirement')),
    // One of the three words: the schema says so.
    level: textOf(childOf(value, 'level')) as Level | undefined,
    connections: connectionsOfThreshold(value, names),
    withinMs: durationOf(childOf(of, 'within')),
    needs: [...new Set([...written, ...conditionNeeds(condition)])].toSorted(),
    condition,
  };
}

function buildThreshold(
  entry: MapEntry,
  {
    threshold,
    of,
    building,
  }: { readonly threshold: SourceNode; readonly of: SourceNode; readonly building: Building },
): Threshold {
  const during = namesOf(childOf(threshold, 'during'));
  return {
    kind: 'threshold',
    statistic: buildStatistic(entry, { threshold, building }),
    of: buildCondition(of, building),
    among: buildAmong(childOf(threshold, 'among'), building),
    ...(during === undefined ? {} : { during }),
    ...(childOf(threshold, 'abort') === undefined ? {} : { abort: true }),
  };
}

function buildEstimate(
  node: SourceNode,
  { of, building }: { readonly of: SourceNode; readonly building: Building },
): EstimateSpec {
  const [, what = ''] = (textOf(of) ?? '').split('.');
  // One of the four: the schema says so.
  const kind = what as EstimateSpec['of'];
  if (kind === 'rate')
    return { kind: 'estimate', of: kind, want: buildRateMatcher(node, building) };
  if (kind === 'recovery') {
    return { kind: 'estimate', of: kind, want: buildDurationMatcher(node, building) };
  }
  return { kind: 'estimate', of: kind, want: buildMatcher(node, { literal: toPlain, building }) };
}

function buildStatistic(
  { key, value }: MapEntry,
  { threshold, building }: { readonly threshold: SourceNode; readonly building: Building },
): Statistic {
  if (key === 'count')
    return { kind: 'count', want: buildMatcher(value, { literal: toPlain, building }) };
  if (key === 'share') return { kind: 'share', ...buildShare(value, threshold) };
  if (key === 'rate') return { kind: 'rate', want: buildRateMatcher(value, building) };
  return {
    kind: 'percentile',
    name: key,
    share: PERCENTILES[key] ?? 1,
    want: buildDurationMatcher(value, building),
  };
}

function buildAmong(node: SourceNode | undefined, building: Building): Threshold['among'] {
  if (node === undefined) return undefined;
  const handshake = childOf(node, 'handshake');
  const ending = childOf(node, 'ending');
  const words = ending?.kind === 'list' ? ending.items : [ending];
  return {
    handshake: handshake === undefined ? undefined : buildFields(handshake, building),
    endings:
      ending === undefined
        ? undefined
        : ENDINGS.filter((one) => words.some((word) => textOf(word) === one)),
  };
}
