// `ws-assay validate`: every mistake of every file at once; nothing is run.

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { ToolError } from '../../base/errors.ts';
import { readGatewayConfig } from '../../gateway/config-file.ts';
import { crossCheck } from '../../scenario/cross-check.ts';
import { type Diagnostic, hasErrors, renderDiagnostics } from '../../scenario/diagnostic.ts';
import { parseRequirements, type RequirementRegistry } from '../../scenario/requirement.ts';
import { selectIds } from '../../scenario/select.ts';
import { suggestion } from '../../scenario/suggest.ts';
import { parseSuite } from '../../scenario/suite.ts';
import { parseTargetFile } from '../../target/parse.ts';
import type { Io } from '../io.ts';
import { type Loading, loadScenarios } from '../library.ts';
import {
  describe,
  type FoundFile,
  findRegistries,
  findScenarios,
  findSuites,
  findTargets,
  readText,
  scenarioFilesAt,
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
  /** Gateway configurations, which are valid or have been refused. */
  readonly gateways: readonly string[];
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
  const others = [
    ...files.suites.map((file) =>
      read(file, (text) => parseKnownSuite(io, { file: file.shown, name: file.id, text })),
    ),
    ...files.targets.map((file) =>
      read(file, (text) => parseTargetFile({ file: file.shown, name: file.id, text })),
    ),
    ...files.registries.map((file) => read(file, (text) => parseRequirements(file.shown, text))),
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
  const count = files.scenarios.length + others.length + files.gateways.length;
  print(io, { diagnostics, texts, count, format });
  return hasErrors(diagnostics) ? 2 : 0;
}

function everything(io: Io): Files {
  return {
    scenarios: [...findScenarios(io).values()],
    suites: [...findSuites(io).values()],
    registries: [...findRegistries(io).values()],
    targets: [...findTargets(io).values()],
    gateways: [],
  };
}

function filesAt(io: Io, given: string): Files {
  const path = resolve(io.cwd, given);
  if (!existsSync(path)) throw new ToolError('FILE_UNREADABLE', `There is no ${given}.`);
  const none = { scenarios: [], suites: [], registries: [], targets: [], gateways: [] };
  const file = { ...describe(io, path), id: basename(dirname(path)) };
  switch (statSync(path).isDirectory() ? '' : basename(path)) {
    case 'suite.yaml':
      return { ...none, suites: [file] };
    case 'requirements.yaml':
      return { ...none, registries: [file] };
    case 'target.yaml':
      return { ...none, targets: [file] };
    case 'gateway.yaml':
      demandGateway(path);
      return { ...none, gateways: [path] };
    default:
      return { ...none, scenarios: scenarioFilesAt(io, given) ?? [] };
  }
}

/** A suite whose every id and pattern selects something, and whose target is there. */
function parseKnownSuite(
  io: Io,
  source: { readonly file: string; readonly name: string; readonly text: string },
): ReturnType<typeof parseSuite> {
  const parsed = parseSuite(source);
  if ('diagnostics' in parsed) return parsed;
  const ids = [...findScenarios(io).keys()];
  const missing = parsed.suite.scenarios.filter(({ pattern }) => {
    const id = parsed.suite.aliases[pattern] ?? pattern;
    return selectIds([id], ids).unmatched.length > 0;
  });
  const diagnostics: readonly Diagnostic[] = missing.map(({ pattern, span }) => ({
    code: 'SCN_UNKNOWN_NAME',
    severity: 'error',
    span,
    message: `"${pattern}" selects no scenario`,
    hint: suggestion(pattern, ids),
  }));
  return diagnostics.length === 0 ? parsed : { diagnostics };
}

function demandGateway(path: string): void {
  const reading = readGatewayConfig(readText(path), path);
  if (reading.kind === 'config') return;
  const problems = reading.problems.map(
    ({ span, path: at, message }) =>
      `${span.file}:${span.line}:${span.column} ${at.join('.')}: ${message}`,
  );
  throw new ToolError('FILE_INVALID', problems.join('\n'));
}

function joined(a: Files, b: Files): Files {
  return {
    scenarios: [...a.scenarios, ...b.scenarios],
    suites: [...a.suites, ...b.suites],
    registries: [...a.registries, ...b.registries],
    targets: [...a.targets, ...b.targets],
    gateways: [...a.gateways, ...b.gateways],
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
    readonly count: number;
    readonly format: 'text' | 'json';
  },
): void {
  if (out.format === 'json') {
    io.stdout(`${JSON.stringify(out.diagnostics, undefined, 2)}\n`);
  } else if (out.diagnostics.length > 0) {
    io.stderr(`${renderDiagnostics(out.diagnostics, out.texts)}\n`);
  }
  if (!hasErrors(out.diagnostics))
    io.stderr(out.count === 1 ? '1 file is valid.\n' : `${out.count} files are valid.\n`);
}
