// Reads a mapping template: text, references, directives, comments (the Velocity Template Language of
// Apache Velocity 2.3 with its default settings, as far as API Gateway's guide uses it). A directive that
// is alone on its line leaves nothing of the line.
import { Cursor } from './cursor.ts';
import { readExpression, readReference, seesReference } from './read-expression.ts';
import type { Expression, Template, TemplateNode } from './syntax.ts';

/** How deep blocks may be nested. */
const DEEPEST = 50;

/**
 * Reads a template.
 *
 * @throws {TemplateError} for what is no template, or has directives that are not supported
 */
export function readTemplate(text: string): Template {
  return read(text, 0, 0);
}

function read(text: string, base: number, depth: number): Template {
  return new TemplateReader(new Cursor(text, base), depth).whole();
}

type BlockEnd = '#end' | '#else' | '#elseif';

interface Block {
  readonly nodes: Template;
  readonly end: BlockEnd | undefined;
}

class TemplateReader {
  readonly #cursor: Cursor;
  #depth: number;
  /** The text that has been read and belongs to no node yet. */
  #text = '';

  constructor(cursor: Cursor, depth: number) {
    this.#cursor = cursor;
    this.#depth = depth;
  }

  whole(): Template {
    const begin = this.#cursor.at;
    const { nodes, end } = this.#block();
    if (end !== undefined) throw this.#cursor.problem(`${end} without a block`, begin);
    return nodes;
  }

