// targets/<name>/baseline.yaml: what a target is known to get wrong. Every entry says how the check
// fails, why that is known, and until when it is put up with.
import type { Json } from '../base/json.ts';
import type { BaselineEntry } from '../result/baseline.ts';
import { SURVIVAL_CHECK } from '../result/baseline.ts';
import { isAbout } from '../result/overlay.ts';
import type { ListedCheck } from '../scenario/cross-check.ts';
import {
  type Diagnostic,
  type DiagnosticCode,
  hasErrors,
  sortDiagnostics,
} from '../scenario/diagnostic.ts';
import { validate } from '../scenario/locate.ts';
import { takeApart } from '../scenario/select.ts';
import {
  childOf,
  entriesOf,
  itemsOf,
  type SourceNode,
  textOf,
  toPlain,
} from '../scenario/source-node.ts';
import { suggestion } from '../scenario/suggest.ts';
import { readYaml } from '../scenario/yaml-document.ts';
import { baselineSchema } from './baseline-schema.ts';

/** A baseline file. */
export interface Baseline {
  readonly file: string;
  /** `name` or `name@version`, and where that stands. */
  readonly target: Placed | undefined;
  readonly entries: readonly BaselineEntry[];
}

interface Placed {
  readonly text: string;
  readonly node: SourceNode;
}

/** Either the baseline or what is wrong with the file. */
export type ParsedBaseline =
  | { readonly baseline: Baseline }
  | { readonly diagnostics: readonly Diagnostic[] };

/**
 * Parses one baseline file; all mistakes at once. Never throws.
 *
 * @param leaveOpen codes of mistakes that the caller will correct
 */
export function parseBaseline(
  { file, text }: { readonly file: string; readonly text: string },
  leaveOpen: readonly DiagnosticCode[] = [],
): ParsedBaseline {
  const read = readYaml(file, text);
  const { root } = read;
  if (root === undefined) return { diagnostics: sortDiagnostics(read.found) };
  const items = itemsOf(childOf(root, 'entries'));
  const found = [
    ...read.found,
    ...validate(root, baselineSchema),
    ...items.flatMap(judgeItem),
    ...twice(items),
  ];
  const grave = found.filter(({ code }) => !leaveOpen.includes(code));
  if (hasErrors(grave)) return { diagnostics: sortDiagnostics(grave) };
  const node = childOf(root, 'target');
  const target = node === undefined ? undefined : { text: textOf(node) ?? '', node };
  return { baseline: { file, target, entries: items.map(buildEntry) } };
}

/** Entries about checks that no scenario has. `known`: the checks of all scenarios they name. */
export function unknownChecks(
  { entries }: Baseline,
  known: readonly ListedCheck[],
): readonly Diagnostic[] {
  return entries.flatMap((entry) => {
    if (known.some((one) => isKnown(entry, one))) return [];
    const message = `there is no check "${entry.check}"`;
    const hint = nearest(entry.check, known);
    return [mistake('BSL_UNKNOWN_CHECK', { span: entry.span, message, hint })];
  });
}

/** The mistake of using it for a target that it was not made for. */
export function otherTarget(
  { target }: Baseline,
  chosen: { readonly name: string; readonly version: string | undefined },
): readonly Diagnostic[] {
  if (target === undefined || isOf(target.text, chosen)) return [];
  const is = chosen.version === undefined ? chosen.name : `${chosen.name}@${chosen.version}`;
  const message = `the baseline is for ${target.text}, and this is ${is}`;
  const hint = 'run ws-assay baseline update, or write what it is for';
  return [mistake('BSL_OTHER_TARGET', { span: target.node.span, message, hint })];
}

/** Warnings about entries that expire within 14 days. `today`: `2027-02-20`. */
export function expiresSoon({ entries }: Baseline, today: string): readonly Diagnostic[] {
  const limit = new Date(Date.parse(today) + 14 * DAY_MS).toISOString().slice(0, 10);
  return entries
    .filter(({ expires }) => expires >= today && expires <= limit)
    .map(({ check, expires, span }) => ({
      code: 'BSL_EXPIRES_SOON',
      severity: 'warning',
      span,
      message: `the entry of ${check} expires on ${expires}: from the day after the run fails`,
      hint: 'correct the target, or set a later date',
    }));
}

