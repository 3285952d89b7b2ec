import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoadResult, ThrottleResult } from '../result/load-result.ts';
import { expandScenario } from '../scenario/expand.ts';
import type { LoadPhaseSpec } from '../scenario/load-model.ts';
import type { CheckSpec } from '../scenario/model.ts';
import { parseScenario } from '../scenario/parse.ts';
import { loadResult, sample } from './fixture/load.ts';
import { createLoadJudge, type LoadJudge } from './load-judge.ts';
import type { LoadClocks, LoadSample } from './load-sample.ts';

const PHASES: readonly LoadPhaseSpec[] = [
  { name: 'all', kind: 'rate', from: 10, to: 10, durationMs: 10_000 },
];
const RUNNER: LoadClocks = { isPlatform: false, boundMs: undefined };

function checkOf(
  threshold: string,
  driver = 'load: { phases: [{ name: all, arrivalRate: 10/s, duration: 10s }] }',
): CheckSpec {
  const text = `title: t\n${driver}\nthresholds: { it: { ${threshold} } }\n`;
  const parsed = parseScenario({ file: 'a.yaml', id: 'a', text });
  if ('diagnostics' in parsed) throw new Error(JSON.stringify(parsed.diagnostics));
  const [one] = expandScenario(parsed.scenario, {
    vars: {},
    limits: {},
    env: () => undefined,
    registerSecret: () => undefined,
  });
  const check = one?.kind === 'case' ? one.case.checks[0] : undefined;
  if (check === undefined) throw new Error('no threshold');
  return check;
}

function judgeOf(threshold: string, clocks = RUNNER): LoadJudge {
  return createLoadJudge({
    checks: [checkOf(threshold)],
    levelOf: () => 'must',
    features: new Set(['observer']),
    phases: PHASES,
    clocks,
  });
}

function said(
  threshold: string,
  samples: readonly LoadSample[],
  { result = loadResult(), clocks = RUNNER }: { result?: LoadResult; clocks?: LoadClocks } = {},
): string {
  const judge = judgeOf(threshold, clocks);
  for (const one of samples) judge.take(one);
  const [finding] = judge.conclude(result);
  return `${finding?.verdict}: ${finding?.message}`;
}

const many = (count: number, make: (index: number) => LoadSample): readonly LoadSample[] =>
  Array.from({ length: count }, (_, index) => make(index));
const GET_IN = 'of: { handshake: { status: 101 } }';
const refused = (index: number): LoadSample => sample(index, { outcome: 'refused', status: 429 });
const TOLD = 'of: { events: { $disconnect: { count: { gte: 1 } } }, within: 30s }';
const told = (index: number, ...afterMs: readonly number[]): LoadSample =>
  sample(index, {}, { events: { $disconnect: afterMs.map((ms) => index * 10 + 100 + ms) } });