  /** Reads up to the end of the text, or past a directive that ends a block. */
  #block(): Block {
    if (this.#depth > DEEPEST) throw this.#cursor.problem('this is nested too deeply');
    const nodes: TemplateNode[] = [];
    const outer = this.#text;
    this.#text = '';
    const flush = (): void => {
      if (this.#text !== '') nodes.push({ kind: 'text', text: this.#text });
      this.#text = '';
    };
    for (;;) {
      this.#text += this.#cursor.match(/[^$#\\]*/y)?.[0] ?? '';
      if (this.#cursor.isAtEnd) break;
      const end = this.#blockEnd();
      if (end !== undefined) {
        flush();
        this.#text = outer;
        return { nodes, end };
      }
      const node = this.#node(flush);
      if (node !== undefined) nodes.push(node);
    }
    flush();
    this.#text = outer;
    return { nodes, end: undefined };
  }

  #blockEnd(): BlockEnd | undefined {
    const cursor = this.#cursor;
    const begin = cursor.at;
    const word = cursor.match(
      /#(?:(end|else)(?![A-Za-z0-9_])|\{(end|else|elseif)\}|(elseif)(?=\s*\())/y,
    );
    if (word === undefined) return undefined;
    const name = word[1] ?? word[2] ?? word[3];
    if (this.#depth === 0) throw cursor.problem(`#${name} without a block`, begin);
    const end = `#${name}` as BlockEnd;
    if (end !== '#elseif') this.#ownLine(begin);
    return end;
  }

  /** One node, or nothing where the cursor stood at text. */
  #node(flush: () => void): TemplateNode | undefined {
    const cursor = this.#cursor;
    if (cursor.sees('\\')) return this.#backslash(flush);
    if (cursor.sees('$')) return this.#output(flush);
    const begin = cursor.at;
    if (cursor.match(/##[^\n]*\n?/y)) return undefined;
    if (cursor.take('#*')) return this.#comment(begin);
    const raw = cursor.match(/#\[\[([^]*?)\]\]#/y);
    if (raw !== undefined) {
      this.#text += raw[1] ?? '';
      return undefined;
    }
    const directive = cursor.match(/#(?:\{([a-z]+)\}|([a-z]+))/y);
    const name = directive?.[1] ?? directive?.[2] ?? '';
    if (directive === undefined || !DIRECTIVES.has(name)) {
      if (UNSUPPORTED.has(name)) throw cursor.problem(`#${name} is not supported`, begin);
      this.#text += directive?.[0] ?? '#';
      if (directive === undefined) cursor.at += 1;
      return undefined;
    }
    return this.#directive(name, begin, flush);
  }

  #directive(name: string, begin: number, flush: () => void): TemplateNode {
    if (name === 'set') return this.#set(begin, flush);
    if (name === 'if') return this.#if(begin, flush);
    if (name === 'foreach') return this.#foreach(begin, flush);
    this.#ownLine(begin);
    flush();
    return { kind: name === 'break' ? 'break' : 'stop' };
  }

  #set(begin: number, flush: () => void): TemplateNode {
    const cursor = this.#cursor;
    cursor.demand('(', '#set');
    cursor.skipBlanks();
    if (!seesReference(cursor)) throw cursor.problem('a $reference is missing after #set(');
    const { reference: target } = readReference(cursor, this.#readText);
    if (target.path.at(-1)?.kind === 'call') throw cursor.problem('a call cannot be set');
    cursor.demand('=', 'the reference of #set');
    const value = readExpression(cursor, this.#readText);
    cursor.demand(')', '#set');
    this.#ownLine(begin);
    flush();
    return { kind: 'set', target, value };
  }

  #if(begin: number, flush: () => void): TemplateNode {
    let test = this.#test('#if', begin);
    flush();
    const branches: { readonly test: Expression; readonly body: Template }[] = [];
    for (;;) {
      const { nodes, end } = this.#inner();
      if (end === undefined) throw this.#cursor.problem('#end is missing for this #if', begin);
      branches.push({ test, body: nodes });
      if (end === '#end') return { kind: 'if', branches, otherwise: [] };
      if (end === '#else') return { kind: 'if', branches, otherwise: this.#last('#if', begin) };
      test = this.#test('#elseif', this.#cursor.at);
    }
  }

  #test(directive: string, begin: number): Expression {
    const cursor = this.#cursor;
    cursor.demand('(', directive);
    const test = readExpression(cursor, this.#readText);
    cursor.demand(')', `the condition of ${directive}`);
    this.#ownLine(directive === '#elseif' ? begin - '#elseif'.length : begin);
    return test;
  }

  #foreach(begin: number, flush: () => void): TemplateNode {
    const cursor = this.#cursor;
    cursor.demand('(', '#foreach');
    cursor.skipBlanks();
    if (!seesReference(cursor)) throw cursor.problem('a $reference is missing after #foreach(');
    const { reference } = readReference(cursor, this.#readText);
    if (reference.path.length > 0) throw cursor.problem('#foreach needs a plain $reference');
    cursor.skipBlanks();
    if (!cursor.match(/in\b/y)) throw cursor.problem('in is missing in #foreach');
    const list = readExpression(cursor, this.#readText);
    cursor.demand(')', '#foreach');
    this.#ownLine(begin);
    flush();
    const { nodes: body, end } = this.#inner();
    if (end !== '#end' && end !== '#else') {
      throw cursor.problem('#end is missing for this #foreach', begin);
    }
    const otherwise = end === '#else' ? this.#last('#foreach', begin) : [];
    return {
      kind: 'foreach',
      name: reference.name,
      list,
      body,
      otherwise,
      at: cursor.base + begin,
    };
  }

  #inner(): Block {
    this.#depth += 1;
    const block = this.#block();
    this.#depth -= 1;
    return block;
  }

  #last(directive: string, begin: number): Template {
    const { nodes, end } = this.#inner();
    if (end !== '#end') throw this.#cursor.problem(`#end is missing for this ${directive}`, begin);
    return nodes;
  }

  #output(flush: () => void): TemplateNode | undefined {
    const cursor = this.#cursor;
    if (!seesReference(cursor)) {
      cursor.take('$');
      this.#text += '$';
      return undefined;
    }
    flush();
    const begin = cursor.at;
    const { reference, quiet } = readReference(cursor, this.#readText);
    return { kind: 'output', reference, quiet, source: cursor.text.slice(begin, cursor.at) };
  }

  #backslash(flush: () => void): TemplateNode | undefined {
    const cursor = this.#cursor;
    cursor.take('\\');
    if (cursor.sees('$') && seesReference(cursor)) {
      flush();
      const begin = cursor.at;
      const { reference } = readReference(cursor, this.#readText);
      return { kind: 'escaped', reference, source: cursor.text.slice(begin, cursor.at) };
    }
    const directive = cursor.match(/#(?:set|if|elseif|else|end|foreach|break|stop)\b/y)?.[0];
    this.#text += directive ?? '\\';
    return undefined;
  }

  #comment(begin: number): undefined {
    const cursor = this.#cursor;
    const end = cursor.text.indexOf('*#', cursor.at);
    if (end === -1) throw cursor.problem('the closing *# of this comment is missing', begin);
    cursor.at = end + 2;
    return undefined;
  }

  /** Nothing remains of a line that holds only what began at `begin` and has just ended. */
  #ownLine(begin: number): void {
    const cursor = this.#cursor;
    const lineStart = cursor.text.lastIndexOf('\n', begin - 1) + 1;
    const before = begin === 0 ? '' : cursor.text.slice(lineStart, begin);
    if (!/^[ \t]*$/.test(before) || !cursor.looksLike(/[ \t]*(?:\r?\n|$)/y)) return;
    if (!this.#text.endsWith(before)) return;
    cursor.match(/[ \t]*(?:\r?\n)?/y);
    this.#text = this.#text.slice(0, this.#text.length - before.length);
  }

  readonly #readText = (text: string, base: number): Template =>
    read(text, base, this.#depth + 1 > DEEPEST ? DEEPEST + 1 : 0);
}

const DIRECTIVES = new Set(['set', 'if', 'foreach', 'break', 'stop']);
const UNSUPPORTED = new Set(['macro', 'parse', 'include', 'evaluate', 'define', 'return']);
