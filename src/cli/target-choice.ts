// Which target a run is about, from the command line, a suite, or by default the embedded gateway.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ToolError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type { Redactor } from '../base/redact.ts';
import { type Diagnostic, renderDiagnostics } from '../scenario/diagnostic.ts';
import type { Target } from '../target/model.ts';
import {
  parseTargetFile,
  type ResolvedTarget,
  resolveTarget,
  type TargetDescription,
  targetFromUrl,
} from '../target/parse.ts';
import { didYouMean } from './did-you-mean.ts';
import { readHeaders, type SignOptions } from './header.ts';
import type { Io } from './io.ts';
import { type NetworkOptions, withNetwork } from './network.ts';
import { describe, type FoundFile, findTargets, readText } from './workspace.ts';

/** What is known only when a run begins. */
interface Late {
  readonly ports: Readonly<Record<string, number>>;
  readonly probe: { readonly url: string; readonly token: string } | undefined;
}

/** A target that has been chosen and not yet been started. */
export interface ChosenTarget {
  readonly name: string;
  readonly ports: readonly string[];
  readonly warnings: readonly Diagnostic[];
  /** @throws {ToolError} FILE_INVALID with every mistake */
  resolve(late: Late): Target;
  /** With stand-ins for what is known only later: what a plan needs. */
  readonly preview: Target;
}

/** What the command line says about the target. */
export interface TargetOptions extends NetworkOptions, SignOptions {
  readonly url?: string;
  readonly target?: string;
  readonly fault?: readonly string[];
  /** `Name: value`, each. */
  readonly header?: readonly string[];
  readonly concurrency?: number;
}

/** What else it takes to choose. */
export interface Choosing {
  readonly io: Io;
  readonly redactor: Redactor;
  /** `--var`, then the suite's. */
  readonly vars: Readonly<Record<string, Json>>;
}

/** The target that is started when none is named. */
const EMBEDDED_TARGET = 'reference';

/**
 * Chooses by `--url`, then `--target`, then the suite's own target, then the embedded gateway.
 *
 * @throws {ToolError} USAGE, FILE_INVALID
 */
export function chooseTarget(
  options: TargetOptions,
  suiteTarget: string | undefined,
  choosing: Choosing,
): ChosenTarget {
  const { url, target } = options;
  if (url !== undefined && target !== undefined) {
    throw new ToolError('USAGE', '--url and --target exclude one another.');
  }
  if (options.fault !== undefined && options.fault.length > 0 && url !== undefined) {
    throw new ToolError('USAGE', '--fault is for the embedded gateway, not for a --url.');
  }
  if (options.header !== undefined && options.header.length > 0 && url === undefined) {
    throw new ToolError('USAGE', '--header goes with --url.', {
      hint: 'A target file names credentials: credentials: { default: { headers: { … } } }.',
    });
  }
  if (options.sign !== undefined && url === undefined) {
    throw new ToolError('USAGE', '--sign goes with --url.', {
      hint: 'In a target file credentials sign: credentials: { default: { sign: true } }.',
    });
  }
  if (options.region !== undefined && options.sign === undefined) {
    throw new ToolError('USAGE', '--region is that of a signature, and nothing is signed.', {
      hint: 'Add --sign header, or --sign query for a presigned URL.',
    });
  }
  if (url !== undefined) return fromUrl(url, options, choosing);
  return fromFile(
    findTarget(choosing.io, target ?? suiteTarget ?? EMBEDDED_TARGET),
    options,
    choosing,
  );
}

function fromUrl(url: string, options: TargetOptions, choosing: Choosing): ChosenTarget {
  const { header = [], sign } = options;
  const isPlain = header.length === 0 && sign === undefined;
  const sent = isPlain ? undefined : readHeaders(options, choosing);
  const texts = { '--url': url, '--header': header.join(' '), '--sign': sign ?? '' };
  const unwrap = (): Target => {
    const target = targetOf(targetFromUrl(url, sent), texts, choosing.redactor);
    return withOptions(withNetwork(target, options, choosing), options);
  };
  const preview = unwrap();
  return { name: preview.name, ports: [], warnings: [], resolve: unwrap, preview };
}

