// A load after parsing: shares from 0 to 1, durations in milliseconds, rates per second, defaults
// filled in. What the user may write is schema-load.ts.
import type { ConnectSpec, Ending } from './model.ts';

/** What a load scenario drives, instead of steps. */
export interface LoadSpec {
  readonly connects: readonly LoadConnect[];
  readonly arrivals: 'even' | 'poisson';
  /** Undefined: that of the run. */
  readonly seed: string | undefined;
  readonly phases: readonly LoadPhaseSpec[];
  readonly openForMs: number;
  readonly endings: readonly LoadEndingSpec[];
  readonly messages: { readonly text: string; readonly everyMs: number } | undefined;
  readonly pings: { readonly everyMs: number } | undefined;
  readonly reconnect:
    | { readonly afterMs: number; readonly jitterMs: number; readonly times: number }
    | undefined;
  /** An attempt without an answer by then has timed out. */
  readonly withinMs: number;
  /** The longest watch after the last ending. */
  readonly drainMs: number;
}

/** One kind of attempt. Shares add up to 1. */
export interface LoadConnect {
  readonly share: number;
  readonly connect: ConnectSpec;
  /** TLS sessions are resumed. */
  readonly resume: boolean;
}

/** One stretch of the schedule; the steps of a staircase share a name. */
export type LoadPhaseSpec = { readonly name: string } & (
  | {
      readonly kind: 'rate';
      readonly from: number;
      readonly to: number;
      readonly durationMs: number;
    }
  | { readonly kind: 'burst'; readonly arrivals: number }
  | { readonly kind: 'pause'; readonly durationMs: number }
);

/** One way of ending. Shares add up to 1. */
export interface LoadEndingSpec {
  readonly share: number;
  /** `abort`: in the middle of the handshake. */
  readonly kind: Ending | 'abort';
  /** Of a close frame; undefined: an empty one. */
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
  /** Of a `deleteConnection`: a name in the credentials of the target's `management`. */
  readonly credentials?: string | undefined;
}

/** What a throttle scenario drives, instead of steps. */
export interface ThrottleSpec {
  readonly connect: ConnectSpec;
  readonly resume: boolean;
  /** Never more is offered, per second. */
  readonly offer: number;
  readonly saturateForMs: number;
  readonly rounds: number;
  readonly withinMs: number;
}

/**
 * About how many attempts a throttle makes at a limit that is at rest when it begins: saturated once, saturated again
 * after each recovery, and half as long at a lower rate and with connections held. After a rest it begins anew.
 */
export function attemptsOf({ offer, saturateForMs, rounds }: ThrottleSpec): number {
  return Math.ceil(offer * (saturateForMs / 1000) * (rounds + 2));
}

/** How many attempts a phase schedules, rounded down. */
export function arrivalsOf(phase: LoadPhaseSpec): number {
  switch (phase.kind) {
    case 'burst':
      return phase.arrivals;
    case 'rate':
      return Math.floor(((phase.from + phase.to) / 2) * (phase.durationMs / 1000) + 1e-9);
    default:
      return 0;
  }
}

/** How long a phase lasts. */
export function lastsMs(phase: LoadPhaseSpec): number {
  return phase.kind === 'burst' ? 0 : phase.durationMs;
}

/** How large a load is. */
export interface LoadSize {
  readonly attempts: number;
  /** The highest rate, per second. */
  readonly rate: number;
  /** About how many are open at a time, if all open at once. */
  readonly open: number;
}

/** The size of a load by what its file says. */
export function sizeOf({ phases, openForMs }: Pick<LoadSpec, 'phases' | 'openForMs'>): LoadSize {
  const attempts = phases.reduce((sum, phase) => sum + arrivalsOf(phase), 0);
  const rates = phases.map((phase) => (phase.kind === 'rate' ? Math.max(phase.from, phase.to) : 0));
  const bursts = phases.map((phase) => (phase.kind === 'burst' ? phase.arrivals : 0));
  const rate = Math.max(0, ...rates);
  // Who comes at one instant is open together with whoever the rate brings meanwhile.
  const held = Math.max(0, ...bursts) + Math.ceil(rate * (openForMs / 1000));
  return { attempts, rate, open: Math.min(attempts, Math.max(1, held)) };
}
