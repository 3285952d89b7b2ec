// What is said about a mistake in YAML: the shapes, the words they have in common, and the errors of the
// parser that say enough themselves.
import type { YAMLError } from 'yaml';
import type { DiagnosticCode } from './diagnostic.ts';
import type { Edit } from './yaml-edit.ts';
import { openBrackets, type Tokens } from './yaml-token.ts';

/** What is wrong, and where in the text that was parsed. */
export interface YamlProblem {
  readonly code: DiagnosticCode;
  readonly at: number;
  readonly length: number;
  readonly message: string;
  readonly hint?: string;
}

/** A problem and how to read on. */
export interface YamlMistake {
  readonly problem: YamlProblem;
  /** `none`: the parser's own recovery is right; `lost`: nobody knows, the lines are left out. */
  readonly mend: readonly Edit[] | 'none' | 'lost';
}

/** The text that was parsed, and its tokens. */
export interface Parsed {
  readonly text: string;
  readonly tokens: Tokens;
}

/** The word that begins at an offset, at least one character. */
export function wordAt(text: string, at: number): string {
  return /^[\w$.-]+/.exec(text.slice(at, at + 80))?.[0] ?? text.slice(at, at + 1);
}

/** The rest of a line, without spaces at its end. */
export function restOfLine(text: string, at: number): string {
  return (/^[^\r\n]*/.exec(text.slice(at))?.[0] ?? '').trimEnd();
}

/** True inside { } or [ ]. */
export function inFlow({ pos }: YAMLError, { tokens }: Parsed): boolean {
  return openBrackets(tokens, pos[0]).length > 0;
}

/** A mistake that the parser names itself. */
export function plainMistake(error: YAMLError, parsed: Parsed): YamlMistake {
  const { text } = parsed;
  const [at, end] = error.pos;
  const length = Math.max(1, end - at, wordAt(text, at).length);
  const known = KNOWN[error.code];
  const line = restOfLine(text, at);
  const written = inFlow(error, parsed) ? (/^[^,}\]]*/.exec(line)?.[0].trimEnd() ?? line) : line;
  if (known === undefined) {
    const message = error.message.split('\n')[0]?.replace(/;.*$/, '') ?? '';
    return { problem: { code: 'SCN_YAML', at, length, message }, mend: 'lost' };
  }
  return { problem: { code: 'SCN_YAML', at, length, ...known(written, error) }, mend: 'none' };
}

/** The hint to write something in quotes. */
export const inQuotes = (written: string): string =>
  `write it with quotes: ${written.includes('"') ? `'${written}'` : `"${written}"`}`;

type Known = (
  written: string,
  error: YAMLError,
) => {
  readonly code?: DiagnosticCode;
  readonly message: string;
  readonly hint: string;
};

const KNOWN: Readonly<Record<string, Known>> = {
  MULTIPLE_DOCS: () => ({
    code: 'SCN_ONE_DOCUMENT',
    message: 'the file holds more than one YAML document',
    hint: 'write one file for each',
  }),
  BAD_DQ_ESCAPE: (written) => ({
    message: `${written.slice(0, 2)} means nothing between double quotes`,
    hint: "write the text between single quotes: '\\d+'",
  }),
  BAD_SCALAR_START: (written) => ({
    message: `a text cannot begin with ${written.slice(0, 1)}`,
    hint: inQuotes(written),
  }),
  BAD_ALIAS: (written) => ({
    message: 'to YAML a * begins an alias',
    hint: inQuotes(written.split(/[\s,]/)[0] ?? written),
  }),
  TAG_RESOLVE_FAILED: (written) => ({
    message: `to YAML ${wordAt(written, 1) === '' ? '!' : `!${wordAt(written, 1)}`} is a tag, and an unknown one`,
    hint: 'write text that begins with ! with quotes',
  }),
};
