// The generated files: committed and current, and the schemas say what the parser says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { calibrationFile } from '../certify/calibration-file.ts';
import { certificateFile } from '../certify/certificate-file.ts';
import { baselineFile } from '../target/baseline-schema.ts';
import { parseTargetFile } from '../target/parse.ts';
import { targetFile } from '../target/schema.ts';
import { DIAGNOSTIC_CODES } from './diagnostic.ts';
import { generatedFiles } from './generate.ts';
import { parseScenario } from './parse.ts';
import { EXAMPLES, referencePage } from './reference-page.ts';
import { parseSuite } from './suite.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILES = generatedFiles([targetFile, baselineFile, calibrationFile, certificateFile]);

it.each(FILES.map(({ path, text }) => [path, text]))('%s is up to date', (path, text) => {
  expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text);
});

it('generates a schema for each kind of file, and the page', () => {
  expect(FILES.map(({ path }) => path)).toEqual([
    'schema/scenario-1.schema.json',
    'schema/suite-1.schema.json',
    'schema/requirements-1.schema.json',
    'schema/target-1.schema.json',
    'schema/baseline-1.schema.json',
    'schema/calibration-1.schema.json',
    'schema/certificate-1.schema.json',
    'docs/scenario-reference.md',
  ]);
});

