// A baseline file brought up to date with a run: what deviates gets an entry, what no longer does
// loses it, what deviates in another way gets the new values. Reasons, dates and comments are the
// user's and stay.
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Json } from '../base/json.ts';
import type { BaselineEntry } from '../result/baseline.ts';
import type { Finding } from '../result/finding.ts';
import { isAbout } from '../result/overlay.ts';
import type { CaseResult } from '../result/run-result.ts';

/** What a file is brought up to date with. */
export interface BaselineFacts {
  /** Of a run that tested all it planned. */
  readonly cases: readonly CaseResult[];
  /** Entries of the file as it is, all of them, in its order. */
  readonly entries: readonly BaselineEntry[];
  /** `name@version` of the target. */
  readonly target: string;
  /** Of new entries. */
  readonly reason: string;
  readonly expires: string;
  /** Where the JSON Schema is, from the file. */
  readonly schema: string;
}

/** The new text and what is different in it, by check. */
export interface BaselineUpdate {
  readonly text: string;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** They deviate as known, and their entry has expired: only a person may put that off. */
  readonly expired: readonly string[];
  /** They deviate and nothing shows how: no entry can be made. */
  readonly withoutEvidence: readonly string[];
}

/**
 * Updates the text of a valid baseline file. Without a file give the text ''.
 *
 * @param retarget the file is for another target or version: it becomes one for this
 */
export function updateBaseline(
  text: string,
  facts: BaselineFacts,
  { retarget = false }: { readonly retarget?: boolean } = {},
): BaselineUpdate {
  const cases = facts.cases.filter(isRun);
  const document = parseDocument(text === '' ? newFile(facts) : text, { keepSourceTokens: false });
  if (retarget) document.set('target', facts.target);
  const list = listOf(document);
  const decisions = facts.entries.map((entry) => decide(entry, cases));
  const additions = additionsOf({ ...facts, cases }, decisions);
  const withoutEvidence = additions.filter(({ entry }) => isEmpty(entry.actual));
  const added = additions.filter(({ entry }) => !isEmpty(entry.actual));
  applyTo(list, document, decisions);
  for (const { entry } of added) list.add(nodeOf(entry, document));
  list.flow = list.items.length === 0;
  const checks = (kind: Decision['kind']): readonly string[] =>
    decisions.filter((one) => one.kind === kind).map(({ entry }) => entry.check);
  const isSame =
    !retarget && added.length + checks('change').length + checks('remove').length === 0;
  return {
    text: isSame && text !== '' ? text : document.toString({ lineWidth: 0 }),
    added: added.map(({ entry }) => entry.check),
    changed: checks('change'),
    removed: checks('remove'),
    expired: checks('expired'),
    withoutEvidence: withoutEvidence.map(({ entry }) => entry.check),
  };
}

/** Of a case that a tier left out nothing is known. */
function isRun({ findings }: CaseResult): boolean {
  return !findings.some(({ verdict }) => verdict === 'skipped');
}

type NewEntry = Omit<BaselineEntry, 'span'>;

type Decision = { readonly entry: BaselineEntry } & (
  | { readonly kind: 'keep' | 'expired' }
  | { readonly kind: 'change'; readonly to: Deviating }
  /** `instead`: cases that deviate, of an entry that was about every case. */
  | { readonly kind: 'remove'; readonly instead: readonly Deviating[] }
);

interface Deviating {
  readonly check: string;
  readonly verdict: BaselineEntry['verdict'];
  readonly actual: BaselineEntry['actual'];
}

function decide(entry: BaselineEntry, cases: readonly CaseResult[]): Decision {
  const check = entry.check.slice(entry.check.indexOf('#') + 1);
  const about = cases.filter((of) => isAbout(entry, of, check));
  // The run did not select it: nothing is known.
  if (about.length === 0) return { kind: 'keep', entry };
  const findings = about.map((of) => of.findings.find((one) => one.check === check));
  const states = findings.map((finding) => finding?.baseline?.state);
  if (states.every((state) => state === 'expected-failure')) return { kind: 'keep', entry };
  if (states.every((state) => state === 'expected-failure' || state === 'expired')) {
    return { kind: 'expired', entry };
  }
  const deviating = about.flatMap((of) => deviatingIn(of).filter((one) => one.name === check));
  const [first] = deviating;
  const alike = deviating.every((one) => first !== undefined && sameWay(one, first));
  if (first === undefined || deviating.length < about.length || !alike) {
    return { kind: 'remove', entry, instead: deviating };
  }
  return { kind: 'change', entry, to: { ...first, actual: narrowed(first.actual, entry.actual) } };
}

