// A frozen profile as it stands on disk: suites/<name@version>/suite.yaml, the scenarios it lists, the requirements
// that they cite, and the lock that says what they were when it was frozen.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ToolError } from '../base/errors.ts';
import { lockProfile, type ProfileLock } from '../certify/profile-lock.ts';
import { listChecks } from '../scenario/cross-check.ts';
import type { Requirement } from '../scenario/requirement.ts';
import type { Suite } from '../scenario/suite.ts';
import type { Io } from './io.ts';
import { demandValid, type Loaded, loadRequirements, loadScenarios, loadSuite } from './library.ts';
import { type FoundFile, findScenarios, findSuites, readText } from './workspace.ts';

/** A frozen profile. */
export interface FrozenProfile {
  readonly suite: Suite;
  readonly scenarios: readonly Loaded[];
  readonly requirements: ReadonlyMap<string, Requirement>;
  /** As it is now. */
  readonly now: ProfileLock;
  /** As it was frozen; undefined where there is no lock. */
  readonly locked: ProfileLock | undefined;
  /** Of every file that it rests on. */
  readonly texts: readonly string[];
}

/**
 * Reads it.
 *
 * @throws {ToolError} USAGE where there is no such profile or it is not frozen; FILE_INVALID
 */
export async function readProfile(
  io: Pick<Io, 'cwd' | 'packageRoot'>,
  name: string,
): Promise<FrozenProfile> {
  // Finding and reading files needs nothing else of the world.
  const world = io as Io;
  const found = findSuites(world).get(name);
  if (found === undefined) throw unknownProfile(world, name);
  const suite = loadSuite(found);
  if (suite.version === undefined || !name.endsWith(`@${suite.version}`)) throw notFrozen(name);
  const files = scenarioFiles(world, suite);
  const loading = await loadScenarios(files);
  demandValid(loading);
  const { byId } = loadRequirements(world);
  const cited = citedBy(loading.loaded).flatMap((id) => byId.get(id) ?? []);
  const texts = Object.fromEntries([
    [`suites/${name}/suite.yaml`, readText(found.path)],
    ...files.flatMap(textsOf),
  ]);
  const lockPath = join(dirname(found.path), 'suite.lock.json');
  return {
    suite,
    scenarios: loading.loaded,
    requirements: new Map(cited.map((one) => [one.id, one])),
    now: lockProfile(name, texts, cited),
    locked: existsSync(lockPath) ? (JSON.parse(readText(lockPath)) as ProfileLock) : undefined,
    texts: Object.values(texts),
  };
}

function unknownProfile(io: Io, name: string): ToolError {
  const known = [...findSuites(io).keys()].filter((one) => one.includes('@'));
  return new ToolError('USAGE', `There is no profile ${name}.`, {
    hint: `Profiles: ${known.join(', ')}.`,
  });
}

function notFrozen(name: string): ToolError {
  return new ToolError('USAGE', `${name} is not a frozen profile: its suite has no such version.`, {
    hint: 'A profile is suites/<name>@<version>/suite.yaml with version: <version>.',
  });
}

function scenarioFiles(io: Io, { scenarios, file, name }: Suite): readonly FoundFile[] {
  const known = findScenarios(io);
  return scenarios.map(({ pattern }) => {
    const found = known.get(pattern);
    if (found !== undefined) return found;
    throw new ToolError('FILE_INVALID', `${file}: ${name} lists ${pattern}, which is not there.`);
  });
}

function citedBy(scenarios: readonly Loaded[]): readonly string[] {
  const ids = scenarios.flatMap(({ scenario }) =>
    listChecks(scenario).flatMap(({ requirement }) => requirement ?? []),
  );
  return [...new Set(ids)];
}

/** A scenario and the files beside it that it names, by their paths in the package. */
function textsOf({ id, path }: FoundFile): readonly (readonly [string, string])[] {
  const text = readText(path);
  const folder = dirname(path);
  const beside = readdirSync(folder).filter(
    (name) => name.endsWith('.json') && text.includes(name),
  );
  const shown = dirname(`scenarios/${id}`);
  return [
    [`scenarios/${id}.yaml`, text],
    ...beside.map((name) => [`${shown}/${name}`, readText(join(folder, name))] as const),
  ];
}
