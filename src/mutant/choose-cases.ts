// Which cases a fault is run against: those that hold what it names, always; of the others all, or as
// many as a seed draws. The sample is what finds that a fault breaks something nobody thought of.
import { seededRandom } from '../base/random.ts';
import type { CaseSpec } from '../scenario/model.ts';
import type { FaultSpec } from './kill.ts';

/** How much of the suites a fault is run against. */
export interface Scope {
  /** Decides which other cases a fault is run against, and the random values of every run. */
  readonly seed: string;
  /** Cases that hold nothing of what the fault names, for each fault. */
  readonly others: number | 'all';
}

/** The cases for one fault, in the order of `cases`; the same for the same seed. */
export function chooseCases<Case extends Pick<CaseSpec, 'scenario'>>(
  { name, breaks, prevents = [] }: FaultSpec,
  cases: readonly Case[],
  { seed, others }: Scope,
): readonly Case[] {
  if (others === 'all') return cases;
  const named = new Set([...breaks, ...prevents].map(scenarioOf));
  const rest = cases.filter(({ scenario }) => !named.has(scenario));
  const drawn = new Set(draw(rest, others, `${seed}/${name}`));
  return cases.filter((spec) => named.has(spec.scenario) || drawn.has(spec));
}

function scenarioOf(check: string): string {
  return check.slice(0, check.indexOf('#'));
}

function draw<T>(from: readonly T[], count: number, seed: string): readonly T[] {
  const random = seededRandom(seed);
  const left = [...from];
  const wanted = Math.min(count, left.length);
  return Array.from({ length: wanted }, () => left.splice(random.integer(left.length), 1)).flat();
}