// Paths that somebody left out, perhaps because they differ from run to run, stay out.
function narrowed(actual: Deviating['actual'], before: Deviating['actual']): Deviating['actual'] {
  const kept = Object.entries(actual).filter(([path]) => Object.hasOwn(before, path));
  return kept.length === 0 ? actual : Object.fromEntries(kept);
}

function sameWay(one: Deviating, other: Deviating): boolean {
  return (
    one.verdict === other.verdict && JSON.stringify(one.actual) === JSON.stringify(other.actual)
  );
}

function deviatingIn(of: CaseResult): readonly (Deviating & { readonly name: string })[] {
  return of.findings.flatMap(({ check, verdict, deviation }: Finding) =>
    verdict === 'failed' || verdict === 'warned'
      ? [{ name: check, check: `${of.id}#${check}`, verdict, actual: deviation ?? {} }]
      : [],
  );
}

function additionsOf(
  facts: BaselineFacts,
  decisions: readonly Decision[],
): readonly { readonly entry: NewEntry }[] {
  const split = decisions.flatMap((one) =>
    one.kind === 'remove'
      ? one.instead.map((deviating) => ({
          entry: { ...fromPerson(one.entry), ...bare(deviating) },
        }))
      : [],
  );
  const fresh = facts.cases.flatMap((of) =>
    deviatingIn(of)
      .filter(({ name }) => !facts.entries.some((entry) => isAbout(entry, of, name)))
      .map((deviating) => ({
        entry: { ...bare(deviating), reason: facts.reason, expires: facts.expires },
      })),
  );
  return [...split, ...fresh];
}

function bare({ check, verdict, actual }: Deviating): Deviating {
  return { check, verdict, actual };
}

function fromPerson({ reason, issue, expires }: BaselineEntry): Omit<NewEntry, keyof Deviating> {
  return { reason, ...(issue === undefined ? {} : { issue }), expires };
}

function applyTo(list: YAMLSeq, document: Document, decisions: readonly Decision[]): void {
  const removed = new Set<number>();
  for (const [index, decision] of decisions.entries()) {
    const item = list.items[index];
    if (decision.kind === 'remove') removed.add(index);
    if (decision.kind !== 'change' || !isMap(item)) continue;
    item.set('verdict', decision.to.verdict);
    item.set('actual', valuesNode(decision.to.actual, document));
  }
  list.items = list.items.filter((_, index) => !removed.has(index));
}

function nodeOf({ check, verdict, actual, ...rest }: NewEntry, document: Document): YAMLMap {
  const made = document.createNode({ check, verdict, actual: {}, ...inOrder(rest) });
  const node = made as unknown as YAMLMap; // its keys are plain texts
  node.set('actual', valuesNode(actual, document));
  return node;
}

function inOrder({ reason, issue, expires }: Omit<NewEntry, keyof Deviating>): object {
  return { reason, ...(issue === undefined ? {} : { issue }), expires };
}

const SHORT = 90;

function valuesNode(actual: Readonly<Record<string, Json>>, document: Document): YAMLMap {
  // The layer of JSON knows no YAML nodes; what it makes of a plain object is a map.
  const node = document.createNode(actual) as YAMLMap;
  node.flow = JSON.stringify(actual).length <= SHORT;
  return node;
}

function isEmpty(actual: object): boolean {
  return Object.keys(actual).length === 0;
}

function listOf(document: Document): YAMLSeq {
  const list = document.get('entries');
  if (isSeq(list)) return list;
  const made = document.createNode([]);
  document.set('entries', made);
  return made;
}

function newFile({ target, schema }: BaselineFacts): string {
  const name = target.replace(/@[^@]*$/, '');
  return `# yaml-language-server: $schema=${schema}
# What ${name} is known to get wrong. Every reason is a person's; made and kept up by
# ws-assay baseline update.
target: ${JSON.stringify(target)}
entries: []
`;
}
