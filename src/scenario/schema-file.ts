// JSON Schemas that stand in files of their own, beside the scenario that names them.
import type { Json } from '../base/json.ts';
import { schemaProblem } from '../base/json-schema.ts';
import { formatPlace } from '../base/source-span.ts';
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts';
import {
  childOf,
  entriesOf,
  type ScalarNode,
  type SourceNode,
  toPlain,
  walkNodes,
} from './source-node.ts';
import { readYaml } from './yaml-document.ts';

/** Where files are read and mistakes go. */
export interface Beside {
  /** The text of a file beside the scenario; undefined when there is none. */
  readonly readBeside: (path: string) => string | undefined;
  readonly found: Diagnostic[];
}

/** A schema as it stands, or out of the file that a text names; `{}` where that cannot be read. */
export function readSchema(node: SourceNode, { readBeside, found }: Beside): Json {
  if (!namesFile(node)) return toPlain(node);
  const text = readBeside(node.text);
  if (text === undefined) {
    const message = `there is no file ${node.text} beside the scenario`;
    const hint = 'write the name of a JSON Schema file, or the schema itself';
    found.push(mistake('SCN_FILE_MISSING', { node, message, hint }));
    return {};
  }
  const read = readYaml(node.text, text);
  const [first] = read.found;
  if (first === undefined && read.root !== undefined) return toPlain(read.root);
  const place = first === undefined ? '' : ` in line ${first.span.line}: ${first.message}`;
  const message = `${node.text} cannot be read${place}`;
  found.push(mistake('SCN_BAD_VALUE', { node, message, hint: 'write JSON or YAML there' }));
  return {};
}

function namesFile(node: SourceNode): node is ScalarNode {
  return node.kind === 'scalar' && typeof node.value === 'string' && node.unresolved !== true;
}

function mistake(
  code: DiagnosticCode,
  { node, message, hint }: { node: SourceNode; message: string; hint: string },
): Diagnostic {
  return { code, severity: 'error', span: node.span, message, hint };
}

/**
 * Reports every schema of a document that is none, and every file of one that is not there.
 *
 * @param seen places that were looked at: a schema is the same in every case of its scenario
 */
export function checkSchemas(
  document: SourceNode,
  { found, readBeside }: Pick<Beside, 'found'> & Partial<Beside>,
  seen: Set<string>,
): void {
  for (const node of schemasIn(document)) {
    const place = formatPlace(node.span);
    if (seen.has(place) || isOpen(node) || (readBeside === undefined && namesFile(node))) continue;
    seen.add(place);
    const before = found.length;
    const schema = readSchema(node, { found, readBeside: (path) => readBeside?.(path) });
    const problem = found.length > before ? undefined : schemaProblem(schema);
    if (problem === undefined) continue;
    const message = `this is not a JSON Schema: ${problem}`;
    const hint = 'see https://json-schema.org/draft/2020-12';
    found.push(mistake('SCN_BAD_VALUE', { node, message, hint }));
  }
}

/** Somewhere in it is a variable without a value. */
function isOpen(node: SourceNode): boolean {
  let open = false;
  walkNodes(node, (one) => {
    open ||= one.kind === 'scalar' && one.unresolved === true;
  });
  return open;
}

/** Where a schema can stand: in matchers, and beside the quantities of events. */
function schemasIn(document: SourceNode): readonly SourceNode[] {
  const checks = entriesOf(childOf(document, 'checks')).map(({ value }) => value);
  const thresholds = entriesOf(childOf(document, 'thresholds')).flatMap(({ value }) => [
    ...[childOf(value, 'of') ?? []].flat(),
    ...[childOf(value, 'among') ?? []].flat(),
  ]);
  return [...checks, ...thresholds].flatMap(ofCondition);
}

function ofCondition(condition: SourceNode): readonly SourceNode[] {
  return entriesOf(condition).flatMap(({ key, value }) => {
    switch (key) {
      case 'handshake':
      case 'closed':
        return ofFields(value);
      case 'answers':
        return entriesOf(value).flatMap((one) => ofFields(one.value));
      case 'received':
      case 'frames':
        return ofQuantity(value, ofFields);
      case 'events':
        return entriesOf(value).flatMap((one) => [
          ...ofQuantity(one.value, ofMatchers),
          ...[childOf(one.value, 'schema') ?? []].flat(),
        ]);
      default:
        return [];
    }
  });
}

function ofQuantity(
  node: SourceNode,
  fields: (node: SourceNode) => readonly SourceNode[],
): readonly SourceNode[] {
  return entriesOf(node).flatMap(({ key, value }) =>
    ['each', 'some', 'none'].includes(key) ? fields(value) : [],
  );
}

function ofFields(node: SourceNode): readonly SourceNode[] {
  return entriesOf(node).flatMap(({ key, value }) =>
    key === 'headers' || key === 'json' ? ofMatchers(value) : ofMatcher(value),
  );
}

function ofMatchers(node: SourceNode): readonly SourceNode[] {
  return entriesOf(node).flatMap(({ value }) => ofMatcher(value));
}

function ofMatcher(node: SourceNode): readonly SourceNode[] {
  return entriesOf(node).flatMap(({ key, value }) => {
    if (key === 'schema') return [value];
    return key === 'not' ? ofMatcher(value) : [];
  });
}
