// suites/<name>/suite.yaml: which scenarios belong together, against what, with which values.
import type { Json } from '../base/json.ts';
import type { SourceSpan } from '../base/source-span.ts';
import { type Diagnostic, hasErrors, sortDiagnostics } from './diagnostic.ts';
import { validate } from './locate.ts';
import { vars } from './schema.ts';
import {
  atMostOne,
  complaint,
  listOf,
  mapOf,
  name,
  object,
  sentence,
  text,
  withRules,
} from './schema-value.ts';
import { isPattern, selectIds, takeApart } from './select.ts';
import {
  childOf,
  entriesOf,
  entryOf,
  itemsOf,
  type SourceNode,
  textOf,
  toPlain,
} from './source-node.ts';
import { suggestion } from './suggest.ts';
import { readYaml } from './yaml-document.ts';

/** A suite file. */
export interface Suite {
  /** The name of its directory. */
  readonly name: string;
  readonly file: string;
  readonly title: string;
  /** A suite with a version is frozen: it lists ids, no patterns. */
  readonly version: string | undefined;
  /** The target it is meant for, where none is given. */
  readonly target: string | undefined;
  /** Path of its requirements, from the suite's file. */
  readonly requirements: string | undefined;
  /** All it selects, profile after profile. */
  readonly scenarios: readonly SelectedScenario[];
  readonly profiles: Readonly<Record<string, SuiteProfile>>;
  readonly vars: Readonly<Record<string, Json>>;
  /** Former ids and what they are called now. */
  readonly aliases: Readonly<Record<string, string>>;
}

/** A part of a suite. */
export interface SuiteProfile {
  readonly title: string | undefined;
  readonly scenarios: readonly SelectedScenario[];
  /** Checks, by scenario, without which a certificate has nothing to say of it. */
  readonly core: readonly string[];
}

/** An id or a pattern, and where it stands. */
interface SelectedScenario {
  readonly pattern: string;
  readonly span: SourceSpan;
}

const selection = listOf(text.meta({ title: 'id or pattern' }), 1);

/** What a user may write in a suite file. */
export const suiteSchema = withRules(
  object({
    title: sentence.describe('what the suite is'),
    version: text.optional().describe('freezes it: ids only, no patterns'),
    target: text.optional().describe('the target it runs against where none is given'),
    requirements: text.optional().describe('path of its requirements file, beside the suite'),
    scenarios: selection.optional().describe('ids and patterns: `connect/*`, `staging/**`'),
    profiles: mapOf(
      object({
        title: sentence.optional().describe('what the profile is'),
        scenarios: selection.describe('ids and patterns'),
        core: selection
          .optional()
          .describe(
            'what has to hold for whoever claims the part: `connect/throws#not-opened`, `a/b[x=1]#c`',
          ),
      }),
      name,
    )
      .optional()
      .describe('parts of the suite, by name'),
    vars: vars.optional().describe("values of variables; they win over the target's"),
    aliases: mapOf(text).optional().describe('former ids: `old/id: new/id`'),
  }),
  atMostOne('selection', ['scenarios', 'profiles']),
  (value, found) => {
    if (Object.hasOwn(value, 'scenarios') || Object.hasOwn(value, 'profiles')) return;
    const message = 'the suite selects nothing';
    const hint = 'write scenarios: [connect/*], or profiles';
    found('', complaint({ code: 'SCN_MISSING_KEY', what: '', message, hint, wantsKey: true }));
  },
).meta({ title: 'Suite, version 1', description: 'A selection of scenarios.' });

/** What there is for a suite to name. */
export interface Nameable {
  /** Ids of all scenarios. */
  readonly scenarios: readonly string[];
  /** Names of all targets. */
  readonly targets: readonly string[];
  /** True for a target that is named by its path. */
  isTargetFile(path: string): boolean;
}

/**
 * Parses one suite file; all mistakes at once. Never throws.
 *
 * @param nameable when given, what the suite names has to be there
 */
export function parseSuite(
  source: { readonly file: string; readonly name: string; readonly text: string },
  nameable?: Nameable,
): { readonly suite: Suite } | { readonly diagnostics: readonly Diagnostic[] } {
  const read = readYaml(source.file, source.text);
  const { root } = read;
  if (root === undefined) return { diagnostics: sortDiagnostics(read.found) };
  const found = [
    ...read.found,
    ...validate(root, suiteSchema),
    ...patternsInFrozen(root),
    ...strayCore(root),
  ];
  if (nameable !== undefined) found.push(...unknownNames(root, nameable));
  if (hasErrors(found)) return { diagnostics: sortDiagnostics(found) };
  return { suite: buildSuite(root, source) };
}

