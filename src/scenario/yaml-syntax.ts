// A text to a YAML document, with every mistake of its syntax: one mistake is found, repaired in a copy,
// and the copy is read again, so that a mistake hides no other and what only follows from it is not
// reported. Places are those of the text as it was written.
import { type Document, parseDocument, type YAMLError } from 'yaml';
import { applyEdits, type Edit, type EditedText } from './yaml-edit.ts';
import { withoutLines, withoutTabs } from './yaml-indent.ts';
import { judgeYamlError } from './yaml-mistake.ts';
import type { YamlMistake, YamlProblem } from './yaml-problem.ts';
import { quotedBefore, readTokens, type Tokens, unquotedVariables } from './yaml-token.ts';

/** A document as far as it can be read. */
export interface Syntax {
  /** Undefined when it cannot be read at all, or only in parts. */
  readonly document: Document | undefined;
  /** The text that was parsed in the end. */
  readonly edited: EditedText;
  /** Mistakes, placed in the original text. */
  readonly problems: readonly YamlProblem[];
}

/** Values may be nested so deep. */
export const MAX_DEPTH = 64;

/** Reads a text. Takes time in proportion to the number of mistakes, up to a bound. Never throws. */
export function readSyntax(text: string): Syntax {
  const reading: Reading = { text, edits: [], problems: [], lost: 0, patience: PATIENCE };
  for (;;) {
    const edited = applyEdits(text, reading.edits);
    reading.patience -= PATIENCE_OF_A_TURN + text.length;
    const step = readOnce(edited, reading);
    if (step !== 'again') {
      const document = reading.lost > 0 ? undefined : step.document;
      return { document, edited, problems: reading.problems };
    }
  }
}

// In characters that are parsed; an error costs the parser as much as a thousand of them.
const PATIENCE = 6_000_000;
const PATIENCE_OF_A_TURN = 100_000;
const PATIENCE_OF_AN_ERROR = 1000;
// Nobody reads more of them; each costs a look at the tokens before it.
const MAX_ERRORS = 100;

interface Reading {
  readonly text: string;
  edits: readonly Edit[];
  problems: readonly YamlProblem[];
  /** Mistakes whose lines were left out. */
  lost: number;
  /** How much more work is done; below zero the text is not read again. */
  patience: number;
}

interface Once {
  readonly document: Document | undefined;
}

function readOnce(edited: EditedText, reading: Reading): Once | 'again' {
  const tokens = readTokens(edited.text, MAX_DEPTH);
  if (tokens.tooDeepAt !== undefined) return tooDeep(tokens.tooDeepAt, edited, reading);
  const variables = unquotedVariables(tokens);
  if (variables.length > 0) {
    for (const at of variables.slice(0, MAX_ERRORS)) mendVariable(at, edited, reading);
    return variables.length > MAX_ERRORS ? { document: undefined } : 'again';
  }
  const document = parse(edited.text);
  if (document === undefined) return tooDeep(0, edited, reading);
  reading.patience -= document.errors.length * PATIENCE_OF_AN_ERROR;
  const quoted = new Set<number>();
  const harmless: YamlProblem[] = [];
  for (const error of inOrder(document)) {
    const mistake = judge(error, { edited, tokens, reading });
    if (mistake.mend === 'none') {
      if (isFirstIn(error, tokens, quoted)) harmless.push(mistake.problem);
    } else if (reading.patience > 0) {
      mend(mistake, edited, reading);
      return 'again';
    } else {
      harmless.push(mistake.problem);
      break;
    }
  }
  for (const problem of harmless) add(problem, edited, reading);
  return { document: reading.patience > 0 ? document : undefined };
}

function parse(text: string): Document | undefined {
  try {
    return parseDocument(text, {
      prettyErrors: false,
      schema: 'core',
      version: '1.2',
      // Looked at when the tree is made: here it would take quadratic time.
      uniqueKeys: false,
    });
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return undefined;
  }
}

