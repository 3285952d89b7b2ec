// Named deviations: each makes the gateway wrong in one way, as a real bug would.
import { ToolError } from '../base/errors.ts';
import { type Behaviour, CORRECT_BEHAVIOUR } from './behaviour.ts';

/** One way to be wrong. */
export interface Fault {
  readonly name: string;
  readonly description: string;
  /** Ids of the requirements that it violates. */
  readonly breaks: readonly string[];
  readonly change: (behaviour: Behaviour) => Behaviour;
}

/** All faults. */
export const FAULTS: readonly Fault[] = [];

/** @throws {ToolError} USAGE for a name that is not in the list */
export function behaviourWith(
  names: readonly string[],
  faults: readonly Fault[] = FAULTS,
): Behaviour {
  return names.reduce((behaviour, name) => {
    const fault = faults.find((one) => one.name === name);
    if (fault !== undefined) return fault.change(behaviour);
    throw new ToolError('USAGE', `there is no fault called ${name}`);
  }, CORRECT_BEHAVIOUR);
}
