// Validated nodes to checks of the model.

import { durationOf } from './build-argument.ts';
import {
  type Building,
  buildDurationMatcher,
  buildEventQuantity,
  buildFields,
  buildQuantity,
} from './build-matcher.ts';
import { buildMoment } from './build-step.ts';
import type { CheckSpec, Condition, EvidencePath, Level } from './model.ts';
import { connectionsOfCheck, type Names } from './names.ts';
import { conditionNeeds } from './needs.ts';
import { parseEvidencePath } from './path.ts';
import { check as checkSchema } from './schema-check.ts';
import {
  childOf,
  entriesOf,
  itemsOf,
  type MapEntry,
  type SourceNode,
  textOf,
} from './source-node.ts';

/** The checks under `checks`. `needs` holds what is written and what each condition needs. */
export function buildChecks(
  checks: SourceNode | undefined,
  { names, building }: { readonly names: Names; readonly building: Building },
): readonly CheckSpec[] {
  return entriesOf(checks).map((entry) => buildCheck(entry, { names, building }));
}

function buildCheck(
  { key, keySpan, value }: MapEntry,
  { names, building }: { readonly names: Names; readonly building: Building },
): CheckSpec {
  const condition = buildCondition(value, building);
  const written = itemsOf(childOf(value, 'needs')).flatMap((one) => textOf(one) ?? []);
  return {
    id: key,
    span: conditionEntry(value)?.keySpan ?? keySpan,
    title: textOf(childOf(value, 'title')),
    requirement: textOf(childOf(value, 'requirement')),
    // One of the three words: the schema says so.
    level: textOf(childOf(value, 'level')) as Level | undefined,
    connections: connectionsOfCheck(value, names),
    withinMs: durationOf(childOf(value, 'within')),
    needs: [...new Set([...written, ...conditionNeeds(condition)])].toSorted(),
    condition,
  };
}

const MODIFIERS = ['requirement', 'level', 'title', 'connection', 'within', 'needs'];
const CONDITIONS = Object.keys(checkSchema.shape).filter((key) => !MODIFIERS.includes(key));

function conditionEntry(check: SourceNode): MapEntry | undefined {
  return entriesOf(check).find(({ key }) => CONDITIONS.includes(key));
}

/** The condition among the keys of a validated mapping. */
export function buildCondition(check: SourceNode, building: Building): Condition {
  const entry = conditionEntry(check);
  if (entry === undefined) throw new Error('a check without condition came out of validation');
  const { key, value } = entry;
  switch (key) {
    case 'handshake':
    case 'closed':
      return { kind: key, fields: buildFields(value, building) };
    case 'received':
    case 'frames':
      return { kind: key, want: buildQuantity(value, building) };
    case 'events':
      return { kind: key, want: mapOf(value, (one) => buildEventQuantity(one, building)) };
    case 'answers':
      return { kind: key, want: mapOf(value, (one) => buildFields(one, building)) };
    case 'order':
      return { kind: key, moments: itemsOf(value).map(buildMoment) };
    case 'never':
      return buildNever(value);
    case 'elapsed':
      return buildElapsed(value, building);
    case 'between':
      return buildBetween(value, building);
    case 'same':
    case 'record':
      return { kind: key, paths: itemsOf(value).map(buildPath) };
    default:
      return {
        kind: 'distinct',
        paths: (value.kind === 'list' ? itemsOf(value) : [value]).map(buildPath),
      };
  }
}

function buildNever(node: SourceNode): Condition {
  const side = (['before', 'after'] as const).flatMap((kind) => {
    const moment = childOf(node, kind);
    return moment === undefined ? [] : [{ kind, moment: buildMoment(moment) }];
  });
  return { kind: 'never', moment: momentAt(node, 'moment'), side: side[0] };
}

function buildElapsed(node: SourceNode, building: Building): Condition {
  const ms = buildDurationMatcher(node, building);
  return { kind: 'elapsed', from: momentAt(node, 'from'), to: momentAt(node, 'to'), ms };
}

function buildBetween(node: SourceNode, building: Building): Condition {
  const [from, to] = [childOf(node, 'from'), childOf(node, 'to')];
  if (from === undefined || to === undefined) throw new Error('no path came out of validation');
  const ms = buildDurationMatcher(node, building);
  return { kind: 'between', paths: [buildPath(from), buildPath(to)], ms };
}

function momentAt(node: SourceNode, key: string): ReturnType<typeof buildMoment> {
  const child = childOf(node, key);
  if (child === undefined) throw new Error(`no ${key} came out of validation`);
  return buildMoment(child);
}

function buildPath(node: SourceNode): EvidencePath {
  const path = parseEvidencePath(textOf(childOf(node, 'path') ?? node) ?? '');
  if (path === undefined) throw new Error('a wrong path came out of validation');
  const part = textOf(childOf(node, 'part'));
  return part === undefined ? path : { ...path, part, text: `${path.text} /${part}/` };
}

function mapOf<T>(node: SourceNode, build: (node: SourceNode) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(entriesOf(node).map(({ key, value }) => [key, build(value)]));
}
