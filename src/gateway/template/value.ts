// The values of a template, and the text of each as Java writes it, because that is what templates show.
import type { Json } from '../../base/json.ts';

/** A value. `undefined` is what has none: its reference is shown as it was written. */
export type Value =
  | undefined
  | null
  | string
  | boolean
  /** A whole number. */
  | number
  | Decimal
  | Value[]
  | ValueMap
  | ValueObject;

/** A map; keys are texts and keep their order. */
export type ValueMap = Map<string, Value>;

/** A number that is not whole, or is the result of one that was not. */
export class Decimal {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

type Call = (method: string, args: readonly Value[]) => Value;
type Read = (name: string) => Value;

/** Something with methods and properties of its own, such as `$input`. */
export class ValueObject {
  /** What a method answers; `undefined` for one that it does not have. */
  readonly call: Call;
  readonly property: Read;
  readonly text: string;

  constructor(call: Call, property: Read = () => undefined, text = '') {
    this.call = call;
    this.property = property;
    this.text = text;
  }
}

/** A JSON value as a value of templates. */
export function fromJson(json: Json | undefined): Value {
  if (Array.isArray(json)) return (json as readonly Json[]).map(fromJson);
  if (typeof json === 'object' && json !== null) {
    return new Map(Object.entries(json).map(([key, value]) => [key, fromJson(value)]));
  }
  if (typeof json !== 'number') return json;
  return Number.isInteger(json) ? json : new Decimal(json);
}

/** Its text: `[1, 2]` for a list, `{a=1}` for a map, `null` inside of them. */
export function textOf(value: Value, depth = 0): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return wholeText(value);
  if (typeof value === 'boolean') return String(value);
  if (depth > DEEPEST) return '…';
  if (value instanceof Decimal) return decimalText(value.value);
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item, depth + 1)).join(', ')}]`;
  if (value instanceof ValueObject) return value.text;
  const entries = [...value].map(([key, item]) => `${key}=${textOf(item, depth + 1)}`);
  return `{${entries.join(', ')}}`;
}

/** A map or list that holds itself would never end. */
const DEEPEST = 64;

/** Velocity's truth: nothing, `false`, 0, an empty text, list or map are false. */
export function isTrue(value: Value): boolean {
  if (value instanceof Decimal) return value.value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return Boolean(value);
}

/** Equal numbers, equal texts, lists and maps with equal parts; what differs in kind by its text. */
export function areEqual(left: Value, right: Value): boolean {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) return a === b;
  const nothing = left === null || left === undefined;
  if (nothing || right === null || right === undefined) return nothing && (right ?? null) === null;
  return textOf(left) === textOf(right);
}

/** The number that a value is; `undefined` when it is none. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  return value instanceof Decimal ? value.value : undefined;
}

function wholeText(value: number): string {
  return Math.abs(value) < 1e21 ? BigInt(value).toString() : decimalText(value);
}

// Java's Double.toString: plain from 10^-3 to 10^7, else with an exponent, and always with a point.
function decimalText(value: number): string {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e7)) {
    const plain = String(value);
    return plain.includes('.') ? plain : `${plain}.0`;
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}
