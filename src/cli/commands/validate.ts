// `ws-assay validate`: every mistake of every file at once; nothing is run.

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { ToolError } from '../../base/errors.ts';
import { describeProblem, readGatewayConfig } from '../../gateway/config-file.ts';
import { crossCheck } from '../../scenario/cross-check.ts';
import {
  type Diagnostic,
  hasErrors,
  renderDiagnostics,
  withoutSecrets,
} from '../../scenario/diagnostic.ts';
import { parseRequirements, type RequirementRegistry } from '../../scenario/requirement.ts';
import { childOf, textOf } from '../../scenario/source-node.ts';
import { type Nameable, parseSuite } from '../../scenario/suite.ts';
import { parseTargetFile } from '../../target/parse.ts';
import { readBaseline } from '../baseline-file.ts';
import type { Io } from '../io.ts';
import { type Loading, loadScenarios } from '../library.ts';
import {
  describe,
  type FoundFile,
  findBaselines,
  findGateways,
  findRegistries,
  findScenarios,
  findSuites,
  findTargets,
  isOwn,
  readText,
  scenarioFilesAt,
  yamlFilesBelow,
} from '../workspace.ts';

/** Options of the command. */
export interface ValidateOptions {
  readonly format: 'text' | 'json';
}

interface Files {
  readonly scenarios: readonly FoundFile[];
  readonly suites: readonly FoundFile[];
  readonly registries: readonly FoundFile[];
  readonly targets: readonly FoundFile[];
  readonly baselines: readonly FoundFile[];
  readonly gateways: readonly FoundFile[];
  /** What was given and is no such file, as sentences. */
  readonly refused: readonly string[];
}

/** Exit code 0 when everything is right, 2 otherwise. */
export async function validateCommand(
  io: Io,
  given: readonly string[],
  { format }: ValidateOptions,
): Promise<number> {
  const files =
    given.length === 0 ? everything(io) : given.map((one) => filesAt(io, one)).reduce(joined);
  const scenarios = await loadScenarios(files.scenarios);
  const nameable = nameableIn(io);
  const others = [
    ...files.suites.map((file) =>
      read(file, (text) => parseSuite({ file: file.shown, name: file.id, text }, nameable)),
    ),
    ...files.targets.map((file) =>
      read(file, (text) => parseKnownTarget(file, { file: file.shown, name: file.id, text })),
    ),
    ...files.registries.map((file) => read(file, (text) => parseRequirements(file.shown, text))),
    ...(await Promise.all(files.baselines.map((file) => readKnownBaseline(io, file)))),
  ];
  const diagnostics = [
    ...scenarios.diagnostics,
    ...others.flatMap((one) => one.diagnostics),
    ...(given.length === 0 ? locked(scenarios, others) : []),
  ];
  const texts = {
    ...scenarios.texts,
    ...Object.fromEntries(others.map(({ shown, text }) => [shown, text])),
  };
  const gateways = files.gateways.flatMap(gatewayProblems);
  const count = files.scenarios.length + others.length + files.gateways.length;
  const wrong = hasErrors(diagnostics) || gateways.length > 0;
  print(io, { diagnostics, texts, gateways, format });
  if (files.refused.length > 0) throw new ToolError('FILE_UNREADABLE', files.refused.join('\n'));
  if (!wrong) io.stderr(count === 1 ? '1 file is valid.\n' : `${count} files are valid.\n`);
  return wrong ? 2 : 0;
}

const NONE: Files = {
  scenarios: [],
  suites: [],
  registries: [],
  targets: [],
  baselines: [],
  gateways: [],
  refused: [],
};

/** What the working directory has in the usual places; not what the package brings along. */
function everything(io: Io): Files {
  const own = (found: ReadonlyMap<string, FoundFile>): readonly FoundFile[] =>
    [...found.values()].filter((file) => isOwn(io, file));
  const files: Files = {
    scenarios: own(findScenarios(io)),
    suites: own(findSuites(io)),
    registries: own(findRegistries(io)),
    targets: own(findTargets(io)),
    baselines: own(findBaselines(io)),
    gateways: own(findGateways(io)),
    refused: [],
  };
  if (Object.values(files).some((some) => some.length > 0)) return files;
  throw new ToolError(
    'FILE_UNREADABLE',
    'There is nothing to validate: the working directory has no files in scenarios/, suites/ or targets/.',
    { hint: 'Name files or folders: ws-assay validate checks/ my-target/target.yaml' },
  );
}

function filesAt(io: Io, given: string): Files {
  const path = resolve(io.cwd, given);
  if (!existsSync(path)) return { ...NONE, refused: [`There is no ${given}.`] };
  if (!statSync(path).isDirectory()) return fileAt(io, { path, given });
  const found = yamlFilesBelow(path).map((one) => fileAt(io, { path: one, given: one }));
  if (found.length === 0) return { ...NONE, refused: [`There is no scenario in ${given}.`] };
  return found.reduce(joined);
}

