// A token bucket, as API Gateway limits requests: it holds `burst` tokens, fills at `ratePerSecond`,
// and every request takes one. (Developer guide: "API Gateway uses the token bucket algorithm".)

/** How fast a bucket fills and how much it holds; 0 and 0 lets nothing through. */
export interface TokenBucketLimits {
  /** Tokens a second, 0 or more, fractions too. */
  readonly ratePerSecond: number;
  /** Tokens that a full bucket holds, 0 or more. Less than one token is never enough. */
  readonly burst: number;
}

/** One bucket. */
export interface TokenBucket {
  /** Takes a token; false when there is none, and then nothing is taken. */
  take(): boolean;
}

/**
 * Makes a bucket that is full.
 *
 * @param nowUs monotonic time in microseconds
 */
export function createTokenBucket(
  { ratePerSecond, burst }: TokenBucketLimits,
  nowUs: () => number,
): TokenBucket {
  let tokens = burst;
  let filledAtUs = nowUs();
  return {
    take: () => {
      const atUs = nowUs();
      tokens = Math.min(burst, tokens + ((atUs - filledAtUs) * ratePerSecond) / 1_000_000);
      filledAtUs = atUs;
      if (tokens < 1 - ROUNDING) return false;
      tokens = Math.max(0, tokens - 1);
      return true;
    },
  };
}

// Ten times a tenth of a token is a token.
const ROUNDING = 1e-9;
