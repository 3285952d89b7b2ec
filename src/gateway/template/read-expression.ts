// Reads expressions and references of a template.
//
//   expression = or ; or = and { ("||" | "or") and } ; and = equal { ("&&" | "and") equal }
//   equal = order { ("==" | "eq" | "!=" | "ne") order } ; order = sum { ("<" | "lt" | …) sum }
//   sum = product { ("+" | "-") product } ; product = unary { ("*" | "/" | "%") unary }
//   unary = ("!" | "not" | "-") unary | operand
import type { Cursor } from './cursor.ts';
import type { Access, BinaryOperator, Expression, Reference, Template } from './syntax.ts';

/** Reads what stands in double quotes. `base` is its offset in the template. */
export type ReadText = (text: string, base: number) => Template;

/** How deep expressions may be nested. */
const DEEPEST = 100;

/** Reads one expression; the cursor stands behind it afterwards. @throws {TemplateError} */
export function readExpression(cursor: Cursor, readText: ReadText): Expression {
  return new ExpressionReader(cursor, readText).expression(0);
}

/** The name of a reference, and of what is asked of one. */
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

/** True when a reference begins at the `$` that the cursor stands at. */
export function seesReference(cursor: Cursor): boolean {
  return cursor.looksLike(/\$!?(?:\{\s*)?[A-Za-z_]/y);
}

/** Reads a reference from its `$` on. @throws {TemplateError} */
export function readReference(
  cursor: Cursor,
  readText: ReadText,
): { readonly reference: Reference; readonly quiet: boolean } {
  const at = cursor.base + cursor.at;
  cursor.take('$');
  const quiet = cursor.take('!');
  const braced = cursor.take('{');
  if (braced) cursor.skipBlanks();
  const name = cursor.match(NAME)?.[0] ?? '';
  const path = new ExpressionReader(cursor, readText).path();
  if (braced) cursor.demand('}', `$\{${name}`);
  return { reference: { name, path, at }, quiet };
}

class ExpressionReader {
  readonly #cursor: Cursor;
  readonly #readText: ReadText;

  constructor(cursor: Cursor, readText: ReadText) {
    this.#cursor = cursor;
    this.#readText = readText;
  }

  expression(depth: number): Expression {
    if (depth > DEEPEST) throw this.#cursor.problem('this is nested too deeply');
    return this.#binary(0, depth);
  }

  path(): readonly Access[] {
    const path: Access[] = [];
    for (;;) {
      const access = this.#access();
      if (access === undefined) return path;
      path.push(access);
    }
  }

  // Blanks may follow a name or an operator, and a dot only belongs to a reference before a name.
  #access(): Access | undefined {
    const cursor = this.#cursor;
    if (cursor.sees('[')) {
      cursor.take('[');
      const index = this.expression(0);
      cursor.demand(']', 'an index');
      return { kind: 'index', index };
    }
    if (!cursor.looksLike(/\.[A-Za-z_]/y)) return undefined;
    const at = cursor.base + cursor.at;
    cursor.take('.');
    const name = cursor.match(NAME)?.[0] ?? '';
    if (!cursor.take('(')) return { kind: 'property', name };
    return { kind: 'call', name, args: this.#items(')', 0), at };
  }

  #binary(level: number, depth: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary(depth);
    let left = this.#binary(level + 1, depth);
    for (;;) {
      const operator = this.#operator(operators);
      if (operator === undefined) return left;
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1, depth) };
    }
  }

  #operator(pattern: RegExp): BinaryOperator | undefined {
    this.#cursor.skipBlanks();
    const found = this.#cursor.match(pattern)?.[0];
    return found === undefined ? undefined : (WORDS[found] ?? (found as BinaryOperator));
  }

  #unary(depth: number): Expression {
    const cursor = this.#cursor;
    if (depth > DEEPEST) throw cursor.problem('this is nested too deeply');
    cursor.skipBlanks();
    if (cursor.match(/!|not\b/y)) return { kind: 'not', operand: this.#unary(depth + 1) };
    const number = cursor.match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\.\d)/y)?.[0];
    if (number !== undefined) return numberOf(number);
    if (cursor.take('-')) return { kind: 'negative', operand: this.#unary(depth + 1) };
    return this.#operand(depth + 1);
  }

  #operand(depth: number): Expression {
    const cursor = this.#cursor;
    if (cursor.take('(')) {
      const inner = this.expression(depth);
      cursor.demand(')', 'what is in parentheses');
      return inner;
    }
    if (cursor.sees('$') && seesReference(cursor)) {
      return { kind: 'reference', reference: readReference(cursor, this.#readText).reference };
    }
    if (cursor.take("'")) return { kind: 'literal', value: this.#quoted("'") };
    const at = cursor.at;
    if (cursor.take('"')) {
      const text = this.#quoted('"');
      return { kind: 'text', template: this.#readText(text, cursor.base + at + 1) };
    }
    if (cursor.take('[')) return this.#listOrRange(at, depth);
    if (cursor.take('{')) return this.#map(depth);
    const word = cursor.match(/(?:true|false)\b/y)?.[0];
    if (word !== undefined) return { kind: 'literal', value: word === 'true' };
    throw cursor.problem('a value is missing here');
  }

  // A quote is written twice to stand for itself.
  #quoted(quote: string): string {
    const cursor = this.#cursor;
    const begin = cursor.at;
    const match = cursor.match(quote === "'" ? /(?:[^']|'')*'/y : /(?:[^"]|"")*"/y)?.[0];
    if (match === undefined) throw cursor.problem(`the closing ${quote} is missing`, begin - 1);
    return match.slice(0, -1).replaceAll(quote + quote, quote);
  }

  #listOrRange(begin: number, depth: number): Expression {
    const cursor = this.#cursor;
    cursor.skipBlanks();
    if (cursor.take(']')) return { kind: 'list', items: [] };
    const first = this.expression(depth);
    cursor.skipBlanks();
    if (cursor.take('..')) {
      const to = this.expression(depth);
      cursor.demand(']', 'a range');
      return { kind: 'range', from: first, to, at: cursor.base + begin };
    }
    if (cursor.take(']')) return { kind: 'list', items: [first] };
    cursor.demand(',', 'an element of a list');
    return { kind: 'list', items: [first, ...this.#items(']', depth)] };
  }

  #items(end: ')' | ']', depth: number): readonly Expression[] {
    const cursor = this.#cursor;
    const items: Expression[] = [];
    cursor.skipBlanks();
    if (items.length === 0 && end === ')' && cursor.take(end)) return items;
    for (;;) {
      items.push(this.expression(depth));
      cursor.skipBlanks();
      if (cursor.take(end)) return items;
      cursor.demand(',', end === ')' ? 'an argument' : 'an element of a list');
    }
  }

  #map(depth: number): Expression {
    const cursor = this.#cursor;
    const entries: (readonly [Expression, Expression])[] = [];
    cursor.skipBlanks();
    if (cursor.take('}')) return { kind: 'map', entries };
    for (;;) {
      const key = this.expression(depth);
      cursor.demand(':', 'a key');
      entries.push([key, this.expression(depth)]);
      cursor.skipBlanks();
      if (cursor.take('}')) return { kind: 'map', entries };
      cursor.demand(',', 'an entry of a map');
    }
  }
}

function numberOf(text: string): Expression {
  return { kind: /[.eE]/.test(text) ? 'decimal' : 'integer', value: Number(text) };
}

const LEVELS: readonly RegExp[] = [
  /\|\||or\b/y,
  /&&|and\b/y,
  /==|!=|eq\b|ne\b/y,
  /<=|>=|<|>|le\b|ge\b|lt\b|gt\b/y,
  // A minus before a digit belongs to the number, as in Velocity: $n - 1, not $n -1.
  /\+|-(?!\d)/y,
  /[*/%]/y,
];

const WORDS: Readonly<Record<string, BinaryOperator>> = {
  or: '||',
  and: '&&',
  eq: '==',
  ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
};
