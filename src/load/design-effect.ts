// Losses come in clusters: one bad host, one bad second. How much less a sample says about a share then.

/** What was counted in one block of time. */
export interface Block {
  readonly held: number;
  readonly samples: number;
}

/**
 * The variance of the share over blocks against that of independent samples; at least 1. L. Kish, Survey
 * Sampling (1965), 5.6: a share is a ratio of the totals of clusters.
 */
export function designEffect(blocks: Iterable<Block>): number {
  const all = Array.from(blocks).filter(({ samples }) => samples > 0);
  const samples = all.reduce((sum, block) => sum + block.samples, 0);
  const share = all.reduce((sum, block) => sum + block.held, 0) / samples;
  // One block says nothing of the spread between blocks; a share of 0 or 1 has none.
  if (all.length < 2 || share === 0 || share === 1) return 1;
  const squares = all.reduce((sum, block) => sum + (block.held - share * block.samples) ** 2, 0);
  const clustered = (squares * all.length) / (all.length - 1);
  return Math.max(1, clustered / (samples * share * (1 - share)));
}
