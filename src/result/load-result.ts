// One load as one value: what was offered, what came of it second by second, how the backend was told of the
// ends, which limiter was met, and how far the generator itself kept up. Times in milliseconds with fractions,
// counted from the start of the first phase where they are instants.

/** A distribution of times. Percentiles are by nearest rank over an HDR histogram in µs, 3 significant digits. */
export interface Distribution {
  readonly count: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** Compressed HDR histogram in µs, base64 (V2), so that results can be added later. */
  readonly histogram: string;
}

/** How attempts came out. `offered` is due by the schedule; offered = started + unsent, and started is the sum of the rest. */
export interface AttemptCounts {
  readonly offered: number;
  readonly started: number;
  readonly unsent: number;
  readonly opened: number;
  /** By HTTP status. */
  readonly refused: Readonly<Record<string, number>>;
  /** Transport errors by kind: `refused`, `reset`, `closed`, `dns`, `tls`, `local-ports`, `descriptors`, `protocol`, … */
  readonly failed: Readonly<Record<string, number>>;
  readonly timedOut: number;
  /** Ended on purpose in the middle of the handshake. */
  readonly aborted: number;
}

/** One second of a load. */
export interface LoadSecond extends AttemptCounts {
  /** Its start. */
  readonly atMs: number;
  /** Connections open at its end. */
  readonly open: number;
  readonly p50Ms?: number;
  readonly p90Ms?: number;
  readonly p99Ms?: number;
  readonly latenessP99Ms?: number;
  /** `$disconnect` seen in it, where an observer is there. */
  readonly delivered?: number;
}

/** One phase as it was carried out. */
export interface PhaseResult extends AttemptCounts {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a refusal looked like, once for each status. */
export interface RefusalShape {
  readonly status: number;
  readonly count: number;
  readonly statusText: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: string;
  /** Seconds that `Retry-After` asked for, where it was there. */
  readonly retryAfter?: { readonly min: number; readonly max: number };
}

/** The generator's own account of itself. */
export interface GeneratorAccount {
  readonly workers: number;
  readonly precise: boolean;
  /** Actual minus intended start. */
  readonly lateness: Distribution;
  /** Start to request written, in the client: what hides inside every latency. */
  readonly connectLag?: Distribution;
  readonly loop: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
  /** CPU seconds of each worker over its wall seconds, 0 to 1. */
  readonly cpu: readonly number[];
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
  /** Why the generator was the bottleneck, each a sentence with its figure; empty: it was not. */
  readonly limits: readonly string[];
}

/** A share of connections with its interval, from 0 to 1. */
export interface ShareEstimate {
  readonly held: number;
  readonly samples: number;
  readonly low: number;
  readonly high: number;
}

/** How the `$disconnect` of one stratum (way of ending) came. */
export interface DeliveryStratum {
  readonly ending: string;
  /** Connections that opened and ended so. */
  readonly ended: number;
  readonly onTime: number;
  readonly late: number;
  readonly missing: number;
  readonly indeterminate: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  readonly onTimeShare: ShareEstimate;
  /** Delivered by 1, 5, 30, 60, 300 s, as far as was watched. */
  readonly ladder: readonly ({ readonly deadlineMs: number } & ShareEstimate)[];
  /** Kaplan-Meier: percentiles with what was still missing counted as censored; absent where not reached. */
  readonly survival: Readonly<Record<'p50' | 'p90' | 'p99', number | undefined>>;
  /** Variance of the loss over 1-s blocks against that of independent losses; at least 1. */
  readonly designEffect: number;
}

/** `$disconnect` over a whole load. */
export interface DeliveryResult {
  readonly deadlineMs: number;
  readonly watchedMs: number;
  readonly plateau: boolean;
  readonly strata: readonly DeliveryStratum[];
  /** A `$connect` of which the client never saw the 101. */
  readonly orphaned: number;
  readonly canaries: { readonly sent: number; readonly seen: number };
  readonly gaps: readonly {
    readonly fromMs: number;
    readonly toMs: number;
    readonly why: string;
  }[];
}

/** An estimate with its interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The limiter that was met. */
export interface ThrottleResult {
  readonly kind:
    | 'token-bucket'
    | 'fixed-window'
    | 'sliding-log'
    | 'concurrency-cap'
    | 'none'
    | 'inconclusive';
  /** Why it is taken for that, or why nothing can be said; each a sentence with its figures. */
  readonly because: readonly string[];
  /** Accepts per second. */
  readonly rate?: Estimate;
  /** Accepts from a full bucket. */
  readonly burst?: Estimate;
  /** Milliseconds from empty to a full burst. */
  readonly recoveryMs?: Estimate;
  /** Length of a window, where it is one. */
  readonly windowMs?: Estimate;
  readonly refusalsCostTokens: boolean | 'unknown';
  /** Residual of the line fit, in accepts. */
  readonly residual?: number;
  /** Accepts by time, for the chart: [ms, accepts so far]. */
  readonly accepts: readonly (readonly [number, number])[];
  readonly fit?: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly intercept: number;
    readonly slopePerS: number;
  };
}

/** When what the backend was told was counted again, and what was missing before and after. */
export interface Reconciled {
  /** ISO 8601. */
  readonly at: string;
  readonly missingBefore: number;
  readonly missing: number;
}

/** A whole load. */
export interface LoadResult {
  readonly startedAt: string;
  readonly durationMs: number;
  readonly plan: {
    readonly arrivals: 'even' | 'poisson';
    readonly seed: string;
    readonly openForMs: number;
    readonly endings: readonly { readonly share: number; readonly ending: string }[];
    readonly tls: { readonly used: boolean; readonly resumed: number; readonly full: number };
  };
  readonly total: AttemptCounts;
  readonly phases: readonly PhaseResult[];
  readonly seconds: readonly LoadSecond[];
  /**
   * `dns`, `tcp`, `tls`, `firstByte`, `upgrade` (actual start to 101), `intended` (due to 101), `refusal`
   * (actual start to the refusal), `close` (closing to closed).
   */
  readonly latency: Readonly<Record<string, Distribution>>;
  readonly refusals: readonly RefusalShape[];
  readonly ends: Readonly<Record<string, number>>;
  readonly messages: { readonly sent: number; readonly received: number; readonly pongs: number };
  readonly peakOpen: number;
  readonly generator: GeneratorAccount;
  readonly delivery?: DeliveryResult;
  /** It was counted again, after the run. */
  readonly reconciled?: Reconciled;
  readonly throttle?: ThrottleResult;
  /** Why it ended before its schedule did: interrupted, circuit breaker, a threshold that was lost. */
  readonly endedEarly?: string;
}
