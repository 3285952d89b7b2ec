// One error of the YAML parser: where it really is, what to say about it, and how the text can be read
// on as if it had not been made, so that what only follows from it is never reported.
import type { YAMLError } from 'yaml';
import { blockInFlow, flowGap, nextLineComma, noKey, noSpace, secondColon } from './yaml-gap.ts';
import { misindented } from './yaml-indent.ts';
import { inFlow, type Parsed, plainMistake, type YamlMistake } from './yaml-problem.ts';
import { afterQuote, openQuote, unclosedQuote } from './yaml-quote.ts';
import { contentBefore, openBrackets, unclosedBrackets } from './yaml-token.ts';

/** What one error of the parser is. */
export function judgeYamlError(error: YAMLError, parsed: Parsed): YamlMistake {
  const swallowed = openQuote(error, parsed);
  if (swallowed !== undefined) return unclosedQuote(swallowed, parsed);
  switch (error.code) {
    case 'BAD_INDENT':
      return badIndent(error, parsed);
    case 'MISSING_CHAR':
      return missingChar(error, parsed);
    case 'MULTILINE_IMPLICIT_KEY':
      return inFlow(error, parsed) ? nextLineComma(error, parsed) : noKey(error, parsed);
    case 'BLOCK_IN_FLOW':
      return blockInFlow(error, parsed);
    case 'BLOCK_AS_IMPLICIT_KEY':
      return secondColon(error, parsed);
    case 'UNEXPECTED_TOKEN':
      return unexpected(error, parsed);
    default:
      return plainMistake(error, parsed);
  }
}

function missingChar(error: YAMLError, parsed: Parsed): YamlMistake {
  if (/^Expected flow|must be sufficiently/.test(error.message)) return unclosed(error, parsed);
  if (error.message.startsWith('Implicit map keys')) return noKey(error, parsed);
  if (error.message.startsWith('Missing space after :')) return noSpace(error.pos[0], parsed);
  if (error.message.startsWith('Missing , ')) return flowGap(error, parsed);
  return plainMistake(error, parsed);
}

function badIndent(error: YAMLError, parsed: Parsed): YamlMistake {
  if (/^Flow .* must be sufficiently/.test(error.message)) return unclosed(error, parsed);
  if (error.message.startsWith('Flow end indicator')) return plainMistake(error, parsed);
  return misindented(error.pos[0], error, parsed);
}

function unclosed(error: YAMLError, parsed: Parsed): YamlMistake {
  const { text, tokens } = parsed;
  const [at] = error.pos;
  // A bracket of another kind closes it: the inner one is the mistake.
  const wrong = /[}\]]/.test(text[at] ?? '');
  const open = wrong ? openBrackets(tokens, at).slice(-1) : unclosedBrackets(tokens, at);
  const [first] = open;
  if (first === undefined) return plainMistake(error, parsed);
  const closers = open.map((one) => (one.text === '{' ? '}' : ']')).toReversed();
  const outer = openBrackets(tokens, at).at(-2)?.text;
  const instead = wrong && outer !== (text[at] === '}' ? '{' : '[');
  const place = wrong ? at : contentBefore(tokens, at);
  return {
    problem: {
      code: 'SCN_YAML',
      at: first.at,
      length: 1,
      message: `this ${first.text} is never closed`,
      hint: `write ${closers.join(' ')} at its end`,
    },
    mend: [{ at: place, remove: instead ? 1 : 0, insert: closers.join('') }],
  };
}

function unexpected(error: YAMLError, parsed: Parsed): YamlMistake {
  const { text } = parsed;
  const [at] = error.pos;
  const char = text[at] ?? '';
  if ('}]'.includes(char) && char !== '') {
    const message = `this ${char} closes nothing`;
    const problem = { code: 'SCN_YAML' as const, at, length: 1, message, hint: 'take it away' };
    return { problem, mend: [{ at, remove: 1, insert: ' ' }] };
  }
  if (char === ',') {
    const message = 'there is nothing before this comma';
    const problem = { code: 'SCN_YAML' as const, at, length: 1, message, hint: 'take it away' };
    return { problem, mend: 'none' };
  }
  if (error.message.startsWith('Block scalar header')) {
    const message = 'a text that begins with | or > begins in the next line';
    const hint = 'go on in the next line, or write quotes';
    return { problem: { code: 'SCN_YAML', at, length: 1, message, hint }, mend: 'none' };
  }
  if (/at node end/.test(error.message)) return afterQuote(error, parsed);
  return plainMistake(error, parsed);
}
