// The files that are generated from the schemas and committed: for editors and for readers.
import type * as z from 'zod';
import { schemaFile } from './json-schema.ts';
import { type ReferenceSection, referencePage } from './reference-page.ts';
import { requirementsSchema } from './requirement.ts';
import { scenarioSchema } from './schema.ts';
import { suiteSchema } from './suite.ts';

/** A file by its path from the root of the repository. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** A kind of file that another part of the tool owns. */
export interface OtherFile {
  /** `target`: the schema becomes `schema/target-1.schema.json`. */
  readonly name: string;
  readonly schema: z.ZodType;
  /** Whether `${…}` may stand in it; it may. */
  readonly variables?: false;
  /** Its sections on the reference page. */
  readonly sections: readonly ReferenceSection[];
}

/** All of them; `others` bring the schemas that this layer may not import. */
export function generatedFiles(others: readonly OtherFile[] = []): readonly GeneratedFile[] {
  const schemas = [
    { name: 'scenario', schema: scenarioSchema, variables: true },
    { name: 'suite', schema: suiteSchema, variables: false },
    { name: 'requirements', schema: requirementsSchema, variables: false },
    ...others.map(({ name, schema, variables = true }) => ({ name, schema, variables })),
  ];
  const files = schemas.map(({ name, schema, variables }) => ({
    path: `schema/${name}-1.schema.json`,
    text: schemaFile(schema, { id: `${name}-1.schema.json`, variables }),
  }));
  const page = referencePage(others.flatMap(({ sections }) => sections));
  return [...files, { path: 'docs/scenario-reference.md', text: page }];
}
