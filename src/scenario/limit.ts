// The limits that a target may declare, and the unit each is written in.

/** How a limit is written. */
export type LimitKind = 'duration' | 'rate' | 'integer';

/** The limits of version 1, with their kinds. */
export const LIMITS: Readonly<Record<string, LimitKind>> = {
  integrationTimeout: 'duration',
  shortIntegrationTimeout: 'duration',
  idleTimeout: 'duration',
  maxDuration: 'duration',
  connectRate: 'rate',
  connectBurst: 'integer',
  frameBytes: 'integer',
  messageBytes: 'integer',
  urlBytes: 'integer',
};

/** The value of a limit as a scenario would write it; `value` in milliseconds, per second, or a count. */
export function limitText(kind: LimitKind, value: number): string | number {
  if (kind === 'duration') return `${value}ms`;
  return kind === 'rate' ? `${value}/s` : value;
}
