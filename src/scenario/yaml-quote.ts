// Quotes that are not closed, and quotes that close too early.
import type { YAMLError } from 'yaml';
import { type Parsed, plainMistake, restOfLine, type YamlMistake } from './yaml-problem.ts';
import { quotedBefore, type Token } from './yaml-token.ts';

/** A quoted text that goes over several lines up to the error: its quote was probably never closed. */
export function openQuote(error: YAMLError, { text, tokens }: Parsed): Token | undefined {
  const [at, end] = error.pos;
  const quoted = quotedBefore(tokens, Math.max(at, end));
  if (quoted === undefined) return undefined;
  if (error.message.startsWith('Missing closing')) return quoted;
  const after = quoted.at + quoted.text.length;
  const sameLine = after >= at || !/[\r\n]/.test(text.slice(after, at));
  return /[\r\n]/.test(quoted.text) && sameLine ? quoted : undefined;
}

/** That quote, closed where its text probably ends. */
export function unclosedQuote({ at, text: quoted }: Token, { text }: Parsed): YamlMistake {
  const line = restOfLine(text, at);
  const mark = quoted.slice(0, 1);
  const body = /^(.*?)(?:,\s*[\w$.-]+:\s.*|[\s}\]]*)$/.exec(line.slice(1))?.[1] ?? '';
  const end = at + 1 + body.length;
  return {
    problem: {
      code: 'SCN_YAML',
      at,
      length: 1 + body.length,
      message: `this ${mark} is not closed`,
      hint: `write ${mark} at the end of the text`,
    },
    mend: [{ at: end, remove: 0, insert: mark, value: 'doubtful' }],
  };
}

/** Text goes on after a closing quote: an apostrophe or a quote inside the text ended it. */
export function afterQuote(error: YAMLError, { text, tokens }: Parsed): YamlMistake {
  const quoted = quotedBefore(tokens, error.pos[0]);
  if (quoted === undefined) return plainMistake(error, { text, tokens });
  const mark = quoted.text.slice(0, 1);
  const ends = quoted.at + quoted.text.length;
  const message = `this ${mark} ends the text, and more follows`;
  const hint =
    mark === "'" ? "inside '…' write an apostrophe twice: ''" : 'inside "…" write a quote as \\"';
  const problem = { code: 'SCN_YAML' as const, at: ends - 1, length: 1, message, hint };
  if (mark === "'" && /^\w/.test(text.slice(ends))) {
    return { problem, mend: [{ at: ends, remove: 0, insert: "'" }] };
  }
  // All of the line is the text, whatever quotes it holds.
  const rest = restOfLine(text, ends);
  const plain = rest.replaceAll(/["']/g, '_');
  const insert = `_${plain}${mark}`;
  return { problem, mend: [{ at: ends - 1, remove: rest.length + 1, insert, value: 'doubtful' }] };
}
