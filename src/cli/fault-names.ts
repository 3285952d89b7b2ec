// Names of faults as they are given on the command line.
import { ToolError } from '../base/errors.ts';
import { FAULTS } from '../gateway/faults.ts';
import { suggest } from '../scenario/suggest.ts';

/**
 * Refuses names that no fault has, before anything is started.
 *
 * @throws {ToolError} USAGE
 */
export function demandFaults(names: readonly string[]): void {
  const known = FAULTS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const near = unknown.flatMap((name) => suggest(name, known) ?? []);
  throw new ToolError('USAGE', `There is no fault called ${unknown.join(', ')}.`, {
    hint: near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'See ws-assay list --faults.',
  });
}
