// The scenarios, suites and requirements that a command works with, read once.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, ToolError } from '../base/errors.ts';
import type { DefinedScenario } from '../scenario/define.ts';
import { parseDefined } from '../scenario/define.ts';
import { type Diagnostic, hasErrors, renderDiagnostics } from '../scenario/diagnostic.ts';
import { type ParsedScenario, parseScenario, type ScenarioFile } from '../scenario/parse.ts';
import {
  parseRequirements,
  type Requirement,
  type RequirementRegistry,
} from '../scenario/requirement.ts';
import { parseSuite, type Suite } from '../scenario/suite.ts';
import type { Io } from './io.ts';
import { type FoundFile, findRegistries, isModule, readText } from './workspace.ts';

/** A parsed scenario and where its neighbours are. */
export interface Loaded {
  readonly scenario: ScenarioFile;
  readonly found: FoundFile;
  /** The text of a file beside it. */
  readBeside(path: string): string | undefined;
}

/** Files as they were read: scenarios that are valid, and every mistake of the others. */
export interface Loading {
  readonly loaded: readonly Loaded[];
  readonly diagnostics: readonly Diagnostic[];
  /** Texts by the name that diagnostics use, for code frames. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Reads and parses scenario files (YAML, and modules that use `defineScenario`). */
export async function loadScenarios(files: readonly FoundFile[]): Promise<Loading> {
  const readings = await Promise.all(files.map(loadFile));
  return {
    loaded: readings.flatMap(({ loaded }) => loaded),
    diagnostics: readings.flatMap(({ diagnostics }) => diagnostics),
    texts: Object.fromEntries(readings.map(({ shown, text }) => [shown, text])),
  };
}

/**
 * Refuses to go on with mistakes.
 *
 * @throws {ToolError} FILE_INVALID with every one of them
 */
export function demandValid({ diagnostics, texts }: Pick<Loading, 'diagnostics' | 'texts'>): void {
  if (!hasErrors(diagnostics)) return;
  throw new ToolError('FILE_INVALID', renderDiagnostics(diagnostics, texts));
}

/**
 * Reads one suite.
 *
 * @throws {ToolError} FILE_INVALID
 */
export function loadSuite(found: FoundFile): Suite {
  const text = readText(found.path);
  const parsed = parseSuite({ file: found.shown, name: found.id, text });
  if ('suite' in parsed) return parsed.suite;
  throw new ToolError(
    'FILE_INVALID',
    renderDiagnostics(parsed.diagnostics, { [found.shown]: text }),
  );
}

/**
 * Every requirement registry of the workspace, and all requirements by id.
 *
 * @throws {ToolError} FILE_INVALID
 */
export function loadRequirements(io: Io): {
  readonly registries: readonly RequirementRegistry[];
  readonly byId: ReadonlyMap<string, Requirement>;
} {
  const registries = [...findRegistries(io).values()].map(loadRegistry);
  const byId = new Map(registries.flatMap(({ requirements }) => Object.entries(requirements)));
  return { registries, byId };
}

function loadRegistry(found: FoundFile): RequirementRegistry {
  const text = readText(found.path);
  const parsed = parseRequirements(found.shown, text);
  if ('registry' in parsed) return parsed.registry;
  throw new ToolError(
    'FILE_INVALID',
    renderDiagnostics(parsed.diagnostics, { [found.shown]: text }),
  );
}

interface Reading {
  readonly shown: string;
  readonly text: string;
  readonly loaded: readonly Loaded[];
  readonly diagnostics: readonly Diagnostic[];
}

async function loadFile(found: FoundFile): Promise<Reading> {
  const { shown, id, path } = found;
  const text = readText(path);
  const parsed = isModule(path)
    ? await loadModule(found)
    : [parseScenario({ file: shown, id, text, readBeside: besideOf(path) })];
  return {
    shown,
    text,
    loaded: parsed.flatMap((one) =>
      'scenario' in one
        ? // One that a module defines does not know its file.
          [{ scenario: { ...one.scenario, file: shown }, found, readBeside: besideOf(path) }]
        : [],
    ),
    diagnostics: parsed.flatMap((one) =>
      'scenario' in one ? one.scenario.warnings : one.diagnostics,
    ),
  };
}

function besideOf(path: string): (name: string) => string | undefined {
  return (name) => {
    const file = resolve(dirname(path), name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  };
}

/** A module's default export: one scenario, or several by the last part of their id. */
async function loadModule({ id, path, shown }: FoundFile): Promise<readonly ParsedScenario[]> {
  const exported = await importDefault(path, shown);
  if (isDefined(exported)) return [parseDefined(exported, id)];
  const named = typeof exported === 'object' && exported !== null ? Object.entries(exported) : [];
  const scenarios = named.flatMap(([name, value]: [string, unknown]) =>
    isDefined(value) ? [parseDefined(value, `${id}/${name}`)] : [],
  );
  if (scenarios.length > 0 && scenarios.length === named.length) return scenarios;
  throw new ToolError('FILE_INVALID', `${shown} does not export scenarios by default.`, {
    hint: 'Write export default defineScenario({ … }), or export default { name: defineScenario({ … }) }.',
  });
}

async function importDefault(path: string, shown: string): Promise<unknown> {
  try {
    const module: unknown = await import(pathToFileURL(path).href);
    const has = typeof module === 'object' && module !== null && 'default' in module;
    return has ? module.default : undefined;
  } catch (thrown) {
    throw new ToolError('FILE_INVALID', `${shown} cannot be loaded: ${messageOf(thrown)}`, {
      cause: thrown,
      hint: 'TypeScript files need a Node that runs them (22.18 or later); JavaScript modules run anywhere.',
    });
  }
}

function isDefined(value: unknown): value is DefinedScenario {
  return typeof value === 'object' && value !== null && 'definition' in value;
}