function patternsInFrozen(root: SourceNode): readonly Diagnostic[] {
  if (entryOf(root, 'version') === undefined) return [];
  return selectionsOf(root)
    .filter(({ pattern }) => isPattern(pattern))
    .map(({ pattern, span }) => ({
      code: 'SUITE_PATTERN_IN_FROZEN',
      severity: 'error',
      span,
      message: `"${pattern}" is a pattern, and a suite with a version lists ids`,
      hint: 'write the ids, or leave out version',
    }));
}

/** A core that names what is not in its profile, or no check. */
function strayCore(root: SourceNode): readonly Diagnostic[] {
  return entriesOf(childOf(root, 'profiles')).flatMap(({ value }) => {
    const scenarios = scenariosOf(value).map(({ pattern }) => pattern);
    return itemsOf(childOf(value, 'core')).flatMap((one): readonly Diagnostic[] => {
      const written = textOf(one) ?? '';
      const { scenario, check } = takeApart(written);
      if (check !== undefined && selectIds(scenarios, [scenario]).selected.length > 0) return [];
      const message = check === undefined ? 'names no check' : 'is not in its profile';
      return [unknownName(written, { span: one.span, message, of: scenarios })];
    });
  });
}

/** Ids and patterns that select nothing, and a target that is not there. */
function unknownNames(root: SourceNode, nameable: Nameable): readonly Diagnostic[] {
  const aliases = childOf(root, 'aliases');
  const patterns = selectionsOf(root).flatMap(({ pattern, span }) => {
    const id = textOf(childOf(aliases, pattern)) ?? pattern;
    if (selectIds([id], nameable.scenarios).unmatched.length === 0) return [];
    return [unknownName(pattern, { span, message: 'selects no scenario', of: nameable.scenarios })];
  });
  const target = childOf(root, 'target');
  const named = textOf(target);
  if (target === undefined || named === undefined) return patterns;
  if (nameable.targets.includes(named) || nameable.isTargetFile(named)) return patterns;
  const { span } = target;
  return [...patterns, unknownName(named, { span, message: 'is no target', of: nameable.targets })];
}

function unknownName(
  written: string,
  {
    span,
    message,
    of,
  }: { readonly span: SourceSpan; readonly message: string; readonly of: readonly string[] },
): Diagnostic {
  const near = suggestion(written, of);
  // All scenarios would be a page.
  const hint = near.startsWith('did') || of.length < 12 ? near : 'see ws-assay list';
  return {
    code: 'SCN_UNKNOWN_NAME',
    severity: 'error',
    span,
    message: `"${written}" ${message}`,
    hint,
  };
}

function selectionsOf(root: SourceNode): readonly SelectedScenario[] {
  const profiles = entriesOf(childOf(root, 'profiles'));
  const lists = [root, ...profiles.map(({ value }) => value)];
  return lists.flatMap((one) => scenariosOf(one));
}

function scenariosOf(node: SourceNode): readonly SelectedScenario[] {
  return itemsOf(childOf(node, 'scenarios')).flatMap((one) => {
    const pattern = textOf(one);
    return pattern === undefined ? [] : [{ pattern, span: one.span }];
  });
}

function buildSuite(
  root: SourceNode,
  { file, name: suiteName }: { readonly file: string; readonly name: string },
): Suite {
  const profiles = entriesOf(childOf(root, 'profiles')).map(
    ({ key, value }): [string, SuiteProfile] => [
      key,
      {
        title: textOf(childOf(value, 'title')),
        scenarios: scenariosOf(value),
        core: itemsOf(childOf(value, 'core')).flatMap((one) => textOf(one) ?? []),
      },
    ],
  );
  const entries = <T>(key: string, of: (node: SourceNode) => T): Readonly<Record<string, T>> =>
    Object.fromEntries(entriesOf(childOf(root, key)).map((one) => [one.key, of(one.value)]));
  return {
    name: suiteName,
    file,
    title: textOf(childOf(root, 'title')) ?? suiteName,
    version: textOf(childOf(root, 'version')),
    target: textOf(childOf(root, 'target')),
    requirements: textOf(childOf(root, 'requirements')),
    scenarios: selectionsOf(root),
    profiles: Object.fromEntries(profiles),
    vars: entries('vars', toPlain),
    aliases: entries('aliases', (node) => textOf(node) ?? ''),
  };
}
