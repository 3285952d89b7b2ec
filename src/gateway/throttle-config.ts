// The part of a configuration that limits requests, in API Gateway's own words: RouteSettings of a
// stage (CreateStage) and the throttleSettings of an account (GetAccount).
import { z } from 'zod';
import type { ConfigProblem } from './config.ts';

const rate = z.number().min(0).max(1_000_000);
const burst = z.int().min(0).max(1_000_000);

/** Requests a second and at once; 0 and 0 lets nothing through. */
export const ThrottleSettings = z.strictObject({ RateLimit: rate, BurstLimit: burst });

/** The same of one route of a stage, in the words of a stage. */
const RouteSettings = z.strictObject({
  ThrottlingRateLimit: rate,
  ThrottlingBurstLimit: burst,
});

/** What a stage says about its routes; without it nothing is limited. */
export const STAGE_THROTTLING = {
  /** For each route that `RouteSettings` does not name; every route has a bucket of its own. */
  DefaultRouteSettings: RouteSettings.optional(),
  /** By route key. */
  RouteSettings: z.record(z.string(), RouteSettings).default({}),
};

/** Accounts by id. API Gateway's default of 10,000 and 5,000 is not applied: what is not written is not limited. */
export const Accounts = z
  .record(
    z.string().regex(/^\d{12}$/, 'write twelve digits'),
    z.strictObject({ ThrottleSettings: ThrottleSettings.optional() }),
  )
  .default({});

/** What the problems are looked for in. */
interface ThrottledConfig {
  readonly AccountId: string;
  readonly Accounts: Readonly<Record<string, unknown>>;
  readonly Apis: Readonly<
    Record<
      string,
      {
        readonly AccountId?: string | undefined;
        readonly Routes: object;
        readonly Stages: Readonly<Record<string, { readonly RouteSettings: object }>>;
      }
    >
  >;
}

/** Settings of routes and of accounts that are not there. */
export function throttleProblems(config: ThrottledConfig): readonly ConfigProblem[] {
  return [...accountProblems(config), ...routeProblems(config)];
}

function accountProblems(config: ThrottledConfig): readonly ConfigProblem[] {
  const used = new Set(Object.values(config.Apis).map((api) => api.AccountId ?? config.AccountId));
  return Object.keys(config.Accounts)
    .filter((id) => !used.has(id))
    .map((id) => ({ path: ['Accounts', id], message: 'no API is in this account' }));
}

function routeProblems({ Apis }: ThrottledConfig): readonly ConfigProblem[] {
  return Object.entries(Apis).flatMap(([name, { Routes, Stages }]) =>
    Object.entries(Stages).flatMap(([stage, { RouteSettings: settings }]) =>
      Object.keys(settings)
        .filter((key) => !Object.hasOwn(Routes, key))
        .map((key) => ({
          path: ['Apis', name, 'Stages', stage, 'RouteSettings', key],
          message: `no route is called ${key}`,
        })),
    ),
  );
}
