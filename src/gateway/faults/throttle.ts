// Faults of throttling, and of taking a refusal of the integration for one.
import type { Api } from '../api.ts';
import { acceptUpgrade, refuseUpgrade } from '../connect.ts';
import type { Closure } from '../event.ts';
import { refusal } from '../http-answer.ts';
import { ACCEPTED, type ConnectVerdict, refused } from '../integration.ts';
import { throttleAccount, throttleRoute } from '../throttle.ts';
import type { Fault } from './fault.ts';

/** Faults of throttling. */
export const THROTTLE_FAULTS: readonly Fault[] = [
  {
    name: 'never-throttles',
    description: 'takes all settings and limits nothing',
    breaks: [
      'throttle/connect-route#some-are-refused',
      'throttle/connect-route#about-as-many-as-allowed',
      'throttle/limits-of-nothing#refused-with-429',
      'throttle/limits-of-nothing#integration-not-called',
      'throttle/independent-routes#used-up',
      'throttle/account#some-are-throttled',
      'throttle/account#other-api-is-throttled',
    ],
    prevents: [
      'throttle/connect-route#integration-not-called',
      'throttle/account#integration-not-called',
    ],
    change: () => ({ throttle: () => 'admitted' }),
  },
  {
    name: 'throttle-calls-integration',
    description: 'invokes $connect and then refuses with 429 because there is no room',
    breaks: [
      'throttle/connect-route#integration-not-called',
      'throttle/limits-of-nothing#integration-not-called',
      'throttle/account#integration-not-called',
    ],
    change: (correct) => ({
      refuseThrottled: async (api, candidate) => {
        await correct.integrate(api, candidate.facts);
        await correct.refuseThrottled(api, candidate);
      },
    }),
  },
  {
    name: 'throttles-with-503',
    description: 'refuses with 503 when there is no room',
    breaks: [
      'throttle/connect-route#opened-or-429',
      'throttle/limits-of-nothing#refused-with-429',
      'throttle/independent-routes#used-up',
      'throttle/account#refused-by-one-or-the-other',
      'throttle/account#some-are-throttled',
      'throttle/account#other-api-is-throttled',
    ],
    prevents: ['throttle/account#integration-not-called'],
    change: () => ({
      refuseThrottled: (api, { pending }) => refuseUpgrade(api, pending, refusal(503)),
    }),
  },
  {
    name: 'opens-then-throttles',
    description: 'answers 101 when there is no room, and closes with 1013',
    breaks: [
      'throttle/connect-route#some-are-refused',
      'throttle/connect-route#about-as-many-as-allowed',
      'throttle/limits-of-nothing#refused-with-429',
      'throttle/independent-routes#used-up',
      'throttle/account#refused-by-one-or-the-other',
      'throttle/account#some-are-throttled',
      'throttle/account#other-api-is-throttled',
    ],
    prevents: [
      'throttle/connect-route#integration-not-called',
      'throttle/account#integration-not-called',
    ],
    change: () => ({
      refuseThrottled: (api, candidate) => {
        acceptUpgrade(api, candidate, { verdict: ACCEPTED, settled: Promise.resolve(undefined) });
      },
    }),
  },
  {
    name: 'throttle-closes-connections',
    description: 'closes the connections of the API when there is no room for another one',
    breaks: ['throttle/connect-route#open-connection-stays'],
    change: (correct) => ({
      refuseThrottled: (api, candidate) => {
        for (const connection of api.connections.values()) connection.close(THROTTLED);
        return correct.refuseThrottled(api, candidate);
      },
    }),
  },
  {
    name: 'bucket-never-refills',
    description: 'lets as many through as the burst limit says, and nobody ever again',
    breaks: ['throttle/connect-route#opens-again'],
    change: () => ({ bucketLimits: ({ burst }) => ({ ratePerSecond: 0, burst }) }),
  },
  {
    name: 'doubles-burst',
    description: 'lets twice the burst limit through at once',
    breaks: ['throttle/connect-route#about-as-many-as-allowed'],
    change: () => ({
      bucketLimits: ({ ratePerSecond, burst }) => ({ ratePerSecond, burst: 2 * burst }),
    }),
  },
  {
    name: 'halves-burst',
    description: 'lets half the burst limit through at once',
    breaks: ['throttle/connect-route#about-as-many-as-allowed'],
    change: () => ({
      bucketLimits: ({ ratePerSecond, burst }) => ({ ratePerSecond, burst: burst / 2 }),
    }),
  },
  {
    name: 'route-bucket-of-all-apis',
    description: 'has one bucket for the routes of the same name in stages of the same name',
    breaks: ['throttle/independent-routes#others-open'],
    change: () => ({ routeBucket: (_api, { stage, routeKey }) => `${stage} ${routeKey}` }),
  },
  {
    name: 'route-bucket-of-all-stages',
    description: 'has one bucket for a route in all stages of its API',
    breaks: ['throttle/independent-routes#others-open'],
    change: () => ({ routeBucket: ({ config }, { routeKey }) => `${config.ApiId} ${routeKey}` }),
  },
  {
    name: 'account-bucket-of-each-api',
    description: 'gives each API the limits of the account for itself',
    breaks: ['throttle/account#other-api-is-throttled'],
    change: () => ({ accountBucket: ({ config }) => config.ApiId }),
  },
  {
    name: 'account-counts-connections',
    description: 'counts against the account only what its integration has accepted',
    breaks: ['throttle/account#some-are-throttled', 'throttle/account#other-api-is-throttled'],
    prevents: ['throttle/account#integration-not-called'],
    change: (correct) => ({
      throttle: (api, use) => (throttleRoute(api, use) ? 'admitted' : 'route'),
      integrate: async (api, facts) => {
        const verdict = await correct.integrate(api, facts);
        return verdict.kind === 'refused' || throttleAccount(api) ? verdict : refused(429);
      },
    }),
  },
  {
    name: 'integration-429-becomes-500',
    description: 'answers 500 when the integration refuses with 429',
    breaks: [
      'connect/status-passthrough#same-status',
      'throttle/connect-route#its-answer',
      'throttle/refused-by-integration#same-status',
      'integration/http-status-refuses#same-status',
    ],
    change: (correct) => ({
      judgeConnect: (outcome) => {
        const verdict = correct.judgeConnect(outcome);
        return isThrottled(verdict) ? refused(500) : verdict;
      },
    }),
  },
  {
    name: 'integration-429-empties-bucket',
    description: 'takes a 429 of the integration for a sign that its route has no room',
    breaks: [
      'throttle/connect-route#about-as-many-as-allowed',
      'throttle/connect-route#integration-asked',
    ],
    change: (correct) => ({
      integrate: async (api, facts) => {
        const verdict = await correct.integrate(api, facts);
        if (isThrottled(verdict)) empty(api, facts.stage);
        return verdict;
      },
    }),
  },
];

const THROTTLED: Closure = { code: 1013, reason: 'Too Many Requests', cause: 'refused' };

function isThrottled(verdict: ConnectVerdict): boolean {
  return verdict.kind === 'refused' && verdict.refusal.status === 429;
}

function empty(api: Api, stage: string): void {
  const limits = api.config.Stages[stage]?.RouteSettings['$connect'];
  for (let left = limits?.ThrottlingBurstLimit ?? 0; left > 0; left--) {
    throttleRoute(api, { stage, routeKey: '$connect' });
  }
}
