// What a coordinator and its workers tell each other. Plain values, sent by structured clone.
import type { AttemptCounts } from '../result/load-result.ts';
import type { LoadPlan } from './plan.ts';

/** To a worker. */
export type WorkerOrder =
  | {
      readonly kind: 'plan';
      readonly plan: LoadPlan;
      readonly worker: number;
      /** Where the kernel's own range of source ports begins. */
      readonly portsBelow: number;
      /** Attempts are told one by one. */
      readonly tellAttempts: boolean;
    }
  /** The first phase begins then, on the machine's clock. */
  | { readonly kind: 'start'; readonly atMs: number }
  /** Nothing more starts; what is open ends. */
  | { readonly kind: 'stop' }
  | { readonly kind: 'deleted'; readonly number: number; readonly told: boolean };

/** Distributions that workers measure. */
export const METRICS = [
  'lateness',
  'tcp',
  'tls',
  'firstByte',
  'upgrade',
  'intended',
  'refusal',
  'close',
  'connectLag',
] as const;

/** A distribution by name. */
export type Metric = (typeof METRICS)[number];

/** One kind of refusal, as one worker has seen it. */
export interface SeenRefusal {
  readonly status: number;
  readonly count: number;
  readonly statusText: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: string;
  readonly retryAfter?: { readonly min: number; readonly max: number };
}

/** What a worker says of itself, as it stands now. */
export interface WorkerHealth {
  readonly loop: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly rssBytes: number;
}

/** What happened since the last tick. */
export interface WorkerTick {
  /** The second that is over, from 0. */
  readonly second: number;
  /** By phase. */
  readonly counts: Readonly<Record<number, AttemptCounts>>;
  readonly open: number;
  readonly peakOpen: number;
  /** Measured values in whole microseconds, none left out. */
  readonly samples: Readonly<Partial<Record<Metric, Uint32Array>>>;
  readonly ends: Readonly<Record<string, number>>;
  /** What kept attempts from starting: `local-ports`, `descriptors`, `late`. */
  readonly unsentBy: Readonly<Record<string, number>>;
  readonly messages: { readonly sent: number; readonly received: number; readonly pongs: number };
  readonly tls: { readonly resumed: number; readonly full: number };
  readonly refusals: readonly SeenRefusal[];
  readonly health: WorkerHealth;
}

/** From a worker. */
export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'tick'; readonly tick: WorkerTick }
  | { readonly kind: 'attempts'; readonly rows: Float64Array }
  | {
      readonly kind: 'delete';
      readonly number: number;
      readonly ending: number;
      readonly endpoint: number;
    }
  | { readonly kind: 'done' };