describe('a share of a load', () => {
  it.each([
    ['passes above its bound', 400, 0, 'passed: 400 of 400 (100%), 95% interval 99.05% to 100%'],
    [
      'does not know near it',
      395,
      5,
      'inconclusive: 395 of 400 (98.75%), 95% interval 97.11% to 99.46%; if it stays so, 5685 more samples decide; without: attempt 395, attempt 396, attempt 397, attempt 398, attempt 399 (attempt 395: the answer was 429)',
    ],
    [
      'fails below it',
      300,
      100,
      'failed: 300 of 400 (75%), 95% interval 70.53% to 78.99%; without: attempt 300, attempt 301, attempt 302, attempt 303, attempt 304, … (attempt 300: the answer was 429)',
    ],
  ])('%s', (_, opened, others, message) => {
    const samples = many(opened + others, (index) =>
      index < opened ? sample(index) : refused(index),
    );
    expect(said(`share: { gte: 99% }, ${GET_IN}`, samples)).toBe(message);
  });

  it('is of nothing inconclusive', () => {
    expect(said(`share: 100%, ${GET_IN}`, [])).toMatch(/^inconclusive: there is no sample/);
    const unsent = [sample(0, { outcome: 'unsent' }), sample(1, { outcome: 'aborted' })];
    expect(said(`share: 100%, ${GET_IN}`, unsent)).toMatch(/^inconclusive: there is no sample/);
  });

  it('counts who could not connect as refused, unless nobody could', () => {
    const lost = sample(1, { outcome: 'unreachable', status: 0 });
    expect(said(`share: 100%, ${GET_IN}`, [sample(0), lost])).toBe(
      'failed: 1 of 2 (50%); without: attempt 1 (attempt 1: it was unreachable)',
    );
    expect(said(`share: 100%, ${GET_IN}`, [lost])).toBe(
      'errored: none of 1 attempts could connect',
    );
    expect(said('share: 100%, of: { handshake: { outcome: unreachable } }', [lost])).toMatch(
      /^passed/,
    );
  });

  it('counts those of its phase', () => {
    const samples = [sample(0), sample(1, { outcome: 'refused', status: 403 }, { phase: 'other' })];
    expect(said(`share: 100%, ${GET_IN}, during: all`, samples)).toBe('passed: 1 of 1 (100%)');
    expect(said(`share: 100%, ${GET_IN}`, samples)).toMatch(/^failed/);
  });
});

describe('events of a load', () => {
  it('count from the ending until `within`', () => {
    expect(said(`share: 100%, ${TOLD}`, [told(0, 29_999)])).toMatch(/^passed: 1 of 1/);
    expect(said(`share: 100%, ${TOLD}`, [told(0, 30_001)])).toMatch(/^failed: 0 of 1/);
    expect(said(`share: 100%, ${TOLD}`, [told(0)])).toMatch(
      /^failed: 0 of 1 .*0 events \$disconnect/,
    );
  });

  it('are asked of those that opened and ended', () => {
    expect(said(`share: 100%, ${TOLD}`, [told(0, 5), refused(1)])).toMatch(/^passed: 1 of 1/);
    expect(said(`share: 100%, ${TOLD}`, [refused(1)])).toMatch(/^inconclusive: there is no sample/);
  });

  it('that came twice are counted', () => {
    const twice = 'of: { events: { $disconnect: { count: { gte: 2 } } } }';
    expect(said(`count: 0, ${twice}`, [told(0, 5), told(1, 5)])).toMatch(/^passed: 0 of 2/);
    expect(said(`count: 0, ${twice}`, [told(0, 5), told(1, 5, 9)])).toBe(
      'failed: 1 of 2; with: attempt 1 (attempt 1: 2 events $disconnect)',
    );
  });

  it('that nobody watched for prove nothing', () => {
    const short = sample(0, {}, { watchedMs: 5000 });
    expect(said(`share: 100%, ${TOLD}`, [short])).toMatch(/^inconclusive: .*could not be judged/);
    // Enough for "at least one" is enough, however short the watch.
    expect(said(`share: 100%, ${TOLD}`, [{ ...told(0, 5), watchedMs: 5000 }])).toMatch(/^passed/);
    const blind = sample(0, {}, { blind: 'the observer could not see' });
    expect(said(`share: 100%, ${TOLD}`, [blind])).toMatch(/^errored: .*the observer could not see/);
  });

  it('of another clock lie within its bound', () => {
    const clocks = { isPlatform: true, boundMs: 50 };
    expect(said(`share: 100%, ${TOLD}`, [told(0, 29_900)], { clocks })).toMatch(/^passed/);
    expect(said(`share: 100%, ${TOLD}`, [told(0, 29_970)], { clocks })).toMatch(/^inconclusive/);
    expect(said(`share: 100%, ${TOLD}`, [told(0, 30_100)], { clocks })).toMatch(/^failed/);
  });
});

