// What is wrong with a file that a user wrote. All mistakes are reported at once, each with a code,
// a place, what was found and what to write instead.
import { codeFrame } from '../base/code-frame.ts';
import { type Hidden, hideLiteralSecrets } from '../base/literal-secret.ts';
import { formatPlace, type SourceSpan } from '../base/source-span.ts';
import { visible } from '../base/visible.ts';

/** Codes of diagnostics. Once released a code keeps its meaning. */
export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;

/** All codes with what they mean; the prefix says whose rule it is (`SCN`: the language itself). */
export const DIAGNOSTIC_CODES = {
  SCN_YAML: 'the file is not YAML 1.2',
  SCN_TOO_LARGE: 'the file is larger than 1 MiB',
  SCN_TOO_DEEP: 'values are nested too deep',
  SCN_ALIASES: 'aliases make too many values of it',
  SCN_FORBIDDEN_KEY: 'a key such as `__proto__`',
  SCN_DUPLICATE_KEY: 'a key stands twice in one mapping',
  SCN_ONE_DOCUMENT: 'more than one YAML document in a file',
  SCN_UNQUOTED_VARIABLE: '`${…}` without quotes inside `{ }` or `[ ]`',
  SCN_BAD_VARIABLE: '`${…}` that is no variable, or cannot stand where it stands',
  SCN_UNKNOWN_VARIABLE: 'nothing gives a variable its value',
  SCN_VARIABLE_CYCLE: 'a variable that contains itself',
  SCN_MISSING_ENV: 'the environment lacks a variable',
  SCN_UNKNOWN_LIMIT: '`${limits.…}` that the language does not have',
  SCN_UNKNOWN_KEY: 'a key that does not belong there',
  SCN_NOT_YET: 'something that a later version will have',
  SCN_MISSING_KEY: 'a key that has to be there',
  SCN_ONE_OF: 'none or several of keys that exclude one another',
  SCN_BAD_TYPE: 'a mapping, list or scalar where another kind is meant',
  SCN_BAD_VALUE: 'a value that is not one of those allowed',
  SCN_BAD_DURATION: 'not a duration',
  SCN_BAD_MOMENT: 'not a moment',
  SCN_BAD_PATH: 'not a path',
  SCN_BAD_PATTERN: 'not a regular expression',
  SCN_BAD_AXIS: 'an axis without values, or a label that cannot stand in an id',
  SCN_TOO_MANY_CASES: 'axes that make too many cases',
  SCN_FILE_MISSING: 'a file that should stand beside this one',
  SCN_UNKNOWN_FEATURE: 'a feature that no target has',
  SCN_UNKNOWN_NAME:
    'a connection or a call that no step creates; in a suite, a scenario or target that is not there',
  SCN_DUPLICATE_NAME: 'a name that is taken',
  SCN_RESERVED_NAME: 'a name that is a word of the language',
  SCN_NAME_NEEDED: '`as` or `connection` is missing where there are several',
  SCN_MISPLACED: 'a step, a statistic or a modifier where it has no meaning',
  SCN_NOTHING_HELD: 'a `release` of what nothing holds',
  SCN_SHORT_HOLD: 'warning: a hold that is too short to prove anything',
  SCN_TOO_FEW_SAMPLES: 'warning: so few connections can never decide a threshold',
  TGT_BAD_URL: 'not a URL for this purpose',
  TGT_SECRET_IN_URL: 'warning: a credential in a URL',
  TGT_SECRET_WRITTEN: 'warning: a secret that stands in the file',
  TGT_NO_ENDPOINT: 'a target without endpoint',
  TGT_NO_OBSERVER: 'a scripted probe without an observer',
  BSL_BAD_DATE: 'not a date, or not one of the calendar',
  BSL_NO_REASON: 'an entry of a baseline whose reason nobody has written',
  BSL_NO_EVIDENCE: 'an entry that does not say what the check fails with',
  BSL_DUPLICATE: 'two entries about one check',
  BSL_UNKNOWN_CHECK: 'an entry about a check that is not there',
  BSL_OTHER_TARGET: 'a baseline for another target, or another version of it',
  BSL_EXPIRES_SOON: 'warning: an entry that expires within 14 days',
  SUITE_PATTERN_IN_FROZEN: 'a pattern in a suite that has a version',
  REQ_UNKNOWN_SOURCE: 'a requirement cites a source that is not listed',
  REQ_UNDECIDED: 'a requirement is neither tested nor excluded, or both',
  REQ_UNKNOWN_CHECK: 'a requirement names a check that is not there',
  REQ_UNKNOWN_REQUIREMENT: 'a check names a requirement that is not there',
  REQ_NOT_NAMED_BACK: 'a check and a requirement do not name each other',
} as const;

