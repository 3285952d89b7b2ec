import { expect, it } from 'vitest';
import type { BenchEndpoint, BenchResult, BenchTimes } from '../result/bench-result.ts';
import { isUnreached, renderBench, renderUnreached } from './bench.ts';

const TIMES: BenchTimes = {
  count: 1234,
  meanMs: 1.5,
  marginMs: 0.02,
  sdMs: 0.4,
  minMs: 0.9,
  p50Ms: 1.4,
  p99Ms: 3.2,
  p999Ms: 12.25,
  maxMs: 40,
};

const ENDPOINT: BenchEndpoint = {
  url: 'ws://127.0.0.1:8080/',
  address: '127.0.0.1:8080',
  insecure: false,
  message: 'the pong to a ping',
  figures: [
    { name: 'tcp', attempts: 1234, failed: {}, times: TIMES },
    {
      name: 'upgrade',
      attempts: 42,
      failed: { 'status 429': 2 },
      times: { count: 40, meanMs: 9, marginMs: 0.5, sdMs: 1, minMs: 8, p50Ms: 9, maxMs: 11 },
    },
    { name: 'message', attempts: 3, failed: { 'no message': 3 } },
  ],
};

const RESULT: BenchResult = {
  format: 'ws-assay-bench/1',
  version: '0.0.0',
  environment: { node: 'v20', platform: 'linux', arch: 'x64' },
  startedAt: '2026-01-01T00:00:00.000Z',
  timeMs: 2000,
  endpoints: [ENDPOINT],
  ratios: [],
  interrupted: false,
  exitCode: 3,
};

const render = (result: BenchResult): readonly string[] =>
  renderBench(result, { color: false }).split('\n');

it('lines up what was measured, leaves open what too few say, and shows what failed', () => {
  expect(render(RESULT)).toEqual([
    'ws://127.0.0.1:8080/ at 127.0.0.1:8080',
    '                               n    mean       ±     p50     p99    p99.9      max  failed',
    '  TCP connect              1,234  1.5 ms   20 µs  1.4 ms  3.2 ms  12.3 ms  40.0 ms  –',
    '  upgrade                     40  9.0 ms  500 µs  9.0 ms       –        –  11.0 ms  2 status 429',
    '  connect + first message      0       –       –       –       –        –        –  3 no message',
    '  first message: the pong to a ping',
    '',
  ]);
});

it('shows rates with due and actual starts, and what was found', () => {
  const stage = { ratePerS: 50, attempts: 100, opened: 100, failed: {}, limits: [] };
  const quick = { p50Ms: 1, p99Ms: 2 };
  const lines = render({
    ...RESULT,
    endpoints: [
      {
        ...ENDPOINT,
        figures: [],
        sweep: {
          p99LimitMs: 50,
          maxRatePerS: 1000,
          outcome: 'found',
          ratePerS: 50,
          notKeptPerS: 100,
          because: 'it keeps 50/s; at 100/s not all opened: 2 status 429 of 200',
          stages: [
            {
              ...stage,
              intended: quick,
              actual: quick,
              latenessP99Ms: 1.25,
              verdict: 'kept',
              because: 'p99 was 2.0 ms',
            },
            {
              ...stage,
              ratePerS: 100,
              attempts: 200,
              opened: 0,
              verdict: 'failed',
              because: 'not all opened: 200 status 429 of 200',
            },
          ],
        },
      },
    ],
  });
  expect(lines.slice(3)).toEqual([
    '  rates, until the p99 from due to open is above 50.0 ms',
    '  rate     opened  due to open p50     p99  start to open p99  lateness p99',
    '  50/s        100           1.0 ms  2.0 ms             2.0 ms        1.3 ms  kept',
    '  100/s  0 of 200                –       –                  –             –  not all opened: 200 status 429 of 200',
    '  it keeps 50/s; at 100/s not all opened: 2 status 429 of 200',
    '',
  ]);
});

it('shows ratios with their intervals', () => {
  const lines = render({
    ...RESULT,
    endpoints: [ENDPOINT, { ...ENDPOINT, url: 'ws://127.0.0.1:8081/' }],
    ratios: [
      { name: 'open', pairs: 1200, ratio: 1.5, low: 1.4, high: 1.6, verdict: 'slower' },
      { name: 'close', pairs: 3, ratio: 120, verdict: 'no difference shown' },
    ],
  });
  expect(lines.slice(-5)).toEqual([
    'ws://127.0.0.1:8081/ against ws://127.0.0.1:8080/',
    '                        pairs   ratio      99% interval',
    '  connect (TCP to 101)  1,200  × 1.50  × 1.40 to × 1.60  slower',
    '  connect + close           3   × 120                 –  no difference shown',
    '',
  ]);
});

it('lets nothing from outside move the cursor', () => {
  const failed = { 'status \u001b[2J': 1 };
  const figures = [{ name: 'upgrade', attempts: 1, failed } as const];
  const problem = 'the answer was 400 \u001b]0;x\u0007';
  const hostile = { ...ENDPOINT, url: 'ws://h/\u001b[31m', figures, problem };
  const text = renderBench({ ...RESULT, endpoints: [hostile] }, { color: false });
  expect(`${text}${renderUnreached([hostile])}`).not.toContain('\u001b');
});

it('says in a sentence what could not be measured at all', () => {
  const figures = [{ name: 'tcp', attempts: 3, failed: { 'ECONNREFUSED (tcp)': 3 } } as const];
  const dead = { ...ENDPOINT, figures, problem: 'connect ECONNREFUSED 127.0.0.1:8080' };
  expect(isUnreached(dead)).toBe(true);
  expect(isUnreached(ENDPOINT)).toBe(false);
  expect(renderUnreached([ENDPOINT, dead])).toBe(
    'ws-assay: ws://127.0.0.1:8080/ could not be measured: connect ECONNREFUSED 127.0.0.1:8080.\n',
  );
});
