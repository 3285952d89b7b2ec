// Scenarios in TypeScript, for those who generate cases. The same shape as in YAML, typed.
import { type ParsedScenario, scenarioFromObject } from './parse.ts';
import type { ScenarioInput } from './schema.ts';

/** A scenario built in TypeScript; its id is given by whoever collects it. */
export interface DefinedScenario {
  readonly definition: ScenarioInput;
}

/**
 * Declares a scenario with the keys of a scenario file.
 *
 * @example
 * export default defineScenario({
 *   title: 'A client without a token is refused',
 *   steps: [{ connect: { credentials: 'none' } }],
 *   checks: { refused: { handshake: { status: { oneOf: [401, 403] } } } },
 * });
 */
export function defineScenario(definition: ScenarioInput): DefinedScenario {
  return { definition };
}

/** Judges it like a file: a scenario that can be expanded, or every mistake. */
export function parseDefined(defined: DefinedScenario, id: string): ParsedScenario {
  return scenarioFromObject(defined.definition, { id });
}
