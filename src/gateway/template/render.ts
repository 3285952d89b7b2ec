// Renders a mapping template. The template is the configuration's, what goes through it is the client's:
// work and output are bounded, and beyond the bounds there is an error and no half of a payload.
import { evaluate, LONGEST_RANGE, resolve, type Scope } from './evaluate.ts';
import type { Reference, Template, TemplateNode } from './syntax.ts';
import { TemplateError } from './template-error.ts';
import { fromJson, isTrue, textOf, type Value, ValueObject } from './value.ts';

/** Steps of work in one rendering. */
const MOST_STEPS = 200_000;
/** Characters that one rendering may make, what it shows and what is in between. */
const LONGEST_OUTPUT = 4 * 1024 * 1024;

/**
 * The text that a template makes with these variables.
 *
 * @throws {TemplateError} when it takes too many steps, goes through more than 1,000 elements in one
 * `#foreach` (API Gateway's quota for REST APIs), or makes too much
 */
export function renderTemplate(template: Template, variables: ReadonlyMap<string, Value>): string {
  try {
    return new Rendering(variables).render(template);
  } catch (thrown) {
    // A text longer than the engine can hold.
    if (thrown instanceof RangeError) throw new TemplateError('this makes too much text', 0);
    throw thrown;
  }
}

type Flow = 'goes-on' | 'break' | 'stop';

class Rendering implements Scope {
  readonly variables: Map<string, Value>;
  #steps = 0;
  #made = 0;
  #output: string[] = [];

  constructor(variables: ReadonlyMap<string, Value>) {
    this.variables = new Map(variables);
  }

  render(template: Template): string {
    this.#nodes(template);
    return this.#output.join('');
  }

  step(at = 0): void {
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) throw new TemplateError('this takes too many steps', at);
  }

  text(template: Template): string {
    const outer = this.#output;
    this.#output = [];
    this.#nodes(template);
    const text = this.#output.join('');
    this.#output = outer;
    return text;
  }

  bounded(value: Value): Value {
    if (typeof value === 'string') this.#count(value.length);
    return value;
  }

  #count(length: number, at = 0): void {
    this.#made += length;
    if (this.#made > LONGEST_OUTPUT) throw new TemplateError('this makes too much text', at);
  }

  #write(text: string, at = 0): void {
    this.#count(text.length, at);
    this.#output.push(text);
  }

  #nodes(nodes: Template): Flow {
    for (const node of nodes) {
      const flow = this.#node(node);
      if (flow !== 'goes-on') return flow;
    }
    return 'goes-on';
  }

  #node(node: TemplateNode): Flow {
    this.step();
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return 'goes-on';
      case 'output':
        this.#show(node);
        return 'goes-on';
      case 'escaped':
        this.#write(this.#isKnown(node.reference) ? node.source : `\\${node.source}`);
        return 'goes-on';
      case 'set':
        this.#set(node.target, evaluate(node.value, this));
        return 'goes-on';
      case 'if': {
        const taken = node.branches.find(({ test }) => isTrue(evaluate(test, this)));
        return this.#nodes(taken?.body ?? node.otherwise);
      }
      case 'foreach':
        return this.#foreach(node);
      case 'break':
      case 'stop':
    }
    return node.kind;
  }

  #isKnown(reference: Reference): boolean {
    const value = resolve(reference, this);
    return value !== undefined && value !== null;
  }

  #show({ reference, quiet, source }: Extract<TemplateNode, { kind: 'output' }>): void {
    const value = resolve(reference, this);
    if (value !== undefined && value !== null) this.#write(textOf(value), reference.at);
    else if (!quiet) this.#write(source, reference.at);
  }

  #set({ name, path }: Reference, value: Value): void {
    const last = path.at(-1);
    if (last === undefined) {
      this.variables.set(name, value);
      return;
    }
    const owner = resolve({ name, path: path.slice(0, -1), at: 0 }, this);
    if (last.kind === 'call') return;
    const key = last.kind === 'property' ? last.name : evaluate(last.index, this);
    if (owner instanceof Map) owner.set(textOf(key), value);
    else if (Array.isArray(owner) && typeof key === 'number' && key < owner.length) {
      owner[key] = value;
    }
  }

  #foreach(loop: Extract<TemplateNode, { kind: 'foreach' }>): Flow {
    const items = itemsOf(evaluate(loop.list, this));
    if (items === undefined || items.length === 0) return this.#nodes(loop.otherwise);
    if (items.length > LONGEST_RANGE) {
      const message = `#foreach over ${items.length} elements; at most ${LONGEST_RANGE} are allowed`;
      throw new TemplateError(message, loop.at);
    }
    const outer = [loop.name, 'foreach'].map((name) => [name, this.variables.get(name)] as const);
    let flow: Flow = 'goes-on';
    for (const [index, item] of items.entries()) {
      this.step(loop.at);
      this.variables.set(loop.name, item);
      this.variables.set('foreach', progress(index, items.length, outer[1]?.[1]));
      flow = this.#nodes(loop.body);
      if (flow !== 'goes-on') break;
    }
    for (const [name, value] of outer) {
      if (value === undefined) this.variables.delete(name);
      else this.variables.set(name, value);
    }
    return flow === 'stop' ? 'stop' : 'goes-on';
  }
}

// A map is gone through by its values.
function itemsOf(value: Value): readonly Value[] | undefined {
  if (Array.isArray(value)) return [...value];
  return value instanceof Map ? [...value.values()] : undefined;
}

function progress(index: number, length: number, parent: Value): Value {
  const state = new Map(
    Object.entries({
      count: index + 1,
      index,
      hasNext: index + 1 < length,
      first: index === 0,
      last: index + 1 === length,
    }).map(([name, value]) => [name, fromJson(value)] as const),
  );
  const read = (name: string): Value => (name === 'parent' ? parent : state.get(name));
  return new ValueObject((name) => (name === 'hasNext' ? read(name) : undefined), read);
}
