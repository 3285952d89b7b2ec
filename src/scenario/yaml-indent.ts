// Lines that begin in the wrong column: where they were meant to begin, and how to move them there.
import type { YAMLError } from 'yaml';
import type { Edit } from './yaml-edit.ts';
import { type Parsed, plainMistake, wordAt, type YamlMistake } from './yaml-problem.ts';

/** The first line with something on it from an offset on begins in the wrong column. */
export function misindented(from: number, error: YAMLError, parsed: Parsed): YamlMistake {
  const { text } = parsed;
  const at = from + (BLANK.exec(text.slice(from))?.[0].length ?? 0);
  const neighbour = neighbourOf(text, at);
  if (neighbour === undefined) return plainMistake(error, parsed);
  const message = `this line begins in column ${neighbour.column + 1}, its neighbours in column ${neighbour.like + 1}`;
  return {
    problem: {
      code: 'SCN_YAML',
      at,
      length: wordAt(text, at).length,
      message,
      hint: `begin it right below ${neighbour.word}`,
    },
    mend: reindent(text, at, neighbour.like - neighbour.column),
  };
}

// Lines without content, and the indentation of the next one.
const BLANK = /^(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*[ \t]*/;

/** The line that another one was probably meant to be in line with. */
interface Neighbour {
  /** 0-based column in which the line begins. */
  readonly column: number;
  /** The column in which it should. */
  readonly like: number;
  /** What stands there. */
  readonly word: string;
}

/** Finds the nearest column above in which something of the same kind begins. */
function neighbourOf(text: string, at: number): Neighbour | undefined {
  const lineStart = startOfLine(text, at);
  const column = at - lineStart;
  const kind = isItem(text.slice(at)) ? 'item' : 'key';
  const candidates = columnsAbove(text.slice(0, lineStart)).filter((one) => one.kind === kind);
  let best: (typeof candidates)[number] | undefined;
  for (const one of candidates) {
    const nearer =
      best === undefined || distance(one.column, column) < distance(best.column, column);
    if (one.column !== column && nearer) best = one;
  }
  return best === undefined ? undefined : { column, like: best.column, word: best.word };
}

/** Moves a line, and those below that belong to it, to the right or to the left. */
function reindent(text: string, at: number, by: number): readonly Edit[] {
  const first = startOfLine(text, at);
  const column = at - first;
  const edits: Edit[] = [];
  for (const { start, indent, blank } of linesFrom(text, first)) {
    if (!blank && start !== first && indent <= column) break;
    if (blank) continue;
    edits.push(
      by > 0
        ? { at: start, remove: 0, insert: ' '.repeat(by) }
        : { at: start, remove: Math.min(-by, indent), insert: '' },
    );
  }
  return edits;
}

/** Takes away a line and those below that belong to it. */
export function withoutLines(text: string, at: number): readonly Edit[] {
  const first = startOfLine(text, at);
  const indent = /^[ \t]*/.exec(text.slice(first))?.[0].length ?? 0;
  const edits: Edit[] = [];
  for (const line of linesFrom(text, first)) {
    if (!line.blank && line.start !== first && line.indent <= indent) break;
    if (line.length > 0) edits.push({ at: line.start, remove: line.length, insert: '' });
  }
  return edits;
}

/** Puts spaces where tabs indent. */
export function withoutTabs(text: string, spaces: number): readonly Edit[] {
  return linesFrom(text, 0).flatMap(({ start }) => {
    const lead = /^ *\t[ \t]*/.exec(text.slice(start, start + 200))?.[0];
    if (lead === undefined) return [];
    const insert = lead.replaceAll('\t', ' '.repeat(spaces));
    return [{ at: start, remove: lead.length, insert }];
  });
}

interface Line {
  readonly start: number;
  readonly length: number;
  readonly indent: number;
  readonly blank: boolean;
}

function linesFrom(text: string, first: number): Line[] {
  const lines: Line[] = [];
  let start = first;
  for (const line of text.slice(first).split(/(?<=\r\n|\n|\r(?!\n))/)) {
    const content = line.replace(/[\r\n]+$/, '');
    const indent = /^[ \t]*/.exec(content)?.[0].length ?? 0;
    const blank = indent === content.length || content[indent] === '#';
    lines.push({ start, length: content.length, indent, blank });
    start += line.length;
  }
  return lines;
}

interface Column {
  readonly column: number;
  readonly kind: 'item' | 'key';
  readonly word: string;
}

/** Columns of the lines that enclose the end of a text, innermost first; `- as: a` has two. */
function columnsAbove(before: string): readonly Column[] {
  const columns: Column[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const { start, length, indent, blank } of linesFrom(before, 0).toReversed()) {
    if (blank || indent >= least) continue;
    const inLine = columnsOf(before.slice(start, start + length), indent);
    columns.push(...inLine.filter(({ column }) => column < least).toReversed());
    least = indent;
  }
  return columns;
}

function columnsOf(line: string, indent: number): Column[] {
  const columns: Column[] = [];
  let column = indent;
  for (;;) {
    const rest = line.slice(column);
    if (!isItem(rest)) {
      const word = /^[\w$."'-]+(?=:)/.exec(rest)?.[0];
      return word === undefined ? columns : [...columns, { column, kind: 'key', word }];
    }
    columns.push({ column, kind: 'item', word: '-' });
    column += /^- */.exec(rest)?.[0].length ?? 2;
  }
}

function isItem(text: string): boolean {
  return /^-(?:\s|$)/.test(text);
}

function startOfLine(text: string, at: number): number {
  return Math.max(text.lastIndexOf('\n', at - 1), text.lastIndexOf('\r', at - 1)) + 1;
}

function distance(a: number, b: number): number {
  return Math.abs(a - b);
}
