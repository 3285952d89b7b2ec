// JSON Schemas (2020-12) for editors, made from the same schemas that judge the files.
import * as z from 'zod';

type Schema = z.core.JSONSchema.BaseSchema;
type AnySchema = z.core.JSONSchema._JSONSchema;

/** What a schema file is called, and whether variables may stand in the files it describes. */
interface SchemaOptions {
  readonly id: string;
  readonly variables: boolean;
}

/**
 * The JSON Schema of what a user may write. With `variables` every value that is not plain text may
 * also be a text with a variable in it. A mapping that may be empty may also be null, because `key:`
 * alone is one.
 */
function jsonSchemaOf(schema: z.ZodType, { id, variables }: SchemaOptions): Schema {
  const made = z.toJSONSchema(schema, { io: 'input', reused: 'ref' });
  const { $schema, $defs = {}, ...root } = made;
  const { title, description } = z.globalRegistry.get(schema) ?? {};
  const walk = (one: AnySchema): AnySchema => widen(one, variables);
  const about = {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
  };
  return {
    ...($schema === undefined ? {} : { $schema }),
    $id: id,
    ...about,
    ...within(withoutTitle(root), walk),
    $defs: Object.fromEntries(
      Object.entries($defs).map(([name, one]) => [name, walk(one) as Schema]),
    ),
  };
}

/** The text of a schema file. */
export function schemaFile(schema: z.ZodType, options: SchemaOptions): string {
  return `${JSON.stringify(jsonSchemaOf(schema, options), undefined, 1)}\n`;
}

// Any text that holds one: `${count}`, `${n}s`.
const VARIABLE = { type: 'string', pattern: String.raw`\$\{[^}]+\}` } as const;

const ANNOTATIONS = ['description', 'examples'];

function widen(schema: AnySchema, variables: boolean): AnySchema {
  if (typeof schema === 'boolean') return schema;
  const inner = within(withoutTitle(schema), (one) => widen(one, variables));
  const entries = Object.entries(inner);
  const about = Object.fromEntries(entries.filter(([key]) => ANNOTATIONS.includes(key)));
  const own: Schema = Object.fromEntries(entries.filter(([key]) => !ANNOTATIONS.includes(key)));
  const keys = Object.keys(own);
  // Plain text and anything hold variables already; a reference leads to something that was widened.
  if (keys.length === 0 || isFreeText(own) || keys.join() === '$ref') return inner;
  const none = mayBeEmpty(own) ? [{ type: 'null' as const }] : [];
  const more = [...none, ...(variables ? [VARIABLE] : [])];
  if (more.length === 0) return inner;
  if (keys.join() === 'anyOf') return { ...about, anyOf: [...(own.anyOf ?? []), ...more] };
  return { ...about, anyOf: [own, ...more] };
}

/** The schema with `walk` applied to those inside it; names of keys hold no variables. */
function within(schema: Schema, walk: (one: AnySchema) => AnySchema): Schema {
  const { properties, items, additionalProperties, anyOf } = schema;
  // zod's type has an index signature that spreading does not keep.
  return {
    ...schema,
    ...(properties === undefined ? {} : { properties: mapValues(properties, walk) }),
    ...(items === undefined || Array.isArray(items) ? {} : { items: walk(items) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: walk(additionalProperties) }),
    // An alternative is widened as a whole.
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((one) => withinAny(one, walk)) }),
  } as Schema;
}

function withinAny(schema: AnySchema, walk: (one: AnySchema) => AnySchema): AnySchema {
  return typeof schema === 'boolean' ? schema : within(withoutTitle(schema), walk);
}

function mapValues(
  schemas: Readonly<Record<string, AnySchema>>,
  walk: (one: AnySchema) => AnySchema,
): Record<string, AnySchema> {
  return Object.fromEntries(Object.entries(schemas).map(([key, one]) => [key, walk(one)]));
}

function withoutTitle(schema: Schema): Schema {
  const { title: _, ...rest } = schema;
  return rest;
}

function isFreeText(schema: Schema): boolean {
  const constrained = schema.pattern ?? schema.enum ?? schema.const;
  return schema.type === 'string' && constrained === undefined;
}

function mayBeEmpty(schema: Schema): boolean {
  return schema.type === 'object' && schema.required === undefined && schema.oneOf === undefined;
}
