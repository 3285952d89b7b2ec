// The tokens of a YAML text, for what the parser itself reports badly or would not survive: variables
// without quotes, brackets and quotes that are never closed, deep nesting.
import { Lexer } from 'yaml';

/** A token and where it begins. */
export interface Token {
  readonly at: number;
  readonly text: string;
}

/** Tokens of a text in their order. */
export interface Tokens {
  readonly all: readonly Token[];
  /** Where the values are nested deeper than allowed; the rest was not looked at. */
  readonly tooDeepAt: number | undefined;
}

/** Reads the tokens, as long as values are not nested more than `maxDepth` deep. */
export function readTokens(text: string, maxDepth: number): Tokens {
  const all: Token[] = [];
  let at = 0;
  let depth = 0;
  let inLine = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === FLOW_ENDS) {
      all.push({ at, text: token });
      depth = 0;
    }
    if (CONTROL.has(token)) continue;
    if (token === '{' || token === '[') depth++;
    if (token === '}' || token === ']') depth--;
    inLine = token.includes('\n') ? 0 : inLine + (token === '-' || token === '?' ? 1 : 0);
    if (depth > maxDepth || inLine > maxDepth) return { all, tooDeepAt: at };
    all.push({ at, text: token });
    at += token.length;
  }
  return { all, tooDeepAt: undefined };
}

// The lexer's own marks: document start, a flow that ends because of the indentation, scalar.
const FLOW_ENDS = '\u0018';
const CONTROL = new Set(['\u0002', FLOW_ENDS, '\u001f']);

/** Where `${` stands in flow style without quotes: a plain text that ends in `$` before a brace. */
export function unquotedVariables({ all }: Tokens): readonly number[] {
  return all.flatMap(({ at, text }, index) =>
    text === '{' && all[index - 1]?.text.endsWith('$') === true ? [at - 1] : [],
  );
}

/** The brackets that are open at an offset, outermost first. */
export function openBrackets({ all }: Tokens, offset: number): readonly Token[] {
  return walkBrackets(all, offset).open;
}

/** The brackets that indentation or the end of the file closed, last before an offset. */
export function unclosedBrackets({ all }: Tokens, offset: number): readonly Token[] {
  const { open, cut } = walkBrackets(all, offset);
  return open.length > 0 ? open : cut;
}

function walkBrackets(
  all: readonly Token[],
  offset: number,
): { readonly open: readonly Token[]; readonly cut: readonly Token[] } {
  let open: Token[] = [];
  let wrong: Token[] = [];
  let cut: readonly Token[] = [];
  for (const token of all) {
    if (token.at > offset || (token.at === offset && token.text !== FLOW_ENDS)) break;
    if (token.text === '{' || token.text === '[') open.push(token);
    if (token.text === '}' || token.text === ']') wrong.push(...closeBy(token.text, open));
    const ends = token.text === FLOW_ENDS || (wrong.length > 0 && open.length === 0);
    if (ends) [open, wrong, cut] = [[], [], [...open, ...wrong]];
  }
  return { open, cut };
}

/** Closes the innermost bracket; one of another kind above it was never closed, and is returned. */
function closeBy(closer: string, open: Token[]): readonly Token[] {
  const last = open.pop();
  if (last === undefined || (last.text === '{') === (closer === '}')) return [];
  if (open.at(-1)?.text === (closer === '}' ? '{' : '[')) open.pop();
  return [last];
}

/** Where the last thing before an offset ends that is neither space nor comment. */
export function contentBefore({ all }: Tokens, offset: number): number {
  const last = all.findLast(
    ({ at, text }) => at < offset && text !== FLOW_ENDS && /^[^\s#]/.test(text),
  );
  return last === undefined ? offset : last.at + last.text.trimEnd().length;
}

/** The quoted text that begins before an offset, nearest to it; undefined without any. */
export function quotedBefore({ all }: Tokens, offset: number): Token | undefined {
  return all.findLast(({ at, text }) => at < offset && /^["']/.test(text));
}
