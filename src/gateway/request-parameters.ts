// Request parameters of an integration: what of the route request goes where in the integration request
// ("Set up data mapping for WebSocket APIs").
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { findPath } from './template/json-path.ts';
import { parsed } from './template/variables.ts';

/** What an integration request is made of. */
export interface RouteRequest {
  readonly routeKey: string;
  /** The event that a Lambda proxy integration of the route would get. */
  readonly event: JsonObject;
  readonly stageVariables: Readonly<Record<string, string>>;
}

/** Headers, query and path variables that are set in an integration request. */
export interface MappedParameters {
  readonly header: readonly (readonly [string, string])[];
  readonly querystring: readonly (readonly [string, string])[];
  readonly path: readonly (readonly [string, string])[];
}

const TARGET = /^integration\.request\.(header|querystring|path)\.([\w.$-]+)$/;
const SOURCE =
  /^(?:route\.request\.(querystring|header|multivaluequerystring|multivalueheader|body)|(stageVariables|context))\.(.+)$/;
const STATIC = /^'([^']*)'$/;

/** What is wrong with a mapping; `undefined` when nothing is. */
export function parameterProblem(target: string, source: string): string | undefined {
  if (!TARGET.test(target)) return 'write integration.request.header.X, .querystring.X or .path.X';
  if (SOURCE.test(source) || STATIC.test(source)) return undefined;
  return "write route.request.querystring.X, .header.X, .multivaluequerystring.X, .multivalueheader.X or .body.X, context.X, stageVariables.X, or 'text'";
}

/** Maps what there is; a source without a value sets nothing. */
export function mapParameters(
  mappings: Readonly<Record<string, string>>,
  request: RouteRequest,
): MappedParameters {
  const of = (kind: string): readonly (readonly [string, string])[] =>
    Object.entries(mappings).flatMap(([target, source]) => {
      const [, found, name = ''] = TARGET.exec(target) ?? [];
      if (found !== kind) return [];
      return sourceValues(source, request).map((value) => [name, value] as const);
    });
  return { header: of('header'), querystring: of('querystring'), path: of('path') };
}

/** The values of a source: several only of a multi-value one. */
function sourceValues(source: string, request: RouteRequest): readonly string[] {
  const text = STATIC.exec(source)?.[1];
  if (text !== undefined) return [text];
  const [, part, variable, name = ''] = SOURCE.exec(source) ?? [];
  const value =
    variable === undefined
      ? ofRequest(part ?? '', name, request)
      : ofVariable(variable, name, request);
  if (value === undefined || value === null) return [];
  if (part?.startsWith('multivalue') === true && Array.isArray(value)) return value.map(textOf);
  return [textOf(value)];
}

function ofVariable(
  variable: string,
  name: string,
  { event, stageVariables }: RouteRequest,
): Json | undefined {
  if (variable === 'stageVariables')
    return Object.hasOwn(stageVariables, name) ? stageVariables[name] : undefined;
  return name.split('.').reduce<Json | undefined>(member, event['requestContext']);
}

// Headers and query parameters are those of the upgrade request: only $connect has them.
function ofRequest(
  part: string,
  name: string,
  { event, routeKey }: RouteRequest,
): Json | undefined {
  if (part === 'body') return findPath(parsed(textOf(event['body'] ?? '')), `$.${name}`);
  if (routeKey !== '$connect') return undefined;
  const key = MAPS[part] ?? '';
  const map = event[key];
  if (!isJsonObject(map)) return undefined;
  if (!key.toLowerCase().endsWith('headers')) return member(map, name);
  const spelling = Object.keys(map).find((one) => one.toLowerCase() === name.toLowerCase());
  return spelling === undefined ? undefined : map[spelling];
}

const MAPS: Readonly<Record<string, string>> = {
  querystring: 'queryStringParameters',
  header: 'headers',
  multivaluequerystring: 'multiValueQueryStringParameters',
  multivalueheader: 'multiValueHeaders',
};

function member(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
