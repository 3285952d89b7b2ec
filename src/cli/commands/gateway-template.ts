// `ws-assay gateway <template>`: the WebSocket APIs of a CloudFormation or SAM template, until it is interrupted.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { messageOf, ToolError } from '../../base/errors.ts';
import { notUtf8 } from '../../base/utf8.ts';
import { visible } from '../../base/visible.ts';
import { writeInlineCode } from '../../gateway/cloudformation/inline-code.ts';
import {
  describeTemplateNote,
  describeTemplateProblem,
} from '../../gateway/cloudformation/problem.ts';
import {
  type Credentials,
  readTemplate,
  type TemplateReading,
} from '../../gateway/cloudformation/read-template.ts';
import { watchFiles } from '../../gateway/cloudformation/watch.ts';
import type { GatewayConfig } from '../../gateway/config.ts';
import type { Gateway } from '../../gateway/start.ts';
import type { Io } from '../io.ts';

/** What the command is told about a template. */
export interface TemplateArguments {
  /** `Name=Value`. */
  readonly parameter: readonly string[];
  /** `Name=Value`. */
  readonly import: readonly string[];
}

/** A template that can be served. */
export type ServableTemplate = Extract<TemplateReading, { kind: 'template' }>;

/** A template and all that is kept while it is served. */
export interface OpenTemplate {
  /**
   * Reads the file as it is now.
   *
   * @throws {ToolError} GATEWAY_CONFIG with all mistakes, FILE_UNREADABLE
   */
  read(): ServableTemplate;
  /** Values of API keys that were drawn, by logical id. */
  readonly drawnKeys: ReadonlyMap<string, string>;
  readonly file: string;
  /** Removes what was written. */
  close(): void;
}

/** Opens a template; nothing is read yet. */
export function openTemplate(io: Io, name: string, given: TemplateArguments): OpenTemplate {
  const file = resolve(io.cwd, name);
  const inlineFolder = mkdtempSync(join(tmpdir(), 'ws-assay-inline-'));
  const drawnKeys = new Map<string, string>();
  const options = {
    region: io.env['AWS_REGION'] ?? io.env['AWS_DEFAULT_REGION'] ?? 'us-east-1',
    accountId: '123456789012',
    stackName: 'local',
    parameters: pairsOf('--parameter', given.parameter),
    imports: pairsOf('--import', given.import),
    folder: dirname(file),
    inlineFolder,
    credentials: signingCredentials(io),
    drawKey: (id: string) => {
      const value = drawnKeys.get(id) ?? randomBytes(20).toString('hex');
      drawnKeys.set(id, value);
      return value;
    },
  };
  return {
    file,
    drawnKeys,
    read: () => {
      const reading = readTemplate(
        readText(file, shownPath(io, file)),
        shownPath(io, file),
        options,
      );
      if (reading.kind === 'problems') throw problemsError(shownPath(io, file), reading);
      writeInlineCode(reading.functions);
      return reading;
    },
    close: () => rmSync(inlineFolder, { recursive: true, force: true }),
  };
}

function problemsError(
  file: string,
  { problems, shown }: Extract<TemplateReading, { kind: 'problems' }>,
): ToolError {
  const listed = problems.slice(0, MOST_PROBLEMS).map((one) => describeTemplateProblem(one, shown));
  const more = problems.length - listed.length;
  const rest = more > 0 ? [`… and ${more} more`] : [];
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new ToolError('GATEWAY_CONFIG', `${file} cannot be served: ${count}.`, {
    hint: [...listed, ...rest].join('\n\n'),
  });
}

const MOST_PROBLEMS = 50;

/** Prints where each API is, what is left alone and what is worth knowing. */
export function describeTemplate(io: Io, template: ServableTemplate, gateway: Gateway): void {
  const lines = Object.entries(gateway.apis).flatMap(([name, { url, managementUrl }]) => {
    const stages = Object.keys(template.config.Apis[name]?.Stages ?? {});
    const [sockets, http] = [url, managementUrl].map((one) =>
      one.replace(/(?<=:\/\/[^/]+)\/.*/, ''),
    );
    return stages.flatMap((stage) => [
      `${name}  ${sockets}/${stage}`,
      `${' '.repeat(name.length)}  ${http}/${stage}/@connections/{id}`,
    ]);
  });
  const ignored = [...template.ignored].map(
    ([type, ids]) => `not served: ${type} ${ids.join(', ')}`,
  );
  const notes = template.notes.map(describeTemplateNote);
  for (const line of [...lines, ...ignored, ...notes]) io.stderr(`${visible(line)}\n`);
}

