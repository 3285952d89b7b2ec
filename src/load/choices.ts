// Which endpoint an attempt is of, and how it ends: by their shares, and by its number alone.
import { createDraw, pickShare } from './draw.ts';
import type { LoadPlan } from './plan.ts';

/** Indexes into the endpoints and the endings of a plan, by number of the attempt. */
export interface Choices {
  readonly endpointOf: (number: number) => number;
  readonly endingOf: (number: number) => number;
}

/** The choices of a plan; all workers make the same. */
export function createChoices({
  seed,
  endpoints,
  endings,
}: Pick<LoadPlan, 'seed' | 'endpoints' | 'endings'>): Choices {
  const drawEndpoint = createDraw(seed, 'endpoints');
  const drawEnding = createDraw(seed, 'endings');
  return {
    endpointOf: (number) => pickShare(endpoints, drawEndpoint(number)),
    endingOf: (number) => pickShare(endings, drawEnding(number)),
  };
}
