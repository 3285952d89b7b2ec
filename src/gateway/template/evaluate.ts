// Gives expressions and references of a template their values, within limits.
import { callMethod, elementOf, propertyOf } from './methods.ts';
import type { Access, BinaryOperator, Expression, Reference, Template } from './syntax.ts';
import { TemplateError } from './template-error.ts';
import { areEqual, Decimal, isTrue, numberOf, textOf, type Value } from './value.ts';

/** The variables of a template, and what it may still use up. */
export interface Scope {
  readonly variables: Map<string, Value>;
  /** Counts one step of work. @throws {TemplateError} when there were too many */
  step(at?: number): void;
  /** The value, counted where it is new text. @throws {TemplateError} when there was too much */
  bounded(value: Value): Value;
  /** Renders text in double quotes. */
  text(template: Template): string;
}

/** How many elements a range may have: as many as #foreach goes through. */
export const LONGEST_RANGE = 1000;

/** The value of an expression. @throws {TemplateError} beyond the limits */
export function evaluate(expression: Expression, scope: Scope): Value {
  scope.step();
  switch (expression.kind) {
    case 'literal':
    case 'integer':
      return expression.value;
    case 'decimal':
      return new Decimal(expression.value);
    case 'text':
      return scope.text(expression.template);
    case 'list':
      return expression.items.map((item) => evaluate(item, scope));
    case 'map':
      return new Map(
        expression.entries.map(([key, value]) => [
          textOf(evaluate(key, scope)),
          evaluate(value, scope),
        ]),
      );
    case 'range':
      return range(expression, scope);
    case 'reference':
      return resolve(expression.reference, scope);
    case 'not':
      return !isTrue(evaluate(expression.operand, scope));
    case 'negative':
      return arithmetic('-', 0, evaluate(expression.operand, scope));
    case 'binary':
  }
  return binary(expression, scope);
}

/** The value of a reference; `undefined` when it has none. */
export function resolve({ name, path }: Reference, scope: Scope): Value {
  return path.reduce<Value>(
    (value, access) =>
      value === undefined || value === null ? undefined : accessed(value, access, scope),
    scope.variables.get(name),
  );
}

function accessed(value: Value, access: Access, scope: Scope): Value {
  scope.step();
  if (access.kind === 'property') return propertyOf(value, access.name);
  if (access.kind === 'index') return elementOf(value, evaluate(access.index, scope));
  const args = access.args.map((arg) => evaluate(arg, scope));
  scope.step(access.at);
  return scope.bounded(callMethod(value, access.name, args));
}

function range({ from, to, at }: Extract<Expression, { kind: 'range' }>, scope: Scope): Value {
  const [first, last] = [evaluate(from, scope), evaluate(to, scope)];
  if (typeof first !== 'number' || typeof last !== 'number') return undefined;
  const length = Math.abs(last - first) + 1;
  if (length > LONGEST_RANGE) {
    throw new TemplateError(
      `a range of ${length} elements; at most ${LONGEST_RANGE} are allowed`,
      at,
    );
  }
  const sign = last < first ? -1 : 1;
  return Array.from({ length }, (_, index) => first + sign * index);
}

function binary(
  { operator, left, right }: Extract<Expression, { kind: 'binary' }>,
  scope: Scope,
): Value {
  const first = evaluate(left, scope);
  if (operator === '&&') return isTrue(first) && isTrue(evaluate(right, scope));
  if (operator === '||') return isTrue(first) || isTrue(evaluate(right, scope));
  const second = evaluate(right, scope);
  if (operator === '==') return areEqual(first, second);
  if (operator === '!=') return !areEqual(first, second);
  if (operator in ORDER) return ordered(operator as keyof typeof ORDER, first, second);
  return scope.bounded(arithmetic(operator as Arithmetic, first, second));
}

const ORDER = {
  '<': (order: number) => order < 0,
  '<=': (order: number) => order <= 0,
  '>': (order: number) => order > 0,
  '>=': (order: number) => order >= 0,
};

// Only numbers have an order.
function ordered(operator: keyof typeof ORDER, left: Value, right: Value): Value {
  const [a, b] = [numberOf(left), numberOf(right)];
  return a !== undefined && b !== undefined && ORDER[operator](a - b);
}

type Arithmetic = Extract<BinaryOperator, '+' | '-' | '*' | '/' | '%'>;

// Whole numbers stay whole. A sum with a text is a text. Without two numbers there is no result.
function arithmetic(operator: Arithmetic, left: Value, right: Value): Value {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a === undefined || b === undefined) {
    const isText = operator === '+' && (typeof left === 'string' || typeof right === 'string');
    return isText && left !== undefined && right !== undefined
      ? textOf(left) + textOf(right)
      : undefined;
  }
  const whole = typeof left === 'number' && typeof right === 'number';
  const dividesByNothing = b === 0 && (operator === '/' || operator === '%');
  if (dividesByNothing) return undefined;
  const result = CALCULATE[operator](a, b);
  return whole ? Math.trunc(result) + 0 : new Decimal(result);
}

const CALCULATE: Readonly<Record<Arithmetic, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};