describe('a percentile of a load', () => {
  const TIME = 'of: { elapsed: { from: connecting, to: opened } }';
  const took = (index: number, ms: number): LoadSample =>
    sample(index, { answeredMs: index * 10 + ms });

  it.each([
    ['p95: { lte: 95ms }', 'passed: p95 of 100 samples is 95 ms; the longest attempt 99: 100 ms'],
    ['p95: { lte: 94ms }', 'failed: p95 of 100 samples is 95 ms; the longest attempt 99: 100 ms'],
    ['max: { lte: 99ms }', 'failed: max of 100 samples is 100 ms; the longest attempt 99: 100 ms'],
    ['p99.9: { lte: 1ms }', 'inconclusive: 100 samples; p99.9 needs 1000, 900 more'],
  ])('%s', (threshold, message) => {
    const samples = many(100, (index) => took(index, index + 1));
    expect(said(`${threshold}, ${TIME}`, samples)).toBe(message);
  });

  it('counts the refused as endless, and who was given up as longer', () => {
    const samples = many(20, (index) => (index < 18 ? took(index, 5) : refused(index)));
    expect(said(`p95: { lte: 1s }, ${TIME}`, samples)).toBe(
      'failed: p95 of 20 samples is endless: it never came; 2 never came: attempt 18, attempt 19',
    );
    const timedOut = many(20, (index) =>
      index < 18
        ? took(index, 5)
        : sample(index, { outcome: 'timeout', status: 0, closedMs: index * 10 + 10_000 }),
    );
    expect(said(`p95: { lte: 1s }, ${TIME}`, timedOut)).toMatch(/^failed: .* longer than 10000 ms/);
    expect(said(`p95: { lte: 20s }, ${TIME}`, timedOut)).toMatch(/^inconclusive/);
  });

  it('judges as sorting all of them would', () => {
    const times = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 20, maxLength: 80 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 60 }), (all, bound) => {
        const sorted = all.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil(all.length * 0.95 - 1e-9) - 1] ?? 0;
        const verdict = said(
          `p95: { lte: ${bound}ms }, ${TIME}`,
          all.map((ms, index) => took(index, ms)),
        ).split(':')[0];
        expect(verdict).toBe(exact <= bound ? 'passed' : 'failed');
      }),
    );
  });
});

describe('a rate', () => {
  it('is so many in each second that its phase lasted', () => {
    const samples = many(100, (index) => (index < 95 ? sample(index) : refused(index)));
    expect(said(`rate: { gte: 9.5/s }, ${GET_IN}, during: all`, samples)).toBe(
      'passed: 9.5/s: 95 of 100 in 10 s',
    );
    expect(said(`rate: { gte: 9.6/s }, ${GET_IN}`, samples)).toMatch(
      /^failed: 9.5\/s: 95 of 100 in 10 s; without: attempt 95/,
    );
  });
});

describe('what makes a load prove nothing', () => {
  const all = many(400, (index) => sample(index));

  it('a generator that was the bottleneck', () => {
    const base = loadResult();
    const limits = ['CPU of worker 1 at 99%'];
    const result = { ...base, generator: { ...base.generator, limits } };
    expect(said(`share: 100%, ${GET_IN}`, all, { result })).toBe(
      'inconclusive: the generator was the bottleneck: CPU of worker 1 at 99%; 400 of 400 (100%)',
    );
    expect(said(`share: 100%, ${GET_IN}`, [refused(0)], { result })).toMatch(/^inconclusive/);
  });

  it('an early end, but for what was broken already', () => {
    const result = loadResult({ endedEarly: 'interrupted' });
    expect(said(`share: 100%, ${GET_IN}`, all, { result })).toMatch(
      /^inconclusive: the load ended early \(interrupted\)/,
    );
    expect(said(`share: 100%, ${GET_IN}`, [refused(0)], { result })).toMatch(/^failed/);
    expect(said(`count: { gte: 5 }, ${GET_IN}`, [refused(0)], { result })).toMatch(/^inconclusive/);
  });
});

