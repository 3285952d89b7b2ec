// The usage plans of an account at run time: which key may use which stage, how fast, and how often
// it has. Each key of a plan has a bucket and a count of its own.
import type { Clock } from '../base/clock.ts';
import type { GatewayConfig, UsagePlanConfig } from './config.ts';
import { USAGE_DAYS } from './limits.ts';
import { dayOf, daysFrom, isDay, periodStart } from './quota-period.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

/** A key in the plan that lets it use a stage. */
export interface PlanKey {
  readonly keyId: string;
  readonly usagePlanId: string;
}

/** What a plan says to one more request: the quota is looked at first, and a refusal counts nothing. */
export type Metering = 'admitted' | 'throttled' | 'exhausted';

/** Which usage is asked for; both days are today when they are not given. */
export interface UsageQuery {
  /** First day, `YYYY-MM-DD` in UTC. */
  readonly startDate?: string | undefined;
  /** Last day. */
  readonly endDate?: string | undefined;
  /** Only this key. @default all keys of the plan */
  readonly keyId?: string | undefined;
}

/** The usage of a plan, as GetUsage gives it. */
export interface Usage {
  readonly usagePlanId: string;
  readonly startDate: string;
  readonly endDate: string;
  /** By key id, for each day: requests used, and what then remained of the quota, if there is one. */
  readonly items: Readonly<Record<string, readonly (readonly number[])[]>>;
}

/** Why a query has no answer. */
export interface UsageProblem {
  readonly problem: 'no-such-plan' | 'no-such-key' | 'no-quota' | 'bad-dates';
  readonly message: string;
}

/** The usage plans of an account. */
export interface UsagePlans {
  /** The plan by which a key may use a stage; `undefined` when none lets it. */
  planOf(
    keyId: string,
    stage: { readonly apiId: string; readonly stage: string },
  ): string | undefined;
  /** Counts one request of a key, or says why it is one too many. */
  meter(key: PlanKey): Metering;
  usage(usagePlanId: string, query: UsageQuery): Usage | UsageProblem;
  /** Sets what remains of the quota of a key in the current period; gives its usage of today. */
  setRemaining(key: PlanKey, remaining: number): Usage | UsageProblem;
}

/** Makes the plans of a configuration; every bucket is full and nothing is used. */
export function createUsagePlans(config: GatewayConfig, clock: Clock): UsagePlans {
  const meters = new Map<string, Meter>();
  const meterOf = ({ usagePlanId, keyId }: PlanKey): Meter | undefined => {
    const plan = config.UsagePlans[usagePlanId];
    const id = JSON.stringify([usagePlanId, keyId]);
    const meter = meters.get(id) ?? (plan && createMeter(plan, clock));
    if (meter !== undefined) meters.set(id, meter);
    return meter;
  };
  const usage: UsagePlans['usage'] = (usagePlanId, query) => {
    const plan = ownValue(config.UsagePlans, usagePlanId);
    if (plan === undefined) return NO_SUCH_PLAN;
    const { startDate, endDate, days } = daysOf(query, clock);
    if (days === undefined) return BAD_DATES;
    const keys = plan.KeyIds.filter((keyId) => keyId === (query.keyId ?? keyId));
    const items = keys.map((keyId) => [keyId, meterOf({ usagePlanId, keyId })?.log(days) ?? []]);
    return { usagePlanId, startDate, endDate, items: Object.fromEntries(items) };
  };
  return {
    planOf: (keyId, place) => planOf(config, keyId, place),
    meter: (key) => meterOf(key)?.meter() ?? 'admitted',
    usage,
    setRemaining: (key, remaining) => {
      const plan = ownValue(config.UsagePlans, key.usagePlanId);
      if (plan === undefined) return NO_SUCH_PLAN;
      if (!plan.KeyIds.includes(key.keyId)) return NO_SUCH_KEY;
      if (plan.Quota === undefined) return NO_QUOTA;
      meterOf(key)?.setRemaining(remaining);
      return usage(key.usagePlanId, { keyId: key.keyId });
    },
  };
}

