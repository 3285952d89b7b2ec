// Where files are found: below the working directory first, then in the installed package. A file of
// the working directory hides one of the package with the same id.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { messageOf, ToolError } from '../base/errors.ts';
import type { Io } from './io.ts';

/** A file with the name that messages show and the id that its path gives it. */
export interface FoundFile {
  readonly id: string;
  /** Relative to the working directory where it is below it. */
  readonly shown: string;
  readonly path: string;
}

/** Every scenario file below the `scenarios` folders, by id. */
export function findScenarios(io: Io): ReadonlyMap<string, FoundFile> {
  const found = rootsOf(io).flatMap((root) => {
    const folder = join(root, 'scenarios');
    return filesBelow(folder)
      .filter(isYaml)
      .map((path) => describe(io, path));
  });
  return new Map(found.map((file) => [file.id, file]));
}

/** Every suite: `suites/<name>/suite.yaml`, by name. */
export function findSuites(io: Io): ReadonlyMap<string, FoundFile> {
  return findNamed(io, 'suites', 'suite.yaml');
}

/** Every requirement registry: `suites/<name>/requirements.yaml`, by name. */
export function findRegistries(io: Io): ReadonlyMap<string, FoundFile> {
  return findNamed(io, 'suites', 'requirements.yaml');
}

/** Every target: `targets/<name>/target.yaml`, by name. */
export function findTargets(io: Io): ReadonlyMap<string, FoundFile> {
  return findNamed(io, 'targets', 'target.yaml');
}

/** Every baseline with the usual name: `targets/<name>/baseline.yaml`, by target. */
export function findBaselines(io: Io): ReadonlyMap<string, FoundFile> {
  return findNamed(io, 'targets', 'baseline.yaml');
}

/** Every gateway configuration with the usual name: `targets/<name>/gateway.yaml`, by target. */
export function findGateways(io: Io): ReadonlyMap<string, FoundFile> {
  return findNamed(io, 'targets', 'gateway.yaml');
}

/** True for a file of the working directory: one that is not found only because the package has it. */
export function isOwn(io: Io, { path }: FoundFile): boolean {
  return path.startsWith(resolve(io.cwd) + sep);
}

/** Scenario files (YAML, or modules that call `defineScenario`) named by a path: one, or a folder's. */
export function scenarioFilesAt(io: Io, given: string): readonly FoundFile[] | undefined {
  const path = resolve(io.cwd, given);
  if (!existsSync(path)) return undefined;
  if (!statSync(path).isDirectory()) return isScenario(path) ? [describe(io, path)] : undefined;
  return filesBelow(path)
    .filter((file) => isYaml(file) && !NOT_SCENARIOS.test(file))
    .map((file) => describe(io, file));
}

/**
 * A part of a file that stands anywhere, and the pattern that selects it:
 * `checks/tokens.yaml[role=admin]`, `checks/tokens.yaml#refused`, `generated.mjs/empty`.
 */
export function filePartAt(
  io: Io,
  given: string,
): { readonly file: FoundFile; readonly pattern: string } | undefined {
  const [, name = '', part = ''] = FILE_PART.exec(given) ?? [];
  const path = resolve(io.cwd, name);
  if (name === '' || !existsSync(path) || !isScenario(path)) return undefined;
  const file = describe(io, path);
  return { file, pattern: `${file.id}${part}` };
}

const FILE_PART = /^(.*?\.(?:ya?ml|mjs|js|mts|ts))([/[#].*)$/s;

/** True for a module that may hold scenarios built with `defineScenario`. */
export function isModule(path: string): boolean {
  return /\.(mjs|js|ts|mts)$/.test(path) && !isK6(path);
}

/** A script for k6 stands beside scenarios and is none. */
function isK6(path: string): boolean {
  return /\.k6\.(js|ts)$/.test(path);
}

/**
 * The text of a file.
 *
 * @throws {ToolError} FILE_UNREADABLE
 */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new ToolError('FILE_UNREADABLE', `Cannot read ${path}: ${messageOf(thrown)}.`, {
      cause: thrown,
    });
  }
}

/** A path as messages show it. */
function shownPath(io: Io, path: string): string {
  const short = relative(io.cwd, path);
  return short.startsWith('..') || isAbsolute(short) || short === '' ? path : short;
}

/** Describes one file by its path. */
export function describe(io: Io, path: string): FoundFile {
  return { id: idOf(io, path), shown: shownPath(io, path), path };
}

const NOT_SCENARIOS = /(^|[/\\])(target|suite|requirements|baseline|gateway)\.ya?ml$/;

function isYaml(path: string): boolean {
  return /\.ya?ml$/.test(path);
}

function isScenario(path: string): boolean {
  return (isYaml(path) && !NOT_SCENARIOS.test(path)) || isModule(path);
}

/** The path below `scenarios/`, else from the working directory, without its ending. */
function idOf(io: Io, path: string): string {
  const below = path.split(sep).lastIndexOf('scenarios');
  const parts = below === -1 ? relative(io.cwd, path).split(sep) : path.split(sep).slice(below + 1);
  return parts
    .filter((part) => part !== '..')
    .join('/')
    .replace(/\.(ya?ml|mjs|js|mts|ts)$/, '');
}

function rootsOf(io: Io): readonly string[] {
  return [...new Set([resolve(io.packageRoot), resolve(io.cwd)])];
}

/** Files `<folder>/<name>/<file>` by name. Only one level deep: a target may hold a whole node_modules. */
function findNamed(io: Io, folder: string, file: string): ReadonlyMap<string, FoundFile> {
  const found = rootsOf(io).flatMap((root) =>
    namesIn(join(root, folder)).map((name) => ({ name, path: join(root, folder, name, file) })),
  );
  return new Map(
    found
      .filter(({ path }) => existsSync(path))
      .map(({ name, path }) => [name, { id: name, path, shown: shownPath(io, path) }]),
  );
}

function namesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).toSorted();
}

/** Every YAML file below a folder. */
export function yamlFilesBelow(folder: string): readonly string[] {
  return filesBelow(folder).filter(isYaml);
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return (
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      // Below the folder only: the package itself is installed in a node_modules.
      .filter((path) => !relative(folder, path).split(sep).includes('node_modules'))
      .toSorted()
  );
}
