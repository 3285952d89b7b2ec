// A quick benchmark as one value: what single connections took, one after the other, and how many a second an endpoint
// takes before they are late. Times in milliseconds.

/** What is timed of a connection. All but `tls` and `upgrade` begin with the dialling. */
export type BenchFigureName =
  /** To the TCP connection; names are resolved before. */
  | 'tcp'
  /** From there to the end of the TLS handshake, a full one each time. */
  | 'tls'
  /** From the request's writing to the last byte of the head of a valid 101. */
  | 'upgrade'
  /** To that 101. */
  | 'open'
  /** To the end of TCP after a closing handshake: close frame, the server's, FIN. */
  | 'close'
  /** To the first message; which one, `BenchEndpoint.message` says. */
  | 'message';

/** Statistics of times, by tinybench. Percentiles are interpolated between neighbours. */
export interface BenchTimes {
  readonly count: number;
  readonly meanMs: number;
  /** Half of the 95% interval of the mean (Student); absent of a single value. */
  readonly marginMs?: number;
  readonly sdMs: number;
  readonly minMs: number;
  readonly p50Ms: number;
  /** From 100 values on. */
  readonly p99Ms?: number;
  /** From 1000 values on. */
  readonly p999Ms?: number;
  readonly maxMs: number;
}

/** One figure. */
export interface BenchFigure {
  readonly name: BenchFigureName;
  /** How often it was begun; without those that warmed up and went well. */
  readonly attempts: number;
  /** What came instead, by kind: `status 403`, `ECONNREFUSED (tcp)`, … */
  readonly failed: Readonly<Record<string, number>>;
  /** Absent: it never went well. */
  readonly times?: BenchTimes;
}

/** One rate that was offered. */
export interface BenchStage {
  readonly ratePerS: number;
  readonly attempts: number;
  readonly opened: number;
  /** By kind. */
  readonly failed: Readonly<Record<string, number>>;
  /** From due by the schedule to open, and from the actual start to open; absent where nothing opened. */
  readonly intended?: { readonly p50Ms: number; readonly p99Ms: number };
  readonly actual?: { readonly p50Ms: number; readonly p99Ms: number };
  /** Of actual after due starts. */
  readonly latenessP99Ms?: number;
  /** Why the generator was the bottleneck, each a sentence with its figure. */
  readonly limits: readonly string[];
  /** `failed`: something did not open. `generator`: not kept, and not for certain by the endpoint's doing. */
  readonly verdict: 'kept' | 'late' | 'failed' | 'generator' | 'interrupted';
  /** What the verdict rests on. */
  readonly because: string;
}

/** A search for the highest rate that is kept. */
export interface BenchSweep {
  readonly p99LimitMs: number;
  readonly maxRatePerS: number;
  readonly stages: readonly BenchStage[];
  /**
   * `found`: `ratePerS` was kept and the next one was not. `ceiling`: the highest rate that may be offered was kept.
   * `none`: the lowest was not. `inconclusive`: the generator did not keep up; what `ratePerS` says was kept before.
   */
  readonly outcome: 'found' | 'ceiling' | 'none' | 'inconclusive' | 'interrupted';
  readonly ratePerS?: number;
  /** The lowest rate that was not kept. */
  readonly notKeptPerS?: number;
  readonly because: string;
}

/** One endpoint. */
export interface BenchEndpoint {
  /** Without secrets. */
  readonly url: string;
  readonly address: string;
  /** Its certificate was not verified. */
  readonly insecure: boolean;
  /** What counts as its first message, a sentence. */
  readonly message: string;
  readonly figures: readonly BenchFigure[];
  /** Of the first attempt that failed, where none went well. */
  readonly problem?: string;
  readonly sweep?: BenchSweep;
}

/** The second endpoint against the first, by attempts that were made in turn. */
export interface BenchRatio {
  readonly name: BenchFigureName;
  readonly pairs: number;
  /** Second over first, the median. */
  readonly ratio: number;
  /** 99% interval, by signs of the medians of twenty stretches of the run; absent of fewer than 8 pairs. */
  readonly low?: number;
  readonly high?: number;
  /** A difference is one beyond 5% and 0.1 ms. */
  readonly verdict: 'slower' | 'faster' | 'no difference shown';
}

/** A whole benchmark. */
export interface BenchResult {
  readonly format: 'ws-assay-bench/1';
  readonly version: string;
  readonly environment: { readonly node: string; readonly platform: string; readonly arch: string };
  readonly startedAt: string;
  /** How long each loop was to take for each endpoint. */
  readonly timeMs: number;
  /** One, or the two that were compared. */
  readonly endpoints: readonly BenchEndpoint[];
  readonly ratios: readonly BenchRatio[];
  readonly interrupted: boolean;
  /** As docs/exit-codes.md says. */
  readonly exitCode: number;
}