const DAY_MS = 86_400_000;

// `name@14` is for 14, 14.8 and 14.8.2, not for 141.
function isOf(
  written: string,
  { name, version = '' }: { readonly name: string; readonly version: string | undefined },
): boolean {
  const at = written.lastIndexOf('@');
  const [ofName, ofVersion] =
    at <= 0 ? [written, undefined] : [written.slice(0, at), written.slice(at + 1)];
  if (ofName !== name) return false;
  return ofVersion === undefined || version === ofVersion || version.startsWith(`${ofVersion}.`);
}

function judgeItem(item: SourceNode): readonly Diagnostic[] {
  const reason = childOf(item, 'reason');
  const actual = childOf(item, 'actual');
  const check = textOf(childOf(item, 'check')) ?? '';
  const unwritten =
    reason !== undefined && /^\s*(?:TODO|TBD|FIXME)\b/i.test(textOf(reason) ?? '')
      ? [
          mistake('BSL_NO_REASON', {
            span: reason.span,
            message: `nobody has written yet why ${check} deviates`,
            hint: 'write the reason',
          }),
        ]
      : [];
  const without =
    actual?.kind === 'map' && actual.entries.length === 0
      ? [
          mistake('BSL_NO_EVIDENCE', {
            span: actual.span,
            message: `the entry of ${check} does not say how it fails`,
            hint: 'write what the report shows: { handshake.status: 500 }',
          }),
        ]
      : [];
  return [...unwritten, ...without];
}

/** Two entries about one check, also where one of them is about every case. */
function twice(items: readonly SourceNode[]): readonly Diagnostic[] {
  const checks = items.flatMap((item) => {
    const node = childOf(item, 'check');
    const text = textOf(node);
    return node === undefined || text === undefined ? [] : [{ text, span: node.span }];
  });
  return checks.flatMap(({ text, span }, index) => {
    const first = checks.slice(0, index).find((other) => overlap(other.text, text));
    if (first === undefined) return [];
    const message = `${text} has an entry already, in line ${first.span.line}: ${first.text}`;
    return [mistake('BSL_DUPLICATE', { span, message, hint: 'keep one of them' })];
  });
}

function overlap(one: string, other: string): boolean {
  const [a, b] = [takeApart(one), takeApart(other)];
  if (a.scenario !== b.scenario || a.check !== b.check) return false;
  return a.values === undefined || b.values === undefined || a.values === b.values;
}

function isKnown(entry: BaselineEntry, { caseId, scenario, check }: ListedCheck): boolean {
  const of = { id: caseId, scenario };
  return isAbout(entry, of, check) || isAbout(entry, of, SURVIVAL_CHECK);
}

function nearest(check: string, known: readonly ListedCheck[]): string {
  const inCases = takeApart(check).values !== undefined;
  const ids = known.map((one) => `${inCases ? one.caseId : one.scenario}#${one.check}`);
  const hint = suggestion(check, [...new Set(ids)]);
  return hint.startsWith('did') ? hint : 'see what there is: ws-assay list';
}

function buildEntry(item: SourceNode): BaselineEntry {
  const at = (key: string): string => textOf(childOf(item, key)) ?? '';
  const issue = textOf(childOf(item, 'issue'));
  const actual = entriesOf(childOf(item, 'actual')).map(({ key, value }): [string, Json] => [
    key,
    toPlain(value),
  ]);
  return {
    check: at('check'),
    verdict: at('verdict') === 'warned' ? 'warned' : 'failed',
    actual: Object.fromEntries(actual),
    reason: at('reason').trim(),
    ...(issue === undefined ? {} : { issue }),
    expires: at('expires'),
    span: (childOf(item, 'check') ?? item).span,
  };
}

function mistake(code: DiagnosticCode, rest: Omit<Diagnostic, 'code' | 'severity'>): Diagnostic {
  return { code, severity: 'error', ...rest };
}
