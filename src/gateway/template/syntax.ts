// What a mapping template is made of, once it has been read.

/** A piece of a template. `at` is an offset in the text of the template. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'output';
      readonly reference: Reference;
      readonly quiet: boolean;
      readonly source: string;
    }
  /** `\$name`: the reference as text where it has a value, else as it stands. */
  | { readonly kind: 'escaped'; readonly reference: Reference; readonly source: string }
  | { readonly kind: 'set'; readonly target: Reference; readonly value: Expression }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: Template }
  | {
      readonly kind: 'foreach';
      readonly name: string;
      readonly list: Expression;
      readonly body: Template;
      /** What stands for a list without elements. */
      readonly otherwise: Template;
      readonly at: number;
    }
  | { readonly kind: 'break' | 'stop' };

/** A template, or a part of one. */
export type Template = readonly TemplateNode[];

interface Branch {
  readonly test: Expression;
  readonly body: Template;
}

/** `$name`, and what is asked of it, from left to right. */
export interface Reference {
  readonly name: string;
  readonly path: readonly Access[];
  readonly at: number;
}

/** One step of a reference. */
export type Access =
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'index'; readonly index: Expression }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly at: number;
    };

/** What has a value. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | boolean }
  | { readonly kind: 'integer' | 'decimal'; readonly value: number }
  /** Text in double quotes, which may hold references and directives. */
  | { readonly kind: 'text'; readonly template: Template }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | {
      readonly kind: 'range';
      readonly from: Expression;
      readonly to: Expression;
      readonly at: number;
    }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'reference'; readonly reference: Reference }
  | { readonly kind: 'not' | 'negative'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    };

/** Operators between two operands. */
export type BinaryOperator =
  | '||'
  | '&&'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%';