describe('the reference page', () => {
  const page = referencePage(targetFile.sections);

  it.each(EXAMPLES.map((text, index) => [index, text] as const))(
    'example %i is a scenario',
    (_, text) => {
      expect(page).toContain(text);
      expect(parseScenario({ file: 'example.yaml', id: 'example', text })).toMatchObject({
        scenario: { warnings: [] },
      });
    },
  );

  it('shows no other YAML than the examples', () => {
    expect(page.match(/```yaml/g)).toHaveLength(EXAMPLES.length);
  });

  it('says of every key what it means', () => {
    const cells = page.split('\n').filter((line) => /^\| \*{0,2}`/.test(line));
    expect(cells.length).toBeGreaterThan(150);
    expect(cells.filter((line) => /\|\s*\|/.test(line))).toEqual([]);
  });
});

it('gives every code a prefix that says where it comes from', () => {
  expect(
    Object.keys(DIAGNOSTIC_CODES).filter((code) => !/^(SCN|TGT|BSL|SUITE|REQ)_[A-Z_]+$/.test(code)),
  ).toEqual([]);
});

const START = 'title: t\nsteps: [{ connect: }]\nchecks: { a: { handshake: { status: 101 } } }\n';
const withSteps = (steps: string): string => START.replace('[{ connect: }]', steps);
const withCheck = (check: string): string => START.replace('{ handshake: { status: 101 } }', check);

describe('an editor and the parser agree that', () => {
  const SCENARIO = schemaNamed('schema/scenario-1.schema.json');

  it.each([
    START,
    ...EXAMPLES,
    withSteps('["${step}"]'),
    withSteps('[{ connect: { count: "${n}", backend: "${plan}" }, within: "${n}s" }]'),
    withSteps('[{ connect: }, { close: { code: 1000 } }, { drop: fin }, { idle: 1s }]'),
    withSteps('[{ connect: { headers: { A: null, B: [x, 2], C: { size: 4 } }, tls: false } }]'),
    withSteps(
      '[{ parallel: [{ connect: }] }, { repeat: { times: 2, steps: [{ send: { text: x } }] } }]',
    ),
    withSteps('[{ connect: { backend: { $connect: , authorizer: { return: null } } } }]'),
    withCheck('{ received: 0 }'),
    withCheck('{ received: { count: { gte: 1 }, each: { json: { "a[0]": { absent: true } } } } }'),
    withCheck('{ events: { $connect: { each: { n: { gte: 1, tolerance: 10% } } } }, within: 2m }'),
    withCheck('{ elapsed: { from: sent, to: opened, lte: 1s }, level: should }'),
    withCheck('{ handshake: { status: { not: { oneOf: [101] } }, violations: [] } }'),
    `${START}axes: { a: [1, two], b: { x: { any: thing } } }\nvars: { n: 5 }\n`,
  ])('this is right: %s', (text) => {
    expect(parseScenario({ file: 'f.yaml', id: 'f', text })).toHaveProperty('scenario');
    expect(complaint(parseYaml(text) as Json, SCENARIO)).toBeUndefined();
  });

  it.each([
    'title: t\n',
    `${START}extra: 1\n`,
    START.replace('title: t', 'title: 5'),
    withSteps('[]'),
    withSteps('[{}]'),
    withSteps('[{ conect: }]'),
    withSteps('[{ connect: , close: }]'),
    withSteps('[{ connect: { backend: { $connect: { statuss: 403 } } } }]'),
    withSteps('[{ connect: { backend: { $connect: { hold: 5 parsecs } } } }]'),
    withSteps('[{ connect: { count: 0 } }]'),
    withSteps('[{ connect: }, { drop: fni }]'),
    withSteps('[{ connect: }, { send: { text: a, binary: b } }]'),
    withSteps('[{ connect: , within: 5 }]'),
    withSteps('[{ connect: }, { repeat: { times: 2, steps: [{ send: { txt: x } }] } }]'),
    withCheck('{}'),
    withCheck('{ handshake: { status: ok } }'),
    withCheck('{ handshake: { status: { oneOf: [401, x] } } }'),
    withCheck('{ handshake: { outcome: rejected } }'),
    withCheck('{ handshake: { status: 101 }, received: 0 }'),
    withCheck('{ received: { count: -1 } }'),
    withCheck('{ order: [opened] }'),
    withCheck('{ received: 0, level: shall }'),
  ])('this is wrong: %s', (text) => {
    expect(parseScenario({ file: 'f.yaml', id: 'f', text })).toHaveProperty('diagnostics');
    expect(complaint(parseYaml(text) as Json, SCENARIO)).toBeDefined();
  });

  it.each([
    ['url: wss://a/b\n', true],
    [
      'url: ws://127.0.0.1:${port.ws}/\nlaunch: { command: [x], ports: [ws], ready: { tcp: "a:${port.ws}" } }\n',
      true,
    ],
    [
      'endpoints: { open: wss://a, api-key: { url: wss://b, credentials: { default: { headers: { k: v } } } } }\n',
      true,
    ],
    ['url: wss://a\nprobe: { remote: }\nlimits: { idleTimeout: "${t}" }\n', true],
    ['url: wss://a\nconcurrency: 0\n', false],
    ['url: wss://a\nlimits: { idleTimeout: 5 }\n', false],
    ['url: wss://a\nlaunch: { command: [x], gateway: y }\n', false],
    ['url: wss://a\nprobe: {}\n', false],
  ])('of the target %j this is %s', (text, right) => {
    expect('description' in parseTargetFile({ file: 'f', name: 't', text })).toBe(right);
    const found = complaint(parseYaml(text) as Json, schemaNamed('schema/target-1.schema.json'));
    expect(found === undefined).toBe(right);
  });

  it.each([
    ['title: t\nscenarios: [a/*]\n', true],
    ['title: t\nprofiles: { a: { scenarios: [b] } }\n', true],
    ['title: t\nscenarios: []\n', false],
    ['title: t\nprofiles: { a: {} }\n', false],
  ])('of the suite %j this is %s', (text, right) => {
    expect('suite' in parseSuite({ file: 'f', name: 's', text })).toBe(right);
    const found = complaint(parseYaml(text) as Json, schemaNamed('schema/suite-1.schema.json'));
    expect(found === undefined).toBe(right);
  });
});

function schemaNamed(path: string): JsonObject {
  const text = FILES.find((file) => file.path === path)?.text ?? '{}';
  return JSON.parse(text) as JsonObject;
}

// A validator of the keywords that the generated schemas use, independent of zod; any other keyword
// makes it fail, so that nothing is overlooked.
function complaint(value: Json, root: JsonObject): string | undefined {
  const judge = (item: Json, schema: Json | undefined, path: string): string | undefined => {
    if (schema === true || schema === undefined) return undefined;
    if (!isJsonObject(schema)) return `${path}: not allowed`;
    for (const [keyword, argument] of Object.entries(schema)) {
      const rule = RULES[keyword];
      if (rule === undefined) return `unknown keyword ${keyword}`;
      const wrong = rule({ item, argument: argument ?? null, schema, root, path, judge });
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
  return judge(value, root, '$');
}

interface Rule {
  readonly item: Json;
  readonly argument: Json;
  readonly schema: JsonObject;
  readonly root: JsonObject;
  readonly path: string;
  readonly judge: (item: Json, schema: Json | undefined, path: string) => string | undefined;
}

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
const fine = (): undefined => undefined;
const when = (wrong: boolean, path: string, what: string): string | undefined =>
  wrong ? `${path}: ${what}` : undefined;
const many = (argument: Json): readonly Json[] =>
  Array.isArray(argument) ? (argument as readonly Json[]) : [argument];

const RULES: Readonly<Record<string, (rule: Rule) => string | undefined>> = {
  $schema: fine,
  $id: fine,
  $defs: fine,
  title: fine,
  description: fine,
  examples: fine,
  $ref: ({ item, argument, root, path, judge }) => {
    const name = asText(argument).slice('#/$defs/'.length);
    const defs = root['$defs'];
    return judge(item, isJsonObject(defs) ? (defs[name] ?? false) : false, path);
  },
  type: ({ item, argument, path }) =>
    when(!many(argument).some((type) => isOfType(item, type)), path, `not ${asText(argument)}`),
  const: ({ item, argument, path }) => when(item !== argument, path, 'another value'),
  enum: ({ item, argument, path }) => when(!many(argument).includes(item), path, 'another word'),
  pattern: ({ item, argument, path }) =>
    when(
      typeof item === 'string' && !new RegExp(asText(argument), 'u').test(item),
      path,
      'pattern',
    ),
  minLength: ({ item, argument, path }) =>
    when(typeof item === 'string' && item.length < Number(argument), path, 'short'),
  minimum: ({ item, argument, path }) =>
    when(typeof item === 'number' && item < Number(argument), path, 'small'),
  maximum: ({ item, argument, path }) =>
    when(typeof item === 'number' && item > Number(argument), path, 'large'),
  minItems: ({ item, argument, path }) =>
    when(Array.isArray(item) && item.length < Number(argument), path, 'few items'),
  required: ({ item, argument, path }) =>
    when(
      isJsonObject(item) && many(argument).some((key) => !(asText(key) in item)),
      path,
      'missing key',
    ),
  properties: ({ item, argument, path, judge }) =>
    first(
      isJsonObject(item) && isJsonObject(argument)
        ? Object.keys(item)
            .filter((key) => key in argument)
            .map((key) => judge(item[key] ?? null, argument[key], `${path}.${key}`))
        : [],
    ),
  additionalProperties: ({ item, argument, schema, path, judge }) => {
    if (!isJsonObject(item)) return undefined;
    const known = isJsonObject(schema['properties']) ? Object.keys(schema['properties']) : [];
    return first(
      Object.keys(item)
        .filter((key) => !known.includes(key))
        .map((key) => judge(item[key] ?? null, argument, `${path}.${key}`)),
    );
  },
  propertyNames: ({ item, argument, path, judge }) =>
    first(
      isJsonObject(item)
        ? Object.keys(item).map((key) => judge(key, argument, `${path}.${key}`))
        : [],
    ),
  items: ({ item, argument, path, judge }) =>
    first(
      Array.isArray(item)
        ? item.map((one: Json, index) => judge(one, argument, `${path}[${index}]`))
        : [],
    ),
  anyOf: ({ item, argument, path, judge }) =>
    when(
      many(argument).every((one) => judge(item, one, path) !== undefined),
      path,
      'none of the alternatives',
    ),
  oneOf: ({ item, argument, path, judge }) =>
    when(
      many(argument).filter((one) => judge(item, one, path) === undefined).length !== 1,
      path,
      'not exactly one',
    ),
};

function first(complaints: readonly (string | undefined)[]): string | undefined {
  return complaints.find((one) => one !== undefined);
}

function isOfType(item: Json, type: Json): boolean {
  if (type === 'array') return Array.isArray(item);
  if (type === 'object') return isJsonObject(item);
  if (type === 'null') return item === null;
  if (type === 'integer') return Number.isInteger(item);
  return typeof item === type;
}
