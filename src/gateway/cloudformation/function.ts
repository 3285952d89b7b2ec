// A Lambda function of a template: where its code lies on this machine, and what it is given.
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isFunction } from './attribute.ts';
import type { Scope } from './scope.ts';
import { withGlobals } from './serverless.ts';
import type { Resource } from './template.ts';
import {
  describeKind,
  entriesOf,
  type TemplateNode,
  textNode,
  textOf,
  valueOf,
} from './template-node.ts';

/** A function as the gateway runs it. */
export interface TemplateFunction {
  readonly id: string;
  /** Its name on AWS: `FunctionName`, or the logical id. */
  readonly name: string;
  /** `path#export`, absolute. */
  readonly Handler: string;
  readonly Environment: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly Timeout: number;
  /** The folder of its code, which is watched; `undefined` for code in the template. */
  readonly folder: string | undefined;
  /** Code that stands in the template and has to be written to the file of `Handler`. */
  readonly inline: { readonly file: string; readonly text: string } | undefined;
}

/** Where code is looked for, and where that of the template will be written. */
export interface CodePlaces {
  /** The folder of the template. */
  readonly folder: string;
  readonly inlineFolder: string;
}

/** Reads a function that is needed; `undefined` when it cannot be served, which is a finding. */
export function readFunction(
  scope: Scope,
  resource: Resource,
  places: CodePlaces,
): TemplateFunction | undefined {
  const properties = propertiesOf(scope, resource);
  if (properties === undefined) return undefined;
  const language = languageOf(scope, resource, properties);
  const handler = valueOf(properties, 'Handler');
  const said = textOf(handler);
  if (language === undefined) return undefined;
  if (handler === undefined || said === undefined) {
    if (handler?.kind !== 'unknown')
      problem(
        scope,
        handler ?? resource,
        `${resource.id} has no Handler`,
        'write Handler: app.handler',
      );
    return undefined;
  }
  const code = codeOf(scope, resource, properties, places);
  const found = code && locate(scope, { code, handler, said, language, id: resource.id, places });
  if (found === undefined) return undefined;
  return {
    id: resource.id,
    name: textOf(valueOf(properties, 'FunctionName')) ?? resource.id,
    Environment: environmentOf(scope, properties),
    Timeout: timeoutOf(scope, properties),
    ...found,
  };
}

/** The name of a function on AWS. */
export function functionNameOf(scope: Scope, resource: Resource): string {
  const name = valueOf(resource.properties, 'FunctionName');
  const value = name === undefined ? undefined : scope.evaluate(name);
  return textOf(value) ?? resource.id;
}

type Language = 'node' | 'python';

type Place = { readonly span: TemplateNode['span'] };

function problem(scope: Scope, { span }: Place, message: string, hint?: string): undefined {
  scope.findings.problem(span, message, hint);
}

function propertiesOf(scope: Scope, resource: Resource): TemplateNode | undefined {
  if (!isFunction(resource)) return undefined;
  const serverless = resource.type.startsWith('AWS::Serverless::');
  const plain = serverless
    ? withGlobals(scope.template, resource, 'Function')
    : (resource.properties ?? { kind: 'map' as const, entries: [], span: resource.span });
  const needed = entriesOf(plain).filter(({ key }) => NEEDED.has(key));
  return scope.evaluate({ kind: 'map', entries: needed, span: plain.span });
}

// Policies, roles, subnets and all else of a function are nothing to a gateway that runs it here.
const NEEDED = new Set([
  'Code',
  'CodeUri',
  'Environment',
  'FunctionName',
  'Handler',
  'InlineCode',
  'PackageType',
  'Runtime',
  'Timeout',
]);

function languageOf(
  scope: Scope,
  resource: Resource,
  properties: TemplateNode,
): Language | undefined {
  const type = valueOf(properties, 'PackageType');
  if (type !== undefined && textOf(type) === 'Image') {
    return problem(
      scope,
      type,
      `${resource.id} is a container image, which is not served`,
      'use a function with Handler and Runtime',
    );
  }
  const runtime = valueOf(properties, 'Runtime');
  const name = textOf(runtime);
  if (runtime?.kind === 'unknown') return undefined;
  if (runtime === undefined || name === undefined) {
    return problem(
      scope,
      runtime ?? resource,
      `${resource.id} has no Runtime`,
      'write Runtime: nodejs22.x',
    );
  }
  if (/^nodejs\d+\.x$/.test(name)) return 'node';
  if (/^python3\.\d+$/.test(name)) return 'python';
  return problem(scope, runtime, `the runtime ${name} is not served`, 'nodejs…x and python3.… are');
}

type Code =
  | { readonly kind: 'folder'; readonly folder: string; readonly at: TemplateNode }
  | { readonly kind: 'inline'; readonly text: string; readonly at: TemplateNode };

function codeOf(
  scope: Scope,
  resource: Resource,
  properties: TemplateNode,
  places: CodePlaces,
): Code | undefined {
  const given = valueOf(properties, 'CodeUri') ?? valueOf(properties, 'Code');
  const inline = valueOf(properties, 'InlineCode') ?? valueOf(given, 'ZipFile');
  // The SAM CLI takes the folder of the template where a function says none.
  const isSam = resource.type === 'AWS::Serverless::Function';
  const code = given ?? (isSam ? textNode('.', resource.span) : undefined);
  const text = textOf(inline);
  if (inline !== undefined && text !== undefined) return { kind: 'inline', text, at: inline };
  const at = textOf(code) === undefined ? (assetOf(resource, code, places) ?? code) : code;
  const path = textOf(at);
  if (at?.kind === 'unknown' || inline?.kind === 'unknown') return undefined;
  if (at === undefined) {
    return problem(scope, resource, `${resource.id} has no code`, 'write CodeUri: and a folder');
  }
  if (path === undefined) {
    const where = at.kind === 'map' ? 'is not on this machine' : `is ${describeKind(at)}`;
    return problem(
      scope,
      at,
      `the code of ${resource.id} ${where}`,
      'write the folder of its source',
    );
  }
  return folderOf(scope, { path, at, id: resource.id, from: places.folder });
}

