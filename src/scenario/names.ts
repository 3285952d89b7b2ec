// The names of a case: its connections, its calls, and which of them a check is about.
import { referencesIn } from './reference.ts';
import { VERBS } from './schema-step.ts';
import { childOf, entriesOf, type MapEntry, type SourceNode, textOf } from './source-node.ts';

/** What the steps of a case create. */
export interface Names {
  /** Connections in the order in which they are made. */
  readonly connections: readonly string[];
  /** The connections that a call is about, by the call's name. */
  readonly calls: ReadonlyMap<string, readonly string[]>;
}

/** The name of the only connection, where it has no other. */
export const CLIENT = 'client';

/** The verb of a step: its key and its argument. */
export function verbOf(step: SourceNode): MapEntry | undefined {
  return entriesOf(step).find(({ key }) => VERBS.includes(key));
}

/** The texts of a name or a list of names; undefined without any. */
export function namesOf(node: SourceNode | undefined): readonly string[] | undefined {
  if (node === undefined) return undefined;
  const nodes = node.kind === 'list' ? node.items : [node];
  return nodes.flatMap((one) => textOf(one) ?? []);
}

/** The connections that a check is about; its moments and paths may name some themselves. */
export function connectionsOfCheck(check: SourceNode, names: Names): readonly string[] {
  const given = namesOf(childOf(check, 'connection'));
  if (given !== undefined) return [...new Set(given)];
  const [only, ...others] = names.connections;
  if (only !== undefined && others.length === 0) return [only];
  const named = referencesIn(check).flatMap(({ connection, call }) =>
    connection === undefined ? (names.calls.get(call ?? '') ?? []) : [connection],
  );
  return [...new Set(named)];
}

/** The connections that a threshold is about; what it samples names none. */
export function connectionsOfThreshold(threshold: SourceNode, names: Names): readonly string[] {
  return [...new Set(namesOf(childOf(threshold, 'connection')) ?? names.connections)];
}
