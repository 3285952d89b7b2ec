// JSON Schema 2020-12 (https://json-schema.org/draft/2020-12), by ajv. Nothing is fetched: a `$ref`
// that leads out of the schema is an error of the schema.
import { Ajv2020, type ErrorObject, type Options, type ValidateFunction } from 'ajv/dist/2020.js';
import { messageOf } from './errors.ts';
import type { Json } from './json.ts';

/**
 * What is wrong with `value`, one line for each place, `/requestContext: must have property x`;
 * empty when it is valid.
 *
 * @throws {Error} when `schema` itself is not a valid schema
 */
export function validateSchema(schema: Json, value: Json): readonly string[] {
  const validate = compiled(schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(describeError);
}

/** What keeps `schema` from being a JSON Schema; undefined when it is one. */
export function schemaProblem(schema: Json): string | undefined {
  try {
    compiled(schema);
    return undefined;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

// A check is judged again with every record that comes in, and compiling costs milliseconds. The
// key is the schema's own value, so this can change no answer.
const compiledSchemas = new WeakMap<object, ValidateFunction>();

function compiled(schema: Json): ValidateFunction {
  if (typeof schema !== 'object' || schema === null) return compile(schema);
  const known = compiledSchemas.get(schema);
  if (known !== undefined) return known;
  const validate = compile(schema);
  compiledSchemas.set(schema, validate);
  return validate;
}

// One for each schema, because two schemas may have the same `$id`. That it is a schema is found out
// by one for all, which compiles the schema of schemas once: it is by far the largest of them.
function compile(schema: Json): ValidateFunction {
  if (typeof schema !== 'boolean' && (typeof schema !== 'object' || schema === null)) {
    throw new TypeError('a JSON Schema is an object or a boolean');
  }
  judge ??= new Ajv2020(OPTIONS);
  if (typeof schema === 'object') void judge.validateSchema(schema, true);
  return new Ajv2020({ ...OPTIONS, validateSchema: false }).compile(schema);
}

let judge: Ajv2020 | undefined;

const OPTIONS: Options = { strict: false, allErrors: true, logger: false, validateFormats: false };

function describeError({ instancePath, message }: ErrorObject): string {
  return `${instancePath === '' ? '/' : instancePath}: ${message ?? 'is not valid'}`;
}