/** Prints the API keys that were drawn: nobody knows them otherwise. */
export function describeDrawnKeys(io: Io, keys: ReadonlyMap<string, string>): void {
  for (const [id, value] of keys)
    io.stderr(`API key ${visible(id)}: ${value} (drawn for this run)\n`);
}

/** Loads functions and template anew when they change; returns the function that stops it. */
export function followTemplate(
  io: Io,
  {
    template,
    first,
    gateway,
    adapt,
  }: {
    readonly template: OpenTemplate;
    readonly first: ServableTemplate;
    readonly gateway: Gateway;
    /** Puts options of the command into a configuration. */
    readonly adapt: (config: GatewayConfig) => GatewayConfig;
  },
): () => void {
  const foldersOf = ({ functions }: ServableTemplate): readonly string[] =>
    functions.flatMap(({ folder }) => (folder === undefined ? [] : [folder]));
  const reload = async (files: readonly string[]): Promise<void> => {
    const names = files.map((file) => visible(shownPath(io, file))).join(', ');
    try {
      if (files.includes(template.file)) {
        const next = template.read();
        await gateway.reload(adapt(next.config));
        watching.update(foldersOf(next));
        for (const note of next.notes) io.stderr(`${visible(describeTemplateNote(note))}\n`);
      } else await gateway.reload();
      io.stderr(`reloaded: ${names}\n`);
    } catch (thrown) {
      const hint =
        thrown instanceof ToolError && thrown.hint !== undefined ? `\n${thrown.hint}` : '';
      io.stderr(`not reloaded: ${visible(`${messageOf(thrown)}${hint}`, true)}\n`);
    }
  };
  const watched = { file: template.file, folders: foldersOf(first) };
  const watching = watchFiles(watched, io.clock, (files) => void reload(files));
  return () => watching.close();
}

/**
 * Credentials for SDKs that find none: calls of `@connections` here need some, whichever. Where a person has credentials,
 * those are used.
 */
export function standInCredentials(io: Io): Readonly<Record<string, string>> {
  const named = Object.keys(io.env).some((name) => CREDENTIALS.test(name));
  const home = io.env['HOME'] ?? homedir();
  const stored = ['credentials', 'config'].some((name) => existsSync(join(home, '.aws', name)));
  if (named || stored) return {};
  const { accessKeyId, secretAccessKey } = STAND_IN;
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}

/** Says with what to sign where a route has AWS_IAM. */
export function describeSigning(io: Io, template: ServableTemplate): void {
  if (Object.keys(template.config.Users).length === 0) return;
  const { accessKeyId, secretAccessKey } = signingCredentials(io);
  const standIn = accessKeyId === STAND_IN.accessKeyId;
  const shown = `AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`;
  const how = standIn ? shown : 'the credentials of this environment';
  io.stderr(`AWS_IAM: sign with ${how}\n`);
}

function signingCredentials({ env }: Io): Credentials {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  // Some put a word there for stores on their machine; that is no key that anybody signs with.
  const isKey = accessKeyId !== undefined && /^\w{16,128}$/.test(accessKeyId);
  if (!isKey || secretAccessKey === undefined || secretAccessKey === '') return STAND_IN;
  return { accessKeyId, secretAccessKey, sessionToken: env['AWS_SESSION_TOKEN'] };
}

// As long as one of AWS.
const STAND_IN: Credentials = { accessKeyId: 'LOCALACCESSKEY01', secretAccessKey: 'local' };

const CREDENTIALS =
  /^AWS_(ACCESS_KEY_ID|PROFILE|DEFAULT_PROFILE|WEB_IDENTITY_TOKEN_FILE|CONTAINER_CREDENTIALS_.+|SHARED_CREDENTIALS_FILE|CONFIG_FILE)$/;

function pairsOf(option: string, given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new ToolError('USAGE', `${option} ${text}: write a name, =, and a value.`);
    }),
  );
}

function shownPath(io: Io, file: string): string {
  const path = relative(io.cwd, file);
  return path.startsWith('..') ? file : path;
}

function readText(file: string, shown: string): string {
  const bytes = readBytes(file);
  const place = notUtf8(bytes);
  if (place === undefined) return bytes.toString('utf8');
  throw new ToolError(
    'FILE_UNREADABLE',
    `${shown}:${place.line}:${place.column}: here the file is not UTF-8. Save it as UTF-8.`,
  );
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (thrown) {
    throw new ToolError('FILE_UNREADABLE', `Cannot read ${file}: ${messageOf(thrown)}.`, {
      cause: thrown,
    });
  }
}