/** One mistake. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  /** A warning does not keep the file from being used. */
  readonly severity: 'error' | 'warning';
  readonly span: SourceSpan;
  /** What was found. */
  readonly message: string;
  /** What to write; stands beside the carets. */
  readonly hint?: string;
}

/** True when at least one of them is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

/** In order of file, line and column, each mistake once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const unique = new Map(diagnostics.map((one) => [keyOf(one), one]));
  return [...unique.values()].toSorted(byPlace);
}

/**
 * The text for a terminal: for each mistake `file:line:column - error CODE: message` and a code
 * frame, then one line that counts them.
 *
 * Empty without any.
 *
 * @param texts the text of each file, by its name in the spans; without it there is no frame
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  texts: Readonly<Record<string, string>>,
): string {
  if (diagnostics.length === 0) return '';
  const sorted = sortDiagnostics(diagnostics);
  const hidden = hiddenOf(texts);
  const blocks = sorted.map((one) => renderOne(one, hidden.get(one.span.file)));
  return [...blocks, countLine(sorted)].join('\n\n');
}

/** The same mistakes without the credentials that stand in the files as they are. */
export function withoutSecrets(
  diagnostics: readonly Diagnostic[],
  texts: Readonly<Record<string, string>>,
): Diagnostic[] {
  const hidden = hiddenOf(texts);
  return sortDiagnostics(diagnostics).map((one) => {
    const of = hidden.get(one.span.file);
    if (of === undefined) return one;
    const hint = one.hint === undefined ? {} : { hint: of.hide(one.hint) };
    return { ...one, message: of.hide(one.message), ...hint };
  });
}

function hiddenOf(texts: Readonly<Record<string, string>>): ReadonlyMap<string, Hidden> {
  return new Map(Object.entries(texts).map(([file, text]) => [file, hideLiteralSecrets(text)]));
}

function renderOne(one: Diagnostic, hidden: Hidden | undefined): string {
  const text = hidden?.text;
  const say = (said: string): string => visible(hidden?.hide(said) ?? said);
  const place = visible(formatPlace(one.span));
  const head = `${place} - ${one.severity} ${one.code}: ${say(one.message)}`;
  const hint = say(one.hint ?? '');
  // The line would show what should not be shown.
  const framed = one.code !== 'TGT_SECRET_IN_URL';
  if (text === undefined || !framed) return hint === '' ? head : `${head}\n  ${hint}`;
  return `${head}\n\n${codeFrame(text, one.span, hint)}`;
}

function countLine(sorted: readonly Diagnostic[]): string {
  const errors = sorted.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return `${counted(sorted.length, 'warning')} in ${inFiles(sorted)}.`;
  const warnings = sorted.length - errors.length;
  const also = warnings === 0 ? '' : ` and ${counted(warnings, 'warning')}`;
  return `${counted(errors.length, 'error')}${also} in ${inFiles(sorted)}. Nothing was run.`;
}

function inFiles(diagnostics: readonly Diagnostic[]): string {
  return counted(new Set(diagnostics.map(({ span }) => span.file)).size, 'file');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function keyOf({ code, span, message }: Diagnostic): string {
  return JSON.stringify([code, span.file, span.line, span.column, message]);
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  if (a.span.file !== b.span.file) return a.span.file < b.span.file ? -1 : 1;
  return a.span.line - b.span.line || a.span.column - b.span.column;
}
