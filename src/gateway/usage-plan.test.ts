import { expect, test } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import { checkConfig, type GatewayConfig } from './config.ts';
import { createUsagePlans, type Metering } from './usage-plan.ts';

const DAY_MS = 86_400_000;

function configWith(plan: object): GatewayConfig {
  const reading = checkConfig({
    Apis: { a: { ApiId: 'a1', Stages: { dev: {} } } },
    ApiKeys: { k: { Value: 'k'.repeat(20) }, l: { Value: 'l'.repeat(20) } },
    UsagePlans: { p: { ApiStages: [{ ApiId: 'a1', Stage: 'dev' }], KeyIds: ['k', 'l'], ...plan } },
  });
  if (reading.kind !== 'config') throw new Error(JSON.stringify(reading.problems));
  return reading.config;
}

const K = { keyId: 'k', usagePlanId: 'p' };

// The virtual clock begins on Thursday 2026-01-01.
async function meterOnDays(plan: object, days: readonly number[]): Promise<readonly Metering[]> {
  const clock = virtualClock();
  const plans = createUsagePlans(configWith(plan), clock);
  const found: Metering[] = [];
  for (const day of days) {
    await clock.advance(day * DAY_MS - clock.nowUs() / 1000);
    found.push(plans.meter(K));
  }
  return found;
}

test.each<[string, object, readonly number[], string]>([
  ['a day', { Limit: 2, Period: 'DAY' }, [0, 0.5, 0.99, 1, 1, 1], 'aaeaae'],
  ['a week from Sunday', { Limit: 1, Period: 'WEEK' }, [0, 2.99, 3, 9.99, 10], 'aeaea'],
  ['a week from Monday', { Limit: 1, Period: 'WEEK', Offset: 1 }, [0, 3, 4, 10.99, 11], 'aeaea'],
  ['a month', { Limit: 1, Period: 'MONTH' }, [0, 30.99, 31, 58.99, 59], 'aeaea'],
  [
    'a month from the 15th',
    { Limit: 1, Period: 'MONTH', Offset: 14 },
    [0, 13, 14, 44.99, 45],
    'aeaea',
  ],
  ['nothing', { Limit: 0, Period: 'DAY' }, [0, 1], 'ee'],
])('a quota for %s', async (_, Quota, days, expected) => {
  const found = await meterOnDays({ Quota }, days);
  expect(found.map(([first]) => first).join('')).toBe(expected);
});

test('the quota is looked at before the rate, and neither refusal counts', async () => {
  const clock = virtualClock();
  const plans = createUsagePlans(
    configWith({
      Throttle: { RateLimit: 1, BurstLimit: 1 },
      Quota: { Limit: 2, Period: 'DAY' },
    }),
    clock,
  );
  const found = [plans.meter(K), plans.meter(K)];
  await clock.advance(1000);
  found.push(plans.meter(K), plans.meter(K));
  expect(found).toEqual(['admitted', 'throttled', 'admitted', 'exhausted']);
  // The other key has everything to itself.
  expect(plans.meter({ ...K, keyId: 'l' })).toBe('admitted');
  expect(plans.usage('p', {})).toEqual({
    usagePlanId: 'p',
    startDate: '2026-01-01',
    endDate: '2026-01-01',
    items: { k: [[2, 0]], l: [[1, 1]] },
  });
});

test('usage by days: what was used, and what then remained of the period', async () => {
  const clock = virtualClock();
  const plans = createUsagePlans(configWith({ Quota: { Limit: 5, Period: 'WEEK' } }), clock);
  plans.meter(K);
  await clock.advance(DAY_MS);
  plans.meter(K);
  plans.meter(K);
  await clock.advance(2 * DAY_MS); // Sunday
  plans.meter(K);
  const query = { startDate: '2025-12-31', endDate: '2026-01-04', keyId: 'k' };
  expect(plans.usage('p', query)).toMatchObject({
    items: {
      k: [
        [0, 5],
        [1, 4],
        [2, 2],
        [0, 2],
        [1, 4],
      ],
    },
  });
});

test('what remains is set for the period of today: a quota comes back, or is taken', async () => {
  const clock = virtualClock();
  const plans = createUsagePlans(configWith({ Quota: { Limit: 1, Period: 'DAY' } }), clock);
  const found = [plans.meter(K), plans.meter(K)];
  expect(plans.setRemaining(K, 1)).toMatchObject({ items: { k: [[1, 1]] } });
  found.push(plans.meter(K), plans.meter(K));
  plans.setRemaining({ ...K, keyId: 'l' }, 0);
  found.push(plans.meter({ ...K, keyId: 'l' }));
  await clock.advance(DAY_MS);
  found.push(plans.meter(K), plans.meter(K));
  expect(found.map(([first]) => first).join('')).toBe('aeaeeae');
});

test.each([
  [{}, { ...K, usagePlanId: 'q' }, 'no-such-plan'],
  [{}, { ...K, keyId: 'm' }, 'no-such-key'],
  [{}, K, 'no-quota'],
])('of nothing nothing remains: %j %j', (plan, key, problem) => {
  const plans = createUsagePlans(configWith(plan), virtualClock());
  expect(plans.setRemaining(key, 1)).toMatchObject({ problem });
});

test.each([
  [{ startDate: '2026-01-02', endDate: '2026-01-01' }],
  [{ startDate: '2025-02-29', endDate: '2025-03-01' }],
  [{ startDate: '0001-01-01', endDate: '9999-12-31' }],
  [{ startDate: '2026-1-1' }],
  [{ endDate: '' }],
])('%j is no range', (query) => {
  const plans = createUsagePlans(configWith({}), virtualClock());
  expect(plans.usage('p', query)).toMatchObject({ problem: 'bad-dates' });
});

test('a plan is one of the configuration, not of Object', () => {
  const plans = createUsagePlans(configWith({}), virtualClock());
  for (const id of ['constructor', '__proto__', 'q']) {
    expect(plans.usage(id, {})).toMatchObject({ problem: 'no-such-plan' });
  }
});
