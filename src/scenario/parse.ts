// A scenario file: from text to something that can be expanded, or every mistake it holds.
import { createHash } from 'node:crypto';
import type { Json } from '../base/json.ts';
import { axesOf, combinations } from './axis.ts';
import { judgeCase } from './case-document.ts';
import { type Diagnostic, hasErrors, sortDiagnostics } from './diagnostic.ts';
import { isolationOf } from './driver.ts';
import type { Isolation } from './model.ts';
import { checkSchemas } from './schema-file.ts';
import { childOf, entryOf, itemsOf, nodeFromJson, type SourceNode, textOf } from './source-node.ts';
import { readYaml } from './yaml-document.ts';

/** A scenario that is valid as far as can be known before its variables have values. */
export interface ScenarioFile {
  /** `connect/pending`, the path below `scenarios/`. */
  readonly id: string;
  readonly file: string;
  /** SHA-256 of the text, in hexadecimal. */
  readonly digest: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** The labels of each axis, in the order written. */
  readonly axes: Readonly<Record<string, readonly string[]>>;
  readonly isolation: Isolation;
  /** Things that do not keep it from being used. */
  readonly warnings: readonly Diagnostic[];
  /** The document itself, for `expandScenario`. */
  readonly root: SourceNode;
}

/** A scenario, or what is wrong with its file. */
export type ParsedScenario =
  | { readonly scenario: ScenarioFile }
  | { readonly diagnostics: readonly Diagnostic[] };

/** Where a scenario comes from. */
export interface ScenarioSource {
  /** As it is shown in messages. */
  readonly file: string;
  readonly id: string;
  readonly text: string;
  /** The text of a file beside it; without it files that the scenario names are not looked at. */
  readBeside?(path: string): string | undefined;
}

/**
 * Parses one scenario file. All mistakes are reported at once; a variable without a known value is
 * taken to be right. Never throws.
 */
export function parseScenario(source: ScenarioSource): ParsedScenario {
  const read = readYaml(source.file, source.text);
  if (read.root === undefined) return { diagnostics: sortDiagnostics(read.found) };
  return fromTree(read.root, source, read.found);
}

/** The same for a scenario built in TypeScript; places are the top of `file`. */
export function scenarioFromObject(
  value: object,
  { id, file = `${id} (defineScenario)` }: { readonly id: string; readonly file?: string },
): ParsedScenario {
  const text = JSON.stringify(value);
  const span = { file, line: 1, column: 1, length: 1 };
  // What JSON.stringify wrote is JSON; undefined values and functions are gone.
  return fromTree(nodeFromJson(JSON.parse(text) as Json, span), { file, id, text }, []);
}

function fromTree(
  root: SourceNode,
  source: ScenarioSource,
  ofYaml: readonly Diagnostic[],
): ParsedScenario {
  const { file, id, text } = source;
  const found = laterLanguage(root) ?? judgeAll(root, source);
  const sorted = sortDiagnostics([...ofYaml, ...found]);
  if (hasErrors(sorted)) return { diagnostics: sorted };
  const labels = axesOf(root, []).map(({ name, values }) => [name, values.map((one) => one.label)]);
  const scenario: ScenarioFile = {
    id,
    file,
    digest: createHash('sha256').update(text).digest('hex'),
    title: textOf(childOf(root, 'title')) ?? '',
    description: textOf(childOf(root, 'description')),
    tags: itemsOf(childOf(root, 'tags')).flatMap((one) => textOf(one) ?? []),
    axes: Object.fromEntries(labels),
    isolation: isolationOf(root),
    warnings: sorted,
    root,
  };
  return { scenario };
}

function laterLanguage(root: SourceNode): readonly Diagnostic[] | undefined {
  const entry = entryOf(root, 'language');
  if (entry === undefined) return undefined;
  const message = `the file is written in version ${textOf(entry.value) ?? '?'} of the language`;
  const hint = 'this ws-assay reads version 1, which does not say so';
  return [{ code: 'SCN_NOT_YET', severity: 'error', span: entry.keySpan, message, hint }];
}

/** The mistakes of every case, with variables of unknown value left open. */
function judgeAll(root: SourceNode, source: ScenarioSource): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const axes = axesOf(root, found);
  const seen = new Set<string>();
  const beside =
    source.readBeside === undefined
      ? {}
      : { readBeside: (path: string) => source.readBeside?.(path) };
  for (const values of combinations(axes, { root, found })) {
    const scope = { vars: {}, limits: {}, env: () => undefined, registerSecret: () => undefined };
    const { document } = judgeCase(root, { values, scope, unknown: 'keep', found });
    checkSchemas(document, { ...beside, found }, seen);
  }
  return found;
}
