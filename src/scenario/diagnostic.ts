// What is wrong with a file that a user wrote. All mistakes are reported at once, each with a code,
// a place, what was found and what to write instead.
import { codeFrame } from '../base/code-frame.ts';
import { formatPlace, type SourceSpan } from '../base/source-span.ts';
import { visible } from '../base/visible.ts';

/** Codes of diagnostics. Once released a code keeps its meaning. Table: docs/errors.md. */
export type DiagnosticCode = (typeof DIAGNOSTIC_CODES)[number];

/** All codes; the prefix says which kind of file the rule belongs to (`SCN`: the language itself). */
export const DIAGNOSTIC_CODES = [
  'SCN_YAML',
  'SCN_TOO_LARGE',
  'SCN_TOO_DEEP',
  'SCN_ALIASES',
  'SCN_FORBIDDEN_KEY',
  'SCN_DUPLICATE_KEY',
  'SCN_ONE_DOCUMENT',
  'SCN_UNQUOTED_VARIABLE',
  'SCN_BAD_VARIABLE',
  'SCN_UNKNOWN_VARIABLE',
  'SCN_VARIABLE_CYCLE',
  'SCN_MISSING_ENV',
  'SCN_UNKNOWN_LIMIT',
  'SCN_UNKNOWN_KEY',
  'SCN_NOT_YET',
  'SCN_MISSING_KEY',
  'SCN_ONE_OF',
  'SCN_BAD_TYPE',
  'SCN_BAD_VALUE',
  'SCN_BAD_DURATION',
  'SCN_BAD_MOMENT',
  'SCN_BAD_PATH',
  'SCN_BAD_PATTERN',
  'SCN_BAD_AXIS',
  'SCN_TOO_MANY_CASES',
  'SCN_FILE_MISSING',
  'SCN_UNKNOWN_FEATURE',
  'SCN_UNKNOWN_NAME',
  'SCN_DUPLICATE_NAME',
  'SCN_RESERVED_NAME',
  'SCN_NAME_NEEDED',
  'SCN_MISPLACED',
  'SCN_NOTHING_HELD',
  'SCN_SHORT_HOLD',
  'TGT_BAD_URL',
  'TGT_SECRET_IN_URL',
  'TGT_NO_ENDPOINT',
  'SUITE_PATTERN_IN_FROZEN',
  'REQ_UNKNOWN_SOURCE',
  'REQ_UNDECIDED',
  'REQ_UNKNOWN_CHECK',
  'REQ_UNKNOWN_REQUIREMENT',
  'REQ_NOT_NAMED_BACK',
] as const;

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
  const blocks = sorted.map((one) => renderOne(one, texts[one.span.file]));
  return [...blocks, countLine(sorted)].join('\n\n');
}

function renderOne(one: Diagnostic, text: string | undefined): string {
  const place = visible(formatPlace(one.span));
  const head = `${place} - ${one.severity} ${one.code}: ${visible(one.message)}`;
  const hint = visible(one.hint ?? '');
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
