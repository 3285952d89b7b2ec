// The saved form of a run, and the way back. A file that is not one is refused with one sentence.
import { z } from 'zod';
import { messageOf } from '../base/errors.ts';
import { visibleJson } from '../base/visible.ts';
import type { RunResult } from '../result/run-result.ts';
import { SCHEMA_VERSION } from '../result/run-result.ts';
import { runResultSchema } from './run-result-schema.ts';

/** Either the result or why the text is none. */
export type ParsedResult =
  | { readonly kind: 'result'; readonly result: RunResult }
  | { readonly kind: 'problem'; readonly message: string };

/** Renders `result` so that `parseRunResult` gives an equal value back. */
export function renderJson(result: RunResult): string {
  return `${visibleJson(result, 2)}\n`;
}

/** Reads what `renderJson` wrote. Never throws: a truncated or foreign text is a problem. */
export function parseRunResult(text: string): ParsedResult {
  const json = parseJson(text);
  if (json.kind === 'problem') return json;
  const versioned = versionSchema.safeParse(json.value);
  if (!versioned.success) return problem('The file is JSON but not a ws-assay result.');
  const { schemaVersion } = versioned.data;
  if (schemaVersion !== SCHEMA_VERSION) return problem(versionText(schemaVersion));
  const checked = runResultSchema.safeParse(json.value);
  if (!checked.success) return problem(firstIssue(checked.error));
  // The very value that was parsed, so that keys of later minor versions survive.
  return { kind: 'result', result: json.value as RunResult };
}

const versionSchema = z.looseObject({
  schemaVersion: z.number(),
  tool: z.looseObject({ name: z.literal('ws-assay') }),
});

function parseJson(
  text: string,
): { readonly kind: 'json'; readonly value: unknown } | (ParsedResult & { kind: 'problem' }) {
  if (text.trim() === '') return problem('The file is empty.');
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch (thrown) {
    return problem(`The file is not complete JSON: ${messageOf(thrown)}.`);
  }
}

function versionText(found: number): string {
  return found > SCHEMA_VERSION
    ? `The result has schema version ${found}; this ws-assay reads ${SCHEMA_VERSION}. Update ws-assay to read it.`
    : `The result has schema version ${found}, which this ws-assay does not read.`;
}

// The place, not the library's words, which change with its version.
function firstIssue({ issues }: z.ZodError): string {
  const path = issues[0]?.path.map(String).join('.') ?? '';
  return `The result is damaged: ${path === '' ? 'the whole' : path} is not what a ws-assay result has there.`;
}

function problem(message: string): ParsedResult & { kind: 'problem' } {
  return { kind: 'problem', message };
}
