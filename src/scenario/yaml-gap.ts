// Colons, commas and spaces that are missing, or that stand where YAML reads them itself.
import type { YAMLError } from 'yaml';
import { misindented } from './yaml-indent.ts';
import {
  inFlow,
  inQuotes,
  type Parsed,
  plainMistake,
  restOfLine,
  wordAt,
  type YamlMistake,
} from './yaml-problem.ts';
import { afterQuote } from './yaml-quote.ts';
import { openBrackets, quotedBefore, type Token } from './yaml-token.ts';

/** `a:b` */
export function noSpace(at: number, { text }: Parsed): YamlMistake {
  const message = 'a space is missing after the colon';
  const key = /[\w$."'-]+:$/.exec(text.slice(Math.max(0, at - 80), at))?.[0] ?? ':';
  const written = restOfLine(text, at).split(/[\s,}\]]/)[0] ?? '';
  return {
    problem: {
      code: 'SCN_YAML',
      at: at - key.length,
      length: key.length + written.length,
      message,
      hint: `write ${key} ${written}`,
    },
    mend: [{ at, remove: 0, insert: ' ' }],
  };
}

/** A line that is no key and a value: without colon, or without a space after it. */
export function noKey(error: YAMLError, parsed: Parsed): YamlMistake {
  const { text } = parsed;
  const [at] = error.pos;
  const line = restOfLine(text, at);
  const glued = /^[\w$.-]+:(?=[^\s:/])/.exec(line)?.[0];
  if (glued !== undefined) return noSpace(at + glued.length, parsed);
  const word = /^[\w$.-]+(?=\s|$)/.exec(line)?.[0];
  if (word === undefined) return plainMistake(error, parsed);
  return noColon({ at, text: word });
}

function noColon({ at, text: word }: Token): YamlMistake {
  const message = `a colon is missing after "${word}"`;
  return {
    problem: { code: 'SCN_YAML', at, length: word.length, message, hint: `write ${word}:` },
    mend: [{ at: at + word.length, remove: 0, insert: ': ' }],
  };
}

/** Two things beside one another in flow style: a comma or a colon is missing, or quotes. */
export function flowGap(error: YAMLError, parsed: Parsed): YamlMistake {
  const { text, tokens } = parsed;
  const [at] = error.pos;
  const before = /([\w$.-]*)(\s*)$/.exec(text.slice(Math.max(0, at - 80), at));
  const word = before?.[1] ?? '';
  const space = before?.[2] ?? '';
  const quoted = quotedBefore(tokens, at);
  const adjacent = quoted !== undefined && quoted.at + quoted.text.length === at;
  if (adjacent && /\w/.test(text[at] ?? '')) return afterQuote(error, parsed);
  if (text[at] === '[' && word !== '' && space === '') return bracketInText(at - word.length, text);
  const unclosed = unclosedInLine(at, parsed);
  if (unclosed !== undefined) return unclosed;
  const inMap = openBrackets(tokens, at).at(-1)?.text === '{';
  if (inMap && word !== '' && '{["\''.includes(text[at] ?? ' ')) {
    return noColon({ at: at - word.length - space.length, text: word });
  }
  return noComma(at, at - space.length, text);
}

// A line that goes on behind a bracket without comma: the bracket was probably meant to end there.
function unclosedInLine(at: number, { text, tokens }: Parsed): YamlMistake | undefined {
  const open = openBrackets(tokens, at).at(-1);
  const ends = text.slice(0, at).trimEnd().length;
  if (open === undefined || ends <= open.at + 1 || !/[\r\n]/.test(text.slice(ends, at))) {
    return undefined;
  }
  if (/[\r\n]/.test(text.slice(open.at, ends))) return undefined;
  const closer = open.text === '{' ? '}' : ']';
  const message = `this ${open.text} is never closed`;
  const hint = `write ${closer} at its end`;
  return {
    problem: { code: 'SCN_YAML', at: open.at, length: 1, message, hint },
    mend: [{ at: ends, remove: 0, insert: closer }],
  };
}

function noComma(at: number, ends: number, text: string): YamlMistake {
  const word = wordAt(text, at);
  return {
    problem: {
      code: 'SCN_YAML',
      at,
      length: word.length,
      message: 'a comma is missing before this',
      hint: 'write a comma between the two',
    },
    mend: [{ at: ends, remove: 0, insert: ',' }],
  };
}

/** A flow that goes on in the next line without a comma. */
export function nextLineComma(error: YAMLError, parsed: Parsed): YamlMistake {
  const { text } = parsed;
  const [at] = error.pos;
  const line = restOfLine(text, at);
  const next = at + (/^[^\r\n]*[\s]*/.exec(text.slice(at))?.[0].length ?? 0);
  return unclosedInLine(next, parsed) ?? noComma(next, at + line.length, text);
}

function bracketInText(from: number, text: string): YamlMistake {
  const written = /^[\w$.-]*(?:\[[^\]\r\n]*\][\w$.-]*)+/.exec(text.slice(from, from + 300))?.[0];
  const length = written?.length ?? 1;
  const message = 'inside { } or [ ] YAML reads this bracket itself';
  const hint = inQuotes(written ?? 'received[0].text');
  const problem = { code: 'SCN_YAML' as const, at: from, length, message, hint };
  if (written === undefined) return { problem, mend: 'lost' };
  const insert = written.replaceAll(/[^\w$.-]/g, '_');
  return { problem, mend: [{ at: from, remove: length, insert, value: 'doubtful' }] };
}

/** `{ a: b c: d }` */
export function blockInFlow(error: YAMLError, parsed: Parsed): YamlMistake {
  const { text } = parsed;
  const [at, end] = error.pos;
  const [, lead, gap] = /^([^,{}[\]]*?\S)(\s+)[\w$.-]+:\s/.exec(text.slice(at, end)) ?? [];
  if (lead === undefined || gap === undefined) return secondColon(error, parsed);
  return noComma(at + lead.length + gap.length, at + lead.length, text);
}

/** `title: This: that`; or the next line is indented so far that it belongs to this one. */
export function secondColon(error: YAMLError, parsed: Parsed): YamlMistake {
  const { text } = parsed;
  const [at] = error.pos;
  const flow = inFlow(error, parsed);
  const line = restOfLine(text, at);
  const written = flow ? (/^[^,{}[\]]*/.exec(line)?.[0].trimEnd() ?? line) : line;
  if (!/:(?=\s|$)/.test(written)) return misindented(at + line.length, error, parsed);
  const insert = written.replaceAll(/:(?=\s|$)/g, '_');
  return {
    problem: {
      code: 'SCN_YAML',
      at,
      length: written.length,
      message: 'a second colon would begin a mapping inside the line',
      hint: 'write text that contains ": " with quotes, and a mapping in { }',
    },
    mend: [{ at, remove: written.length, insert, value: 'doubtful' }],
  };
}
