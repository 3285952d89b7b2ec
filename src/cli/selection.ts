// From what is written on the command line to scenarios: files, folders, suites, ids and patterns.
import { ToolError } from '../base/errors.ts';
import { parseSelector, selectIds, takeApart } from '../scenario/select.ts';
import { suggest } from '../scenario/suggest.ts';
import type { Suite } from '../scenario/suite.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Io } from './io.ts';
import { loadSuite } from './library.ts';
import {
  type FoundFile,
  filePartAt,
  findScenarios,
  findSuites,
  isModule,
  scenarioFilesAt,
} from './workspace.ts';

/** What is selected. */
export interface Selection {
  readonly files: readonly FoundFile[];
  /** The only suite that was selected, when it was all of the selection. */
  readonly suite: Suite | undefined;
  /** True when the case passes every pattern that names cases or checks. */
  includesCase(id: string): boolean;
  includesCheck(caseId: string, check: string): boolean;
  /** True when it is a part of what the suite or file holds. */
  readonly isFiltered: boolean;
}

/** The suite that is run on the embedded gateway, and the one for a bare URL. */
export const DEFAULT_SUITES = { target: 'aws-apigateway', url: 'rfc6455-handshake' } as const;

/**
 * Resolves a selection; an empty one means `fallback`.
 *
 * @throws {ToolError} NOTHING_MATCHED for a word that selects nothing, naming each
 */
export function select(
  io: Io,
  given: readonly string[],
  { fallback, profile }: { readonly fallback: string; readonly profile: string | undefined },
): Selection {
  const words = given.length === 0 ? [fallback] : given;
  const parts = words.map((word) => ({ word, ...meaningOf(io, word, profile) }));
  const unmatched = parts.filter(({ files }) => files.length === 0).map(({ word }) => word);
  if (unmatched.length > 0) throw nothingMatched(io, unmatched);
  const [only] = parts;
  const patterns = parts.flatMap(({ pattern }) =>
    pattern === undefined ? [] : [parseSelector(pattern)],
  );
  const whole = parts.flatMap(({ pattern, files }) => (pattern === undefined ? files : []));
  const wholeIds = new Set(whole.map(({ id }) => id));
  const modules = whole.filter(({ path }) => isModule(path));
  const isWhole = (id: string): boolean =>
    wholeIds.has(takeApart(id).scenario) || modules.some((one) => id.startsWith(`${one.id}/`));
  return {
    files: [
      ...new Map(parts.flatMap(({ files }) => files).map((file) => [file.path, file])).values(),
    ],
    suite: parts.length === 1 ? only?.suite : undefined,
    includesCase: (id) => isWhole(id) || patterns.some((one) => one.matches(id)),
    includesCheck: (id, check) =>
      isWhole(id) || patterns.some((one) => one.matches(id) && one.matchesCheck(check)),
    isFiltered: patterns.length > 0 || profile !== undefined,
  };
}

interface Meaning {
  readonly files: readonly FoundFile[];
  readonly suite?: Suite;
  /** The word selects cases or checks by pattern. */
  readonly pattern?: string;
}

function meaningOf(io: Io, word: string, profile: string | undefined): Meaning {
  const suite = findSuites(io).get(word);
  if (suite !== undefined) return suiteMeaning(io, loadSuite(suite), profile);
  if (profile !== undefined) {
    throw new ToolError('USAGE', `--profile is for a suite, and ${word} is none.`);
  }
  const files = scenarioFilesAt(io, word);
  if (files !== undefined) return { files };
  const part = filePartAt(io, word);
  if (part !== undefined) return { files: [part.file], pattern: part.pattern };
  const scenarios = findScenarios(io);
  const { selected } = selectIds([scenarioPart(word)], [...scenarios.keys()]);
  return { files: selected.flatMap((id) => scenarios.get(id) ?? []), pattern: word };
}

function suiteMeaning(io: Io, suite: Suite, profile: string | undefined): Meaning {
  const chosen = profile === undefined ? suite.scenarios : suite.profiles[profile]?.scenarios;
  if (chosen === undefined) {
    const known = Object.keys(suite.profiles).join(', ');
    throw new ToolError('USAGE', `The suite ${suite.name} has no profile ${profile}.`, {
      hint:
        known === ''
          ? 'It has none.'
          : `${didYouMean([profile ?? ''], Object.keys(suite.profiles))}Profiles: ${known}.`,
    });
  }
  const scenarios = findScenarios(io);
  const ids = chosen.map(({ pattern }) => suite.aliases[pattern] ?? pattern);
  const { selected, unmatched } = selectIds(ids, [...scenarios.keys()]);
  if (unmatched.length > 0) {
    throw new ToolError(
      'NOTHING_MATCHED',
      `The suite ${suite.name} selects what is not there: ${unmatched.join(', ')}.`,
      {
        hint: `See ${suite.file}.`,
      },
    );
  }
  return { files: selected.flatMap((id) => scenarios.get(id) ?? []), suite };
}

/** Brackets and checks are looked at when cases are known. */
function scenarioPart(pattern: string): string {
  return takeApart(pattern).scenario;
}

function nothingMatched(io: Io, words: readonly string[]): ToolError {
  const known = [...findScenarios(io).keys(), ...findSuites(io).keys()];
  const near = words.flatMap((word) => suggest(word, known) ?? []);
  const hint =
    near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'See what there is: ws-assay list.';
  return new ToolError('NOTHING_MATCHED', `Nothing matches ${words.join(', ')}. Nothing was run.`, {
    hint,
  });
}
