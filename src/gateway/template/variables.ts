// What mapping templates can ask: $input, $context, $stageVariables, $util ("WebSocket API mapping template
// reference"). Where the reference is silent: a parameter that is not there is an empty text, and so is
// what $input.json finds nowhere, as JSON.
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { findPath } from './json-path.ts';
import { fromJson, textOf, type Value, ValueObject } from './value.ts';

/** A request or a response as its template sees it. */
export interface TemplateInput {
  readonly body: string;
  /** WebSocket APIs have none, so the group is empty. */
  readonly path?: JsonObject;
  /** Of the upgrade request; empty on other routes. */
  readonly querystring: JsonObject;
  readonly header: JsonObject;
  readonly context: JsonObject;
  readonly stageVariables: JsonObject;
}

/** The variables of one rendering. */
export function templateVariables(input: TemplateInput): ReadonlyMap<string, Value> {
  return new Map<string, Value>([
    ['input', inputObject(input)],
    ['context', fromJson(input.context)],
    ['stageVariables', fromJson(input.stageVariables)],
    ['util', UTIL],
  ]);
}

function inputObject({ body, path, querystring, header }: TemplateInput): ValueObject {
  const json = parsed(body);
  const params = (name: Value): Value => {
    if (name === undefined) return fromJson({ ...(path && { path }), querystring, header });
    const key = textOf(name);
    const found = [querystring, header].find((map) => Object.hasOwn(map, key));
    return found === undefined ? '' : fromJson(found[key]);
  };
  const call = (method: string, [given]: readonly Value[]): Value => {
    if (method === 'params') return params(given);
    if (typeof given !== 'string') return undefined;
    if (method === 'path') return fromJson(findPath(json, given));
    return method === 'json' ? JSON.stringify(findPath(json, given) ?? '') : undefined;
  };
  return new ValueObject(call, (name) => (name === 'body' ? body : undefined));
}

const FUNCTIONS: Readonly<Record<string, (text: string) => Value>> = {
  escapeJavaScript: (text) => text.replaceAll(/['"\\/]|[^\x20-\x7e]/g, escaped),
  parseJson: (text) => fromJson(parsed(text)),
  urlEncode: (text) => encodeURIComponent(wellFormed(text)).replaceAll(/%20|[!'()~]/g, formEncoded),
  urlDecode: (text) => urlDecoded(text),
  base64Encode: (text) => Buffer.from(text, 'utf8').toString('base64'),
  base64Decode: (text) => Buffer.from(text, 'base64').toString('utf8'),
};

const UTIL = new ValueObject((method, [given]) => {
  if (given === undefined || given === null || !Object.hasOwn(FUNCTIONS, method)) return undefined;
  return FUNCTIONS[method]?.(textOf(given));
});

function escaped(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

const SHORT: Readonly<Record<string, string>> = {
  "'": "\\'",
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

// application/x-www-form-urlencoded, as java.net.URLEncoder writes it.
function formEncoded(found: string): string {
  if (found === '%20') return '+';
  return `%${found.charCodeAt(0).toString(16).toUpperCase()}`;
}

function wellFormed(text: string): string {
  return text.replaceAll(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    '?',
  );
}

function urlDecoded(text: string): Value {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** The JSON of a text; `undefined` for text that is none. */
export function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json; // JSON.parse gives Json
  } catch {
    return undefined;
  }
}

/** The object that a JSON value is, else an empty one. */
export function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
