// How long cases take, in three tiers, so that nobody waits two hours unasked.
import type { Tier } from './model.ts';

/** From the shortest to the longest. */
export const TIERS = ['fast', 'slow', 'hours'] as const satisfies readonly Tier[];

/** The tier of a case that waits so long on purpose: up to a minute, up to an hour, or longer. */
export function tierOf(waitMs: number): Tier {
  if (waitMs <= 60_000) return 'fast';
  return waitMs <= 3_600_000 ? 'slow' : 'hours';
}

/** True when who asks for `chosen` gets `tier`, too. */
export function includesTier(chosen: Tier, tier: Tier): boolean {
  return TIERS.indexOf(tier) <= TIERS.indexOf(chosen);
}
