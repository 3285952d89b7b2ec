// Validated nodes to matchers, fields and quantities of the model.
import type { Json } from '../base/json.ts';
import { parseRate } from '../base/rate.ts';
import type { EventQuantity, Fields, Matcher, Quantity } from './model.ts';
import { type Beside, readSchema } from './schema-file.ts';
import { PERCENT } from './schema-matcher.ts';
import { OPCODES } from './schema-step.ts';
import { msOf } from './schema-value.ts';
import {
  childOf,
  entriesOf,
  itemsOf,
  type MapEntry,
  numberOf,
  type SourceNode,
  textOf,
  toPlain,
} from './source-node.ts';

/** What building needs besides the nodes. */
export type Building = Beside;

type Literal = (node: SourceNode) => Json;

const asText: Literal = (node) => textOf(node) ?? null;
const asOpcode: Literal = (node) => {
  const name = Object.entries(OPCODES).find(([key]) => key === textOf(node));
  return name?.[1] ?? numberOf(node) ?? null;
};
const asMs: Literal = (node) => msOf(textOf(node) ?? '');
const asRate: Literal = (node) => parseRate(textOf(node) ?? '') ?? 0;

/** The kind of each field whose literal is not taken as it stands. */
const LITERALS: Readonly<Record<string, Literal>> = {
  body: asText,
  opcode: asOpcode,
  payload: asText,
  phrase: asText,
  reason: asText,
  subprotocol: asText,
  text: asText,
};

/** The fields of `handshake`, `closed`, an answer, a message or a frame. */
export function buildFields(node: SourceNode | undefined, building: Building): Fields {
  return mapEntries(node, ({ key, value }) => {
    if (key === 'headers') return buildMatchers(value, { literal: asText, building });
    if (key === 'json') return buildMatchers(value, { literal: toPlain, building });
    return buildMatcher(value, { literal: LITERALS[key] ?? toPlain, building });
  });
}

/** A number, or `{ count, each, some, none }` of messages or frames. */
export function buildQuantity(node: SourceNode, building: Building): Quantity {
  return quantityOf(node, { building, fields: (one) => buildFields(one, building) });
}

/** The same of events, whose keys are paths. */
export function buildEventQuantity(node: SourceNode, building: Building): EventQuantity {
  const fields = (one: SourceNode): Fields => buildMatchers(one, { literal: toPlain, building });
  const schema = childOf(node, 'schema');
  return {
    ...quantityOf(node, { building, fields }),
    schema: schema === undefined ? undefined : readSchema(schema, building),
  };
}

/** The conditions of `elapsed`, in milliseconds. */
export function buildDurationMatcher(elapsed: SourceNode, building: Building): Matcher {
  const conditions = entriesOf(elapsed).filter(({ key }) => key !== 'from' && key !== 'to');
  const node: SourceNode = { kind: 'map', entries: conditions, span: elapsed.span };
  return buildMatcher(node, { literal: asMs, building });
}

/** The conditions of a rate, per second. */
export function buildRateMatcher(node: SourceNode, building: Building): Matcher {
  return buildMatcher(node, { literal: asRate, building });
}

interface QuantityOf {
  readonly building: Building;
  readonly fields: (node: SourceNode) => Fields;
}

function quantityOf(node: SourceNode, { building, fields }: QuantityOf): Quantity {
  const part = (key: string): Fields | undefined => {
    const child = childOf(node, key);
    return child === undefined ? undefined : fields(child);
  };
  const count = node.kind === 'map' ? childOf(node, 'count') : node;
  return {
    count: count === undefined ? undefined : buildMatcher(count, { literal: toPlain, building }),
    each: part('each'),
    some: part('some'),
    none: part('none'),
  };
}

interface MatcherOf {
  readonly literal: Literal;
  readonly building: Building;
}

function buildMatchers(node: SourceNode, of: MatcherOf): Readonly<Record<string, Matcher>> {
  return mapEntries(node, ({ value }) => buildMatcher(value, of));
}

/** A literal, or a mapping of conditions. */
export function buildMatcher(node: SourceNode, of: MatcherOf): Matcher {
  if (node.kind !== 'map') {
    const list = node.kind === 'list';
    return { is: list ? itemsOf(node).map(of.literal) : of.literal(node) };
  }
  return Object.assign({}, ...node.entries.map((entry) => condition(entry, of)));
}

function condition({ key, value }: MapEntry, of: MatcherOf): Matcher {
  switch (key) {
    case 'is':
      return { is: value.kind === 'scalar' ? of.literal(value) : toPlain(value) };
    case 'not':
      return { not: buildMatcher(value, of) };
    case 'oneOf':
      return { oneOf: itemsOf(value).map(of.literal) };
    case 'absent':
      return { absent: toPlain(value) === true };
    case 'gte':
      return { gte: Number(of.literal(value)) };
    case 'lte':
      return { lte: Number(of.literal(value)) };
    case 'tolerance':
      return { tolerance: toleranceOf(value) };
    case 'matches':
      return { matches: textOf(value) ?? '' };
    case 'contains':
      return { contains: of.literal(value) };
    default:
      return { schema: readSchema(value, of.building) };
  }
}

function toleranceOf(node: SourceNode): NonNullable<Matcher['tolerance']> {
  const written = textOf(node) ?? '';
  const share = PERCENT.exec(written)?.[1];
  if (share !== undefined) return { kind: 'share', value: Number(share) / 100 };
  return { kind: 'absolute', value: numberOf(node) ?? msOf(written) };
}

function mapEntries<T>(
  node: SourceNode | undefined,
  build: (entry: MapEntry) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(entriesOf(node).map((entry) => [entry.key, build(entry)]));
}
