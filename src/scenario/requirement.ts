// suites/<name>/requirements.yaml: every requirement with its level, its sources, and the checks that
// test it or the reason why none can.
import type { SourceSpan } from '../base/source-span.ts';
import { type Diagnostic, hasErrors, sortDiagnostics } from './diagnostic.ts';
import { validate } from './locate.ts';
import type { Level } from './model.ts';
import { level } from './schema-check.ts';
import {
  complaint,
  listOf,
  mapOf,
  object,
  oneWord,
  sentence,
  text,
  withRules,
} from './schema-value.ts';
import {
  childOf,
  entriesOf,
  itemsOf,
  type MapEntry,
  type SourceNode,
  textOf,
} from './source-node.ts';
import { suggestion } from './suggest.ts';
import { readYaml } from './yaml-document.ts';

/** All requirements of one file. */
export interface RequirementRegistry {
  readonly file: string;
  readonly title: string;
  readonly requirements: Readonly<Record<string, Requirement>>;
}

/** One requirement. */
export interface Requirement {
  readonly id: string;
  readonly level: Level;
  readonly statement: string;
  readonly confidence: 'high' | 'medium' | 'low' | undefined;
  /** What no source says. */
  readonly unknown: string | undefined;
  readonly sources: readonly RequirementSource[];
  /** `connect/throws#refused-with-502`; without brackets it means every case of the scenario. */
  readonly checks: readonly NamedCheck[];
  /** Why no check tests it. */
  readonly excluded: string | undefined;
  /** Where its id stands. */
  readonly span: SourceSpan;
}

/** A source with what it says. */
interface RequirementSource {
  readonly title: string;
  readonly url?: string;
  readonly quote?: string;
  /** Its gist in our words. */
  readonly note?: string;
}

/** A check that a requirement names. */
export interface NamedCheck {
  readonly id: string;
  readonly span: SourceSpan;
}

const source = object({
  title: sentence.describe('what it is'),
  url: text.optional().describe('where it is'),
  kind: text.optional().describe('documented, observed, …'),
});

const requirement = withRules(
  object({
    level: level.describe('how strictly it binds'),
    statement: sentence.describe('what it says, in our words'),
    confidence: oneWord(['high', 'medium', 'low'])
      .optional()
      .describe('that the endpoint it describes really does so'),
    unknown: sentence.optional().describe('what no source says'),
    sources: listOf(
      object({
        ref: text.describe('a key of `sources`'),
        quote: text.optional().describe('its words'),
        note: text.optional().describe('its gist in our words, where it is not quoted'),
        url: text.optional().describe('a more exact place'),
      }),
    )
      .optional()
      .describe('who says so'),
    checks: listOf(text.meta({ title: 'check id' }))
      .optional()
      .describe('checks that test it, `<scenario>#<check>`; each names it back'),
    excluded: sentence.optional().describe('why no check tests it'),
  }),
  (value, found) => {
    const tested = Array.isArray(value['checks']) && value['checks'].length > 0;
    const excluded = Object.hasOwn(value, 'excluded');
    if (tested !== excluded) return;
    const message = tested
      ? 'a requirement is tested or excluded, not both'
      : 'nothing tests this requirement and nothing says why';
    const hint = tested ? 'keep one of them' : 'write checks: […], or excluded: the reason';
    const code = 'REQ_UNDECIDED';
    found(tested ? 'excluded' : '', complaint({ code, what: '', message, hint, wantsKey: true }));
  },
);

/** What a user may write in a requirements file. */
export const requirementsSchema = object({
  title: sentence.describe('whose requirements they are'),
  sources: mapOf(source).optional().describe('sources by key'),
  requirements: mapOf(requirement).describe('by id: dotted, kebab-case, never reused'),
}).meta({ title: 'Requirements, version 1', description: 'What must hold, and who says so.' });

/** Parses one requirements file; all mistakes at once. Never throws. */
export function parseRequirements(
  file: string,
  content: string,
): { readonly registry: RequirementRegistry } | { readonly diagnostics: readonly Diagnostic[] } {
  const read = readYaml(file, content);
  const { root } = read;
  if (root === undefined) return { diagnostics: sortDiagnostics(read.found) };
  const found = [...read.found, ...validate(root, requirementsSchema), ...unknownSources(root)];
  if (hasErrors(found)) return { diagnostics: sortDiagnostics(found) };
  const sources = childOf(root, 'sources');
  const requirements = entriesOf(childOf(root, 'requirements')).map((entry) =>
    buildRequirement(entry, sources),
  );
  const byId = Object.fromEntries(requirements.map((one) => [one.id, one]));
  return { registry: { file, title: textOf(childOf(root, 'title')) ?? '', requirements: byId } };
}

function unknownSources(root: SourceNode): readonly Diagnostic[] {
  const known = entriesOf(childOf(root, 'sources')).map(({ key }) => key);
  const refs = entriesOf(childOf(root, 'requirements')).flatMap(({ value }) =>
    itemsOf(childOf(value, 'sources')).flatMap((one) => childOf(one, 'ref') ?? []),
  );
  return refs.flatMap((node) => {
    const ref = textOf(node);
    if (ref === undefined || known.includes(ref)) return [];
    const message = `there is no source "${ref}"`;
    const hint = suggestion(ref, known);
    return [{ code: 'REQ_UNKNOWN_SOURCE', severity: 'error', span: node.span, message, hint }];
  });
}

function buildRequirement(
  { key, keySpan, value }: MapEntry,
  sources: SourceNode | undefined,
): Requirement {
  return {
    id: key,
    // Words of two lists: the schema says so.
    level: textOf(childOf(value, 'level')) as Level,
    statement: textOf(childOf(value, 'statement')) ?? '',
    confidence: textOf(childOf(value, 'confidence')) as Requirement['confidence'],
    unknown: textOf(childOf(value, 'unknown')),
    sources: itemsOf(childOf(value, 'sources')).map((one) => buildSource(one, sources)),
    checks: itemsOf(childOf(value, 'checks')).map((one) => ({
      id: textOf(one) ?? '',
      span: one.span,
    })),
    excluded: textOf(childOf(value, 'excluded')),
    span: keySpan,
  };
}

function buildSource(node: SourceNode, sources: SourceNode | undefined): RequirementSource {
  const cited = childOf(sources, textOf(childOf(node, 'ref')) ?? '');
  const url = textOf(childOf(node, 'url')) ?? textOf(childOf(cited, 'url'));
  const quote = textOf(childOf(node, 'quote'));
  const note = textOf(childOf(node, 'note'));
  return {
    title: textOf(childOf(cited, 'title')) ?? '',
    ...(url === undefined ? {} : { url }),
    ...(quote === undefined ? {} : { quote }),
    ...(note === undefined ? {} : { note }),
  };
}