function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

const NO_SUCH_PLAN: UsageProblem = {
  problem: 'no-such-plan',
  message: 'Invalid Usage Plan ID specified',
};

const NO_SUCH_KEY: UsageProblem = {
  problem: 'no-such-key',
  message: 'Invalid API Key identifier specified',
};

const NO_QUOTA: UsageProblem = {
  problem: 'no-quota',
  message: 'The usage plan has no quota, so nothing of it can remain',
};

const BAD_DATES: UsageProblem = {
  problem: 'bad-dates',
  message: `startDate and endDate are days as YYYY-MM-DD, in this order, at most ${USAGE_DAYS} of them`,
};

function planOf(
  { UsagePlans: plans }: GatewayConfig,
  keyId: string,
  { apiId, stage }: { readonly apiId: string; readonly stage: string },
): string | undefined {
  const found = Object.entries(plans).find(
    ([, plan]) =>
      plan.KeyIds.includes(keyId) &&
      plan.ApiStages.some((one) => one.ApiId === apiId && one.Stage === stage),
  );
  return found?.[0];
}

type QuotaConfig = NonNullable<UsagePlanConfig['Quota']>;

/** What is kept of one key in one plan. */
interface Meter {
  meter(): Metering;
  log(days: readonly string[]): readonly (readonly number[])[];
  /** Of the quota, in the period of today. */
  setRemaining(remaining: number): void;
}

function createMeter({ Throttle, Quota }: UsagePlanConfig, clock: Clock): Meter {
  const bucket: TokenBucket | undefined =
    Throttle &&
    createTokenBucket({ ratePerSecond: Throttle.RateLimit, burst: Throttle.BurstLimit }, () =>
      clock.nowUs(),
    );
  const counts = new Map<string, number>();
  const usedUntil = (day: string): number => {
    const from = Quota === undefined ? day : periodStart(day, Quota);
    let used = 0;
    for (const [one, count] of counts) if (one >= from && one <= day) used += count;
    return used;
  };
  // By first day of a period: what was granted beyond the limit, or taken from it.
  const granted = new Map<string, number>();
  const remainingOn = (day: string, quota: QuotaConfig): number =>
    quota.Limit + (granted.get(periodStart(day, quota)) ?? 0) - usedUntil(day);
  return {
    meter: () => {
      const today = dayOf(clock.wallMs());
      if (Quota !== undefined && remainingOn(today, Quota) <= 0) return 'exhausted';
      if (bucket?.take() === false) return 'throttled';
      counts.set(today, (counts.get(today) ?? 0) + 1);
      return 'admitted';
    },
    log: (days) =>
      days.map((day) => {
        const used = counts.get(day) ?? 0;
        return Quota === undefined ? [used] : [used, Math.max(0, remainingOn(day, Quota))];
      }),
    setRemaining: (remaining) => {
      if (Quota === undefined) return;
      const today = dayOf(clock.wallMs());
      granted.set(periodStart(today, Quota), remaining - (Quota.Limit - usedUntil(today)));
    },
  };
}

function daysOf(
  { startDate, endDate }: UsageQuery,
  clock: Clock,
): {
  readonly startDate: string;
  readonly endDate: string;
  /** `undefined` when the two make no range. */
  readonly days: readonly string[] | undefined;
} {
  const today = dayOf(clock.wallMs());
  const [start, end] = [startDate ?? endDate ?? today, endDate ?? today];
  const range = { startDate: start, endDate: end };
  if (!isDay(start) || !isDay(end) || start > end) return { ...range, days: undefined };
  // Counted before they are listed: the two may be centuries apart.
  const far = Date.parse(end) - Date.parse(start) > (USAGE_DAYS - 1) * 86_400_000;
  return { ...range, days: far ? undefined : daysFrom(start, end) };
}
