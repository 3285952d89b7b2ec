// Reads a gateway configuration file (YAML, so JSON too) and says where in it a problem stands.
import { dirname, resolve } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { codeFrame } from '../base/code-frame.ts';
import { formatPlace, type SourceSpan } from '../base/source-span.ts';
import { type ConfigProblem, checkConfig, type GatewayConfig } from './config.ts';
import { functionIdOf } from './function-config.ts';
import { hideSecrets } from './hidden-keys.ts';
import type { TemplatePlace } from './integration-config.ts';

/** A problem and the place in the file that it is about. */
export interface ConfigFileProblem extends ConfigProblem {
  readonly span: SourceSpan;
}

/** What reading a configuration file gives. */
export type ConfigFileReading =
  | { readonly kind: 'config'; readonly config: GatewayConfig }
  | { readonly kind: 'problems'; readonly problems: readonly ConfigFileProblem[] };

/**
 * Reads the text of a configuration file. All problems are given at once. Paths of handlers and of
 * PEM files are relative to the folder of `file` and absolute in the result.
 */
export function readGatewayConfig(text: string, file: string): ConfigFileReading {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const locate = (from: number, to: number): SourceSpan => spanAt({ file, lines, from, to });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, pos }) => ({
      path: [],
      message,
      span: locate(pos[0], pos[1]),
    }));
    return { kind: 'problems', problems };
  }
  const reading = checkConfig(toData(document));
  if (reading.kind === 'config') {
    return { kind: 'config', config: resolvePaths(reading.config, dirname(file)) };
  }
  const problems = reading.problems.map((problem) => {
    const [from, to] = rangeOf(document, problem.path);
    const { within, ...rest } = problem;
    if (within === undefined) return { ...rest, span: locate(from, to) };
    const at = placeInScalar(text, [from, to], within);
    return { ...rest, span: locate(at, at + 1) };
  });
  return { kind: 'problems', problems };
}

/** A problem as a person reads it: place, path, message, and the line itself without secrets. */
export function describeProblem(problem: ConfigFileProblem, text: string): string {
  const path = problem.path.join('.');
  const what = path === '' ? problem.message : `${path}: ${problem.message}`;
  return `${formatPlace(problem.span)} - error GATEWAY_CONFIG: ${what}\n\n${codeFrame(hideSecrets(text), problem.span)}`;
}

function toData(document: Document): unknown {
  // A few hundred aliases are plenty for a configuration; more is a bomb.
  return document.toJS({ maxAliasCount: 200 });
}

// The node at the path, or the nearest one above it when a key is missing.
function rangeOf(document: Document, path: readonly (string | number)[]): [number, number] {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return [node.range[0], node.range[1]];
  }
  return [0, 1];
}

// Where a place in a text is in the file. A block keeps its lines, all moved by one indentation; a text in
// quotes or without stands on one line, where an escape moves what follows it.
function placeInScalar(
  file: string,
  [from, to]: readonly [number, number],
  { line, column }: TemplatePlace,
): number {
  const isBlock = file[from] === '|';
  if (!isBlock)
    return line > 1 ? from : from + (/["']/.test(file[from] ?? '') ? 1 : 0) + column - 1;
  const lines = file.slice(from, to).split('\n');
  const indent = /^ */.exec(lines.slice(1).find((one) => one.trim() !== '') ?? '')?.[0].length ?? 0;
  const before = lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0);
  return from + before + indent + column - 1;
}

function spanAt(place: {
  readonly file: string;
  readonly lines: LineCounter;
  readonly from: number;
  readonly to: number;
}): SourceSpan {
  const { line, col } = place.lines.linePos(place.from);
  const length = Math.max(1, place.to - place.from);
  return { file: place.file, line: Math.max(1, line), column: Math.max(1, col), length };
}

function resolvePaths(config: GatewayConfig, directory: string): GatewayConfig {
  const handled = <T extends { readonly Handler: string }>(owner: T): T => ({
    ...owner,
    Handler: resolveHandler(owner.Handler, directory),
  });
  const pem = (value: string): string => (isPem(value) ? value : resolve(directory, value));
  const apis = mapValues(config.Apis, (api) => ({
    ...api,
    Tls: api.Tls && { Certificate: pem(api.Tls.Certificate), Key: pem(api.Tls.Key) },
    Integrations: mapValues(api.Integrations, (one) =>
      one.Handler === undefined ? one : handled({ ...one, Handler: one.Handler }),
    ),
    Authorizers: mapValues(api.Authorizers, handled),
  }));
  return { ...config, Apis: apis, Functions: mapValues(config.Functions, handled) };
}

/** True for PEM text, false for the path of a file that holds it. */
export function isPem(value: string): boolean {
  return value.trimStart().startsWith('-----BEGIN ');
}

function resolveHandler(handler: string, directory: string): string {
  if (functionIdOf(handler) !== undefined) return handler;
  const at = handler.lastIndexOf('#');
  return `${resolve(directory, handler.slice(0, at))}${handler.slice(at)}`;
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