// Where CDK and SAM keep the folder of code that they upload: metadata name it, or it is called by the hash of its archive.
function assetOf(
  { metadata }: Resource,
  code: TemplateNode | undefined,
  { folder }: CodePlaces,
): TemplateNode | undefined {
  const named = valueOf(metadata, 'aws:asset:path');
  const key = valueOf(code, 'S3Key');
  const hash = /^([0-9a-f]{64})\.zip$/.exec(textOf(key) ?? '')?.[1];
  if (named !== undefined || key === undefined || hash === undefined) return named;
  const asset = `asset.${hash}`;
  return existsSync(join(folder, asset)) ? textNode(asset, key.span) : undefined;
}

function folderOf(
  scope: Scope,
  {
    path,
    at,
    id,
    from,
  }: {
    readonly path: string;
    readonly at: TemplateNode;
    readonly id: string;
    readonly from: string;
  },
): Code | undefined {
  if (/^(s3|https?):\/\//.test(path)) {
    return problem(
      scope,
      at,
      `the code of ${id} is not on this machine`,
      'write the folder of its source',
    );
  }
  const place = resolve(from, path);
  if (!existsSync(place)) {
    return problem(
      scope,
      at,
      `there is no ${path} beside the template`,
      'write the folder of its source',
    );
  }
  if (statSync(place).isDirectory()) return { kind: 'folder', folder: place, at };
  if (/\.(zip|jar)$/i.test(place)) {
    return problem(scope, at, `the code of ${id} is an archive`, 'unpack it and write its folder');
  }
  return { kind: 'folder', folder: dirname(place), at };
}

interface Located extends Pick<TemplateFunction, 'Handler' | 'folder' | 'inline'> {}

interface Sought {
  readonly code: Code;
  readonly handler: TemplateNode;
  readonly said: string;
  readonly language: Language;
  readonly id: string;
  readonly places: CodePlaces;
}

// `folder/module.function`: the module's name ends at the first dot behind the last slash.
function locate(scope: Scope, sought: Sought): Located | undefined {
  const { code, handler, said, language, id, places } = sought;
  const [, module, name] = /^((?:.*\/)?[^./]+)\.([A-Za-z_$][\w$]*)$/.exec(said) ?? [];
  if (module === undefined || name === undefined || module.split('/').includes('..')) {
    return problem(
      scope,
      handler,
      `"${said}" is no handler`,
      'write a file, a dot and the function: app.handler',
    );
  }
  if (code.kind === 'inline') {
    const file = join(places.inlineFolder, id, `index.${extensionOf(code.text, language)}`);
    const inline = { file, text: code.text };
    if (module === 'index') return { Handler: `${file}#${name}`, folder: undefined, inline };
    return problem(scope, handler, 'code in the template is a file index', `write index.${name}`);
  }
  const endings = language === 'python' ? ['py'] : ['js', 'mjs', 'cjs'];
  const file = endings.map((ending) => join(code.folder, `${module}.${ending}`)).find(existsSync);
  if (file !== undefined)
    return { Handler: `${file}#${name}`, folder: code.folder, inline: undefined };
  const looked = `${module}.${endings.join(', .')}`;
  const built =
    existsSync(join(code.folder, `${module}.ts`)) || existsSync(join(code.folder, 'package.json'));
  const hint =
    built && language === 'node' ? 'build it first and serve the built template' : undefined;
  return problem(scope, handler, `there is no ${looked} in ${code.folder}`, hint);
}

// Lambda decides by the text too: a file index.js may be either.
function extensionOf(text: string, language: Language): string {
  if (language === 'python') return 'py';
  return /^\s*(import\s[^(]*from\s|import\s*['"{]|export\s)/m.test(text) ? 'mjs' : 'cjs';
}

function environmentOf(scope: Scope, properties: TemplateNode): Readonly<Record<string, string>> {
  const variables = valueOf(valueOf(properties, 'Environment'), 'Variables');
  return Object.fromEntries(
    entriesOf(variables).flatMap(({ key, value }): readonly (readonly [string, string])[] => {
      const text = value.kind === 'scalar' ? value.text : undefined;
      if (text === undefined) {
        if (value.kind !== 'unknown') problem(scope, value, `the variable ${key} has to be a text`);
        return [];
      }
      noteDynamic(scope, key, value);
      return [[key, text]];
    }),
  );
}

function noteDynamic(scope: Scope, name: string, value: TemplateNode): void {
  if (!/\{\{resolve:/.test(textOf(value) ?? '')) return;
  scope.findings.note(
    value.span,
    `${name} is given as it is written`,
    'dynamic references are resolved on AWS only',
  );
}

// "The default is 3 seconds. The maximum allowed value is 900 seconds."
function timeoutOf(scope: Scope, properties: TemplateNode): number {
  const timeout = valueOf(properties, 'Timeout');
  if (timeout === undefined || timeout.kind === 'unknown') return 3;
  const seconds = Number(textOf(timeout) ?? Number.NaN);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 900) return seconds;
  problem(scope, timeout, `Timeout is ${describeKind(timeout)}`, 'write seconds from 1 to 900');
  return 3;
}