function inOrder({ errors, warnings }: Document): readonly YAMLError[] {
  const sorted = [...errors, ...warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
  return sorted.slice(0, MAX_ERRORS);
}

/** Of several wrong escapes in one text only the first is reported. */
function isFirstIn(error: YAMLError, tokens: Tokens, quoted: Set<number>): boolean {
  if (error.code !== 'BAD_DQ_ESCAPE') return true;
  const of = quotedBefore(tokens, error.pos[0])?.at ?? -1;
  const first = !quoted.has(of);
  quoted.add(of);
  return first;
}

interface Judging {
  readonly edited: EditedText;
  readonly tokens: Tokens;
  readonly reading: Reading;
}

function judge(error: YAMLError, { edited, tokens }: Judging): YamlMistake {
  const { text } = edited;
  if (error.code !== 'TAB_AS_INDENT') return judgeYamlError(error, { text, tokens });
  const lines = withoutTabs(text, 1).length;
  const more = lines > 1 ? `, here and in ${lines - 1} more line${lines > 2 ? 's' : ''}` : '';
  const message = `a tab cannot indent YAML${more}`;
  const hint = 'indent with spaces';
  const problem = { code: 'SCN_YAML' as const, at: error.pos[0], length: 1, message, hint };
  return { problem, mend: bestSpacing(text) };
}

/** As many spaces for a tab as make the fewest errors. */
function bestSpacing(text: string): readonly Edit[] {
  const tried = [2, 4, 8, 1, 3].map((spaces) => {
    const edits = withoutTabs(text, spaces);
    return { edits, errors: parse(applyEdits(text, edits).text)?.errors.length ?? 1000 };
  });
  const least = Math.min(...tried.map(({ errors }) => errors));
  return tried.find(({ errors }) => errors === least)?.edits ?? [];
}

function mend({ problem, mend: edits }: YamlMistake, edited: EditedText, reading: Reading): void {
  const known = reading.problems.some(({ at }) => at === edited.originOf(problem.at));
  const usable = edits !== 'lost' && edits !== 'none' && !known && edits.length > 0;
  if (usable) {
    add(problem, edited, reading);
    reading.edits = [...reading.edits, ...toOrigin(edits, edited)];
    return;
  }
  // Lines next to some that were left out probably miss only those.
  if (reading.lost < MAX_LOST && !known) add(problem, edited, reading);
  reading.lost++;
  const without = withoutLines(reading.text, edited.originOf(problem.at));
  reading.edits = [
    ...reading.edits.filter((one) => !without.some((of) => covers(of, one))),
    ...without,
  ];
}

const MAX_LOST = 8;

function covers(line: Edit, one: Edit): boolean {
  return one.at >= line.at && one.at <= line.at + line.remove;
}

function toOrigin(edits: readonly Edit[], edited: EditedText): readonly Edit[] {
  return edits.map((one) => {
    const at = edited.originOf(one.at);
    return { ...one, at, remove: edited.originOf(one.at + one.remove) - at };
  });
}

function mendVariable(at: number, edited: EditedText, reading: Reading): void {
  const { text } = edited;
  const line = /^[^\r\n]*/.exec(text.slice(at))?.[0] ?? '';
  const end = line.indexOf('}');
  const length = end < 0 ? 2 : end + 1;
  const variable = text.slice(at, at + length);
  const problem: YamlProblem = {
    code: 'SCN_UNQUOTED_VARIABLE',
    at,
    length,
    message: `inside { } or [ ] YAML reads the brace of ${variable} itself`,
    hint: `write it with quotes: "${variable}"`,
  };
  add(problem, edited, reading);
  const insert = variable.replaceAll(/[^\w.]/g, '_');
  const edit: Edit = { at, remove: length, insert, value: 'variable' };
  reading.edits = [...reading.edits, ...toOrigin([edit], edited)];
}

function tooDeep(at: number, edited: EditedText, reading: Reading): Once {
  const message = `the values are nested more than ${MAX_DEPTH} deep`;
  add({ code: 'SCN_TOO_DEEP', at, length: 1, message }, edited, reading);
  return { document: undefined };
}

/** Adds a problem at its place in the original text. */
function add(problem: YamlProblem, edited: EditedText, reading: Reading): void {
  const at = edited.originOf(problem.at);
  const length = Math.max(1, edited.originOf(problem.at + problem.length) - at);
  if (reading.problems.some((one) => one.at === at && one.message === problem.message)) return;
  reading.problems = [...reading.problems, { ...problem, at, length }];
}
