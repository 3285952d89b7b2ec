// Throttling by the gateway itself: a bucket for each route of a stage, and one for the account. Both
// are asked before anybody else is called, so that a refused request costs the backend nothing.
import type { Clock } from '../base/clock.ts';
import type { Api } from './api.ts';
import type { ApiConfig } from './config.ts';
import { type Candidate, refuseUpgrade } from './connect.ts';
import type { Refusal } from './http-answer.ts';
import { createTokenBucket, type TokenBucket, type TokenBucketLimits } from './token-bucket.ts';

/** What a request wants to use. */
export interface RouteUse {
  readonly stage: string;
  /** `$connect`, or the route of a message. */
  readonly routeKey: string;
}

/** Whether a request goes on, and else whose bucket was empty. */
export type Throttling = 'admitted' | 'route' | 'account';

/** The buckets of all APIs of a gateway by name; one that nobody has asked yet is full. */
export interface Buckets {
  take(name: string, limits: TokenBucketLimits): boolean;
}

/** Makes the buckets; all are full. */
export function createBuckets(clock: Clock): Buckets {
  const buckets = new Map<string, TokenBucket>();
  return {
    take: (name, limits) => {
      const bucket = buckets.get(name) ?? createTokenBucket(limits, () => clock.nowUs());
      buckets.set(name, bucket);
      return bucket.take();
    },
  };
}

/** Asks the route's bucket, then the account's; what the first refuses costs the second nothing. */
export function throttle(api: Api, use: RouteUse): Throttling {
  if (!throttleRoute(api, use)) return 'route';
  return throttleAccount(api) ? 'admitted' : 'account';
}

/** Takes a token of the route, if it has limits; false when there is none. */
export function throttleRoute(api: Api, use: RouteUse): boolean {
  const { behaviour, buckets, config } = api;
  const limits = routeLimits(config, use);
  if (limits === undefined) return true;
  return buckets.take(behaviour.routeBucket(api, use), behaviour.bucketLimits(limits));
}

/** Takes a token of the account, if it has limits; false when there is none. */
export function throttleAccount(api: Api): boolean {
  const { behaviour, buckets, accountLimits: limits } = api;
  if (limits === undefined) return true;
  return buckets.take(behaviour.accountBucket(api), behaviour.bucketLimits(limits));
}

/** The name of a route's bucket: each route of each stage of each API has its own. */
export function routeBucket({ config }: Api, { stage, routeKey }: RouteUse): string {
  return JSON.stringify(['route', config.ApiId, stage, routeKey]);
}

/** The name of an account's bucket, which all its APIs share. */
export function accountBucket({ accountId }: Api): string {
  return JSON.stringify(['account', accountId]);
}

/** Refuses a throttled upgrade. That it is 429 is documented, the body is that of REST APIs. */
export function refuseThrottled(api: Api, { pending }: Candidate): void | Promise<void> {
  refuseUpgrade(api, pending, TOO_MANY_REQUESTS);
}

/** How a throttled request is refused. */
export const TOO_MANY_REQUESTS: Refusal = { status: 429, message: 'Too Many Requests' };

function routeLimits(
  { Routes, Stages }: ApiConfig,
  { stage, routeKey }: RouteUse,
): TokenBucketLimits | undefined {
  const { DefaultRouteSettings, RouteSettings = {} } = Stages[stage] ?? {};
  if (!Object.hasOwn(Routes, routeKey)) return undefined;
  const own = Object.hasOwn(RouteSettings, routeKey) ? RouteSettings[routeKey] : undefined;
  const settings = own ?? DefaultRouteSettings;
  return (
    settings && {
      ratePerSecond: settings.ThrottlingRateLimit,
      burst: settings.ThrottlingBurstLimit,
    }
  );
}