function fileAt(io: Io, { path, given }: { readonly path: string; readonly given: string }): Files {
  const file = { ...describe(io, path), id: basename(dirname(path)) };
  switch (basename(path)) {
    case 'suite.yaml':
      return { ...NONE, suites: [file] };
    case 'requirements.yaml':
      return { ...NONE, registries: [file] };
    case 'target.yaml':
      return { ...NONE, targets: [file] };
    case 'gateway.yaml':
      return { ...NONE, gateways: [file] };
    case 'baseline.yaml':
      return { ...NONE, baselines: [file] };
    default: {
      const scenarios = scenarioFilesAt(io, path);
      if (scenarios !== undefined) return { ...NONE, scenarios };
      const kinds =
        'a scenario (.yaml, or a module), target.yaml, suite.yaml, requirements.yaml or baseline.yaml';
      return { ...NONE, refused: [`${given} is not ${kinds}.`] };
    }
  }
}

/** A target whose baseline is there. */
function parseKnownTarget(
  found: FoundFile,
  source: { readonly file: string; readonly name: string; readonly text: string },
): ReturnType<typeof parseTargetFile> {
  const parsed = parseTargetFile(source);
  if ('diagnostics' in parsed) return parsed;
  const node = childOf(parsed.description.root, 'baseline');
  const name = textOf(node);
  const isThere = name === undefined || existsSync(resolve(dirname(found.path), name));
  if (node === undefined || isThere) return parsed;
  const message = `there is no file ${name} beside the target`;
  const hint = 'ws-assay baseline update makes one from a run';
  const { span } = node;
  return { diagnostics: [{ code: 'SCN_FILE_MISSING', severity: 'error', span, message, hint }] };
}

async function readKnownBaseline(io: Io, found: FoundFile): Promise<Reading> {
  const { text, diagnostics } = await readBaseline(io, found);
  return { shown: found.shown, text, diagnostics, registry: undefined };
}

function nameableIn(io: Io): Nameable {
  return {
    scenarios: [...findScenarios(io).keys()],
    targets: [...findTargets(io).keys()],
    isTargetFile: (path) => path.endsWith('.yaml') && existsSync(resolve(io.cwd, path)),
  };
}

/** A problem of a gateway configuration, as data and as text. */
interface GatewayProblem {
  readonly data: object;
  readonly text: string;
}

function gatewayProblems({ path, shown }: FoundFile): readonly GatewayProblem[] {
  const text = readText(path);
  const reading = readGatewayConfig(text, path);
  if (reading.kind === 'config') return [];
  return reading.problems.map((problem) => {
    const span = { ...problem.span, file: shown };
    const message = [problem.path.join('.'), problem.message].filter((one) => one !== '');
    return {
      data: { code: 'GATEWAY_CONFIG', severity: 'error', span, message: message.join(': ') },
      text: describeProblem({ ...problem, span }, text),
    };
  });
}

function joined(a: Files, b: Files): Files {
  return {
    scenarios: [...a.scenarios, ...b.scenarios],
    suites: [...a.suites, ...b.suites],
    registries: [...a.registries, ...b.registries],
    targets: [...a.targets, ...b.targets],
    baselines: [...a.baselines, ...b.baselines],
    gateways: [...a.gateways, ...b.gateways],
    refused: [...a.refused, ...b.refused],
  };
}

interface Reading {
  readonly shown: string;
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly registry: RequirementRegistry | undefined;
}

type Parsed =
  | { readonly diagnostics: readonly Diagnostic[] }
  | { readonly registry: RequirementRegistry }
  | { readonly suite: object }
  | { readonly description: { readonly warnings: readonly Diagnostic[] } };

function read(file: FoundFile, parse: (text: string) => Parsed): Reading {
  const text = readText(file.path);
  const parsed = parse(text);
  const warnings = 'description' in parsed ? parsed.description.warnings : [];
  return {
    shown: file.shown,
    text,
    diagnostics: 'diagnostics' in parsed ? parsed.diagnostics : warnings,
    registry: 'registry' in parsed ? parsed.registry : undefined,
  };
}

/**
 * The lock between checks and requirements: all registries together, because a scenario may be
 * cited by the requirements of one suite while another suite runs it as well.
 */
function locked({ loaded }: Loading, readings: readonly Reading[]): readonly Diagnostic[] {
  const registries = readings.flatMap(({ registry }) => registry ?? []);
  const requirements = Object.assign(
    {},
    ...registries.map((one) => one.requirements),
  ) as RequirementRegistry['requirements'];
  const [first] = registries;
  if (first === undefined) return [];
  const all: RequirementRegistry = { file: 'requirements.yaml', title: 'all', requirements };
  return crossCheck(
    all,
    loaded.map(({ scenario }) => scenario),
  );
}

function print(
  io: Io,
  out: {
    readonly diagnostics: readonly Diagnostic[];
    readonly texts: Readonly<Record<string, string>>;
    readonly gateways: readonly GatewayProblem[];
    readonly format: 'text' | 'json';
  },
): void {
  const { diagnostics, texts, gateways, format } = out;
  if (format === 'json') {
    const data = [...withoutSecrets(diagnostics, texts), ...gateways.map((one) => one.data)];
    io.stdout(`${JSON.stringify(data, undefined, 2)}\n`);
    return;
  }
  for (const { text } of gateways) io.stderr(`${text}\n\n`);
  if (diagnostics.length > 0) io.stderr(`${renderDiagnostics(diagnostics, texts)}\n`);
}