describe('an early abort', () => {
  const lostAfter = (threshold: string, samples: readonly LoadSample[]): string | undefined => {
    const judge = judgeOf(threshold);
    for (const one of samples) judge.take(one);
    return judge.lost();
  };
  const half = many(100, (index) => (index < 50 ? sample(index) : refused(index)));

  it.each([
    ['share: 100%', true],
    ['share: { gte: 99% }', true],
    ['share: { gte: 60% }', false],
    ['count: { gte: 300 }', true],
    ['count: { gte: 60 }', false],
    ['count: { lte: 49 }', true],
    ['count: { lte: 50 }', false],
  ])('%s is lost: %s', (threshold, isLost) => {
    const expected = isLost ? 'threshold it can no longer be met' : undefined;
    expect(lostAfter(`${threshold}, ${GET_IN}, abort: true`, half)).toBe(expected);
    expect(lostAfter(`${threshold}, ${GET_IN}`, half)).toBeUndefined();
  });

  it('of a percentile, as soon as too many are too long', () => {
    const TIME = 'of: { elapsed: { from: connecting, to: opened } }, abort: true';
    expect(lostAfter(`p99: { lte: 1s }, ${TIME}`, half)).toBeDefined();
    expect(lostAfter(`p50: { lte: 1s }, ${TIME}`, half)).toBeUndefined();
    // It is not lost while what comes can still make it good.
    expect(lostAfter(`p95: { lte: 1s }, ${TIME}`, [refused(0)])).toBeUndefined();
  });
});

describe('an estimate', () => {
  const THROTTLE = 'throttle: { offer: 200/s }';
  const found: ThrottleResult = {
    kind: 'token-bucket',
    because: ['accepts are evenly spaced'],
    rate: { value: 50, low: 49, high: 51 },
    refusalsCostTokens: false,
    accepts: [],
  };
  const judged = (threshold: string, throttle: ThrottleResult | undefined): string => {
    const judge = createLoadJudge({
      checks: [checkOf(threshold, THROTTLE)],
      levelOf: () => 'must',
      features: new Set(),
      phases: [],
      clocks: RUNNER,
    });
    const [finding] = judge.conclude(loadResult(throttle === undefined ? {} : { throttle }));
    return `${finding?.verdict}: ${finding?.message}`;
  };

  it.each([
    ['estimate: token-bucket, of: throttle.kind', found, /^passed: token-bucket: accepts are/],
    ['estimate: fixed-window, of: throttle.kind', found, /^failed: token-bucket/],
    [
      'estimate: none, of: throttle.kind',
      { ...found, kind: 'inconclusive' as const },
      /^inconclusive: the limiter cannot be told/,
    ],
    [
      'estimate: { is: 50/s, tolerance: 10% }, of: throttle.rate',
      found,
      /^passed: rate 50\/s, interval 49\/s to 51\/s/,
    ],
    [
      'estimate: { is: 55/s, tolerance: 10% }, of: throttle.rate',
      found,
      /^inconclusive: .*too wide/,
    ],
    ['estimate: { is: 90/s, tolerance: 10% }, of: throttle.rate', found, /^failed/],
    ['estimate: { gte: 49/s }, of: throttle.rate', found, /^passed/],
    ['estimate: { lte: 48/s }, of: throttle.rate', found, /^failed/],
    ['estimate: { is: 5 }, of: throttle.burst', found, /^inconclusive: the burst could not/],
    ['estimate: { is: 5 }, of: throttle.burst', undefined, /^inconclusive: the limiter was not/],
  ])('%s', (threshold, throttle, message) => {
    expect(judged(threshold, throttle)).toMatch(message);
  });
});

it('says nothing of how a connection ended where that was not told', () => {
  const untold = (index: number): LoadSample =>
    sample(index, { closedBy: 'server', closedHow: undefined });
  const of = (fields: string): string =>
    said(`count: 0, of: { closed: { ${fields} } }`, many(3, untold));
  expect([of('how: reset'), of('code: 1000'), of('by: client')]).toEqual([
    expect.stringMatching(/^inconclusive: .*what sent the load does not tell how/),
    expect.stringMatching(/^inconclusive: .*what sent the load does not tell how/),
    expect.stringMatching(/^passed: /),
  ]);
});