function findTarget(io: Io, given: string): FoundFile {
  const path = resolve(io.cwd, given);
  const asFile = existsSync(path) && path.endsWith('.yaml');
  if (asFile) return { ...describe(io, path), id: dirname(path).split(/[/\\]/).at(-1) ?? given };
  const targets = findTargets(io);
  const found = targets.get(given);
  if (found !== undefined) return found;
  throw new ToolError('USAGE', `There is no target called ${given}.`, {
    hint: `${didYouMean([given], targets.keys())}Targets: ${[...targets.keys()].join(', ')}. A target is targets/<name>/target.yaml; a bare endpoint is --url wss://…`,
  });
}

function fromFile(file: FoundFile, options: TargetOptions, choosing: Choosing): ChosenTarget {
  const text = readText(file.path);
  const parsed = parseTargetFile({ file: file.shown, name: file.id, text });
  if ('diagnostics' in parsed)
    throw invalid(parsed.diagnostics, { [file.shown]: text }, choosing.redactor);
  const { description } = parsed;
  checkFaults(description, options);
  const unwrap = (late: Late): Target => {
    // Messages show the short name; what is started is found by the whole path.
    const resolved = resolveTarget(
      { ...description, file: file.path },
      {
        ...late,
        vars: choosing.vars,
        env: (name) => choosing.io.env[name],
        registerSecret: choosing.redactor.register,
        readBeside: (path) => readQuietly(resolve(dirname(file.path), path)),
      },
    );
    const target = targetOf(resolved, { [file.shown]: text }, choosing.redactor);
    const reached = withNetwork(target, options, choosing);
    return withLaunch(withOptions(reached, options), options, choosing.io, late);
  };
  const ports = Object.fromEntries(description.ports.map((name) => [name, 1]));
  const preview = unwrap({ ports, probe: { url: 'http://127.0.0.1:1', token: 'preview' } });
  return {
    name: description.name,
    ports: description.ports,
    warnings: description.warnings,
    resolve: unwrap,
    preview,
  };
}

function checkFaults(description: TargetDescription, { fault = [] }: TargetOptions): void {
  if (fault.length === 0 || description.launch === 'gateway') return;
  throw new ToolError('USAGE', `--fault is for the embedded gateway; ${description.name} is none.`);
}

/** A launched gateway is this very program, told its ports and faults. */
function withLaunch(target: Target, { fault = [] }: TargetOptions, io: Io, late: Late): Target {
  const { launch } = target;
  if (launch?.gateway === undefined) return target;
  const ports = Object.entries(late.ports).flatMap(([name, port]) => ['--port', `${name}=${port}`]);
  const faults = fault.flatMap((name) => ['--fault', name]);
  const command = [
    ...io.self,
    'gateway',
    '--config',
    launch.gateway,
    ...ports,
    ...faults,
    '--exit-with-stdin',
  ];
  return {
    ...target,
    launch: { ...launch, command, ready: { kind: 'line', pattern: '"ready":true' } },
  };
}

function withOptions(target: Target, { concurrency }: TargetOptions): Target {
  return concurrency === undefined ? target : { ...target, concurrency };
}

function targetOf(
  resolved: ResolvedTarget,
  texts: Readonly<Record<string, string>>,
  redactor: Redactor,
): Target {
  if ('target' in resolved) return resolved.target;
  throw invalid(resolved.diagnostics, texts, redactor);
}

function invalid(
  diagnostics: readonly Diagnostic[],
  texts: Readonly<Record<string, string>>,
  redactor: Redactor,
): ToolError {
  // The frame shows what was written: a URL may be presigned.
  return new ToolError('FILE_INVALID', redactor.text(renderDiagnostics(diagnostics, texts)));
}

function readQuietly(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
