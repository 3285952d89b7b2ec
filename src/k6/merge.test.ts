import { expect, it } from 'vitest';
import type { LoadAttempt } from '../result/load-attempt.ts';
import type { LoadResult } from '../result/load-result.ts';
import { k6Phases } from './executor.ts';
import { planOf } from './fixture/plan.ts';
import { createMerge, UNKNOWN_HEALTH } from './merge.ts';
import { readPoint } from './point.ts';

// 40 attempts in 2 s.
const PLAN = planOf({
  phases: [{ kind: 'rate', name: 'steady', from: 20, to: 20, durationMs: 2000 }],
});
const PHASES = k6Phases(PLAN);
const AT = Date.parse('2026-11-24T00:00:00Z');

interface Told {
  readonly n: number;
  readonly status?: number;
  readonly tookMs?: number;
  readonly lateMs?: number;
  readonly error?: string;
  readonly code?: number;
  readonly byServer?: boolean;
}

/** The lines that k6 2.2 writes of one attempt; its clock is `offMs` ahead. */
function linesOf(told: Told, offMs = 0): readonly string[] {
  const { n, status, tookMs = 10, lateMs = 1, error = '', code = 1000, byServer = false } = told;
  const startMs = AT + offMs + (PHASES[0]?.dueMs(n) ?? 0) + lateMs;
  const tags = { assay: 'x', scenario: 'p1-steady' };
  const begun = { n, x: 0, e: 0, at: AT + offMs };
  const outcome =
    error === 'timeout' ? 'timeout' : status === 101 ? 'opened' : status ? 'refused' : 'failed';
  const openMs = status === 101 ? startMs + tookMs : 0;
  const done = {
    ...begun,
    startMs: Math.floor(startMs),
    openMs,
    closingMs: byServer || openMs === 0 ? 0 : openMs + 100,
    error,
    sent: 1,
    received: 2,
    pongs: 0,
    outcome,
    code,
    endMs: startMs + tookMs + (openMs === 0 ? 0 : 105),
  };
  const point = (metric: string, ms: number, value: number, more: object, assay: object): string =>
    JSON.stringify({
      metric,
      type: 'Point',
      data: {
        time: new Date(ms).toISOString().replace('Z', '000000Z'),
        value,
        tags: { ...tags, ...more },
        metadata: { assay: JSON.stringify(assay) },
      },
    });
  return [
    ...(error === 'timeout'
      ? []
      : [point('ws_connecting', startMs, tookMs, status ? { status: String(status) } : {}, begun)]),
    point('assay_attempts', done.endMs, 1, {}, done),
  ];
}

/** Each third attempt is refused; they answer at their own times. */
const ALL: readonly Told[] = Array.from({ length: 40 }, (_, n) => ({
  n,
  status: n % 3 === 0 ? 429 : 101,
  tookMs: 5 + ((n * 7) % 40),
}));

function merged(
  runners: readonly (readonly string[])[],
  problems: readonly (string | undefined)[] = [],
): {
  readonly load: LoadResult;
  readonly attempts: readonly LoadAttempt[];
  readonly zeros: number[];
} {
  const attempts: LoadAttempt[] = [];
  const zeros: number[] = [];
  const merge = createMerge(
    { plan: PLAN, phases: PHASES },
    {
      runners: runners.length,
      onAttempts: (batch) => attempts.push(...batch),
      onStart: (zeroMs) => zeros.push(zeroMs),
    },
  );
  for (const [index, lines] of runners.entries()) {
    for (const line of lines) {
      const point = readPoint(line);
      if (typeof point === 'object') merge.take(index, point);
    }
  }
  const accounts = runners.map((_, index) => ({
    name: `r${index + 1}.ndjson`,
    health: UNKNOWN_HEALTH,
    problem: problems[index],
  }));
  const load = merge.result(accounts, { endedEarly: undefined });
  return { load, attempts: attempts.toSorted((a, b) => a.number - b.number), zeros };
}

it('makes attempts of the schedule of what one runner told', () => {
  const { load, attempts, zeros } = merged([ALL.flatMap((one) => linesOf(one))]);
  expect(zeros).toEqual([AT]);
  expect(load.total).toEqual({
    offered: 40,
    started: 40,
    unsent: 0,
    opened: 26,
    refused: { 429: 14 },
    failed: {},
    timedOut: 0,
    aborted: 0,
  });
  expect(load.generator.limits).toEqual([]);
  expect(load.ends).toEqual({ close: 26 });
  expect(load.messages).toEqual({ sent: 26, received: 52, pongs: 0 });
  expect(load.latency['upgrade']?.count).toBe(26);
  expect(load.latency['refusal']?.count).toBe(14);
  expect(load.refusals.map(({ status, count }) => [status, count])).toEqual([[429, 14]]);
  expect(attempts.map(({ number }) => number)).toEqual(ALL.map(({ n }) => n));
  expect(attempts[1]).toEqual({
    number: 1,
    phase: 0,
    endpoint: 0,
    ending: 0,
    outcome: 'opened',
    status: 101,
    subprotocol: undefined,
    // The phase began 1 ms late.
    dueMs: 101,
    startMs: 101,
    connectedMs: Number.NaN,
    securedMs: Number.NaN,
    sentMs: 101,
    firstByteMs: 113,
    answeredMs: 113,
    closingMs: 213,
    closedMs: 218,
    closedBy: 'client',
    closedHow: 'close-frame',
    closeCode: 1000,
    endedByUs: true,
  });
});

// As k6 does that makes 2000 virtual users ready first.
it('takes a phase that began late for that, and what is late in it for late', () => {
  const of = (lateMs: (n: number) => number): LoadResult['generator'] =>
    merged([ALL.flatMap((one) => linesOf({ ...one, lateMs: lateMs(one.n) }))]).load.generator;
  const begun = of(() => 43);
  expect([begun.lateness.maxMs, begun.limits]).toEqual([0, []]);
  const late = of((n) => (n % 4 === 3 ? 73 : 43));
  expect([Math.round(late.lateness.maxMs), late.limits]).toEqual([
    30,
    ['1% of the attempts started more than 30.0 ms late (at most 10 ms)'],
  ]);
  const tooLate = of(() => 300);
  expect([Math.round(tooLate.lateness.maxMs), tooLate.limits.length]).toEqual([50, 1]);
});

it('gives of four segments what it gives of one run', () => {
  const one = merged([ALL.flatMap((told) => linesOf(told))]);
  const four = merged(
    [0, 1, 2, 3].map((segment) =>
      ALL.filter(({ n }) => n % 4 === segment).flatMap((told) => linesOf(told)),
    ),
  );
  const { workers: _, cpu: __, ...account } = four.load.generator;
  expect(four.attempts).toEqual(one.attempts);
  expect({ ...four.load, generator: account }).toEqual({
    ...one.load,
    generator: expect.objectContaining(account),
  });
});

it.each<readonly [string, Told, Partial<LoadResult['total']>]>([
  [
    'refused by nobody',
    { n: 0, error: 'dial tcp 127.0.0.1:1: connect: connection refused' },
    { failed: { refused: 1 } },
  ],
  ['reset', { n: 0, error: 'read: connection reset by peer' }, { failed: { reset: 1 } }],
  [
    'a name that is not known',
    { n: 0, error: 'lookup nowhere: no such host' },
    { failed: { dns: 1 } },
  ],
  [
    'a certificate',
    { n: 0, error: 'tls: failed to verify: x509: unknown authority' },
    { failed: { tls: 1 } },
  ],
  ['something else', { n: 0, error: 'what?' }, { failed: { other: 1 } }],
  ['no answer in time', { n: 0, error: 'timeout' }, { timedOut: 1 }],
  ['an answer after the time', { n: 0, status: 101, tookMs: 10_001, error: 'x' }, { timedOut: 1 }],
])('counts what got no answer by its kind: %s', (_, told, counts) => {
  const { load } = merged([linesOf(told)]);
  expect(load.total).toEqual({
    offered: 1,
    started: 1,
    unsent: 0,
    opened: 0,
    refused: {},
    failed: {},
    timedOut: 0,
    aborted: 0,
    ...counts,
  });
});

it('tells ends of the server from our own', () => {
  const told = [1001, 1006, 0, -1].map((code, n) => ({ n, status: 101, code, byServer: true }));
  const { load, attempts } = merged([told.flatMap((one) => linesOf(one))]);
  expect(load.ends).toEqual({
    'server close-frame': 1,
    'server fin': 1,
    'server reset': 1,
    'server not told how': 1,
  });
  expect(attempts.map(({ closedHow }) => closedHow)).toEqual([
    'close-frame',
    'fin',
    'reset',
    undefined,
  ]);
  expect(attempts.map(({ closedBy, closeCode }) => [closedBy, closeCode])).toEqual([
    ['server', 1001],
    ['server', 1006],
    ['server', undefined],
    ['server', undefined],
  ]);
});

const halves = [0, 1].map((half) => ALL.filter(({ n }) => n % 2 === half));
const [even = [], odd = []] = halves;
const text = (told: readonly Told[], offMs = 0): readonly string[] =>
  told.flatMap((one) => linesOf(one, offMs));

it.each<readonly [string, readonly (readonly string[])[], readonly string[]]>([
  ['a runner is missing', [text(even)], ['20 of 40 attempts of the schedule are in no result']],
  [
    'a file was given twice',
    [text(ALL), text(ALL)],
    ['r2.ndjson tells of 40 attempts that another runner', 'r2.ndjson tells of no attempt of this'],
  ],
  [
    'segments overlap',
    [text(ALL), text(odd)],
    ['r2.ndjson tells of 20 attempts', 'r2.ndjson tells of no'],
  ],
  [
    'a runner began late',
    [text(even), text(odd, 1500)],
    ['r2.ndjson began 1.50 s after the first one'],
  ],
  [
    'a runner tells of nothing',
    [text(ALL), []],
    ['r2.ndjson tells of no attempt of this schedule'],
  ],
])('says why the results are not those of the schedule: %s', (_, runners, limits) => {
  const found = merged(runners).load.generator.limits;
  expect(found.map((one, index) => one.slice(0, limits[index]?.length))).toEqual(limits);
});

it('counts arrivals that found no user as not sent, and says so', () => {
  const dropped = JSON.stringify({
    metric: 'dropped_iterations',
    type: 'Point',
    data: { time: '2026-11-24T00:00:01Z', value: 3, tags: { scenario: 'p1-steady' } },
  });
  const { load } = merged([[...text(ALL.slice(0, 37)), dropped]]);
  expect([load.total.offered, load.total.unsent]).toEqual([40, 3]);
  expect(load.generator.limits).toEqual([
    '3 of 40 attempts were not sent: no virtual user of k6 was free (raise maxVUs)',
  ]);
});

it('passes on why a runner is not whole', () => {
  const { load } = merged([text(ALL)], ['it ended with SIGKILL']);
  expect(load.generator.limits).toEqual(['r1.ndjson: it ended with SIGKILL']);
});

it('believes no number beyond the schedule, and nothing that the library did not write', () => {
  const strange = text([{ n: 0, status: 101 }]).map((line) =>
    line.replaceAll('\\"n\\":0', '\\"n\\":4000000000'),
  );
  const foreign = text([{ n: 0, status: 101 }]).map((line) =>
    line.replaceAll('\\"at\\"', '\\"ta\\"'),
  );
  expect(merged([[...strange, ...foreign]]).load.total.offered).toBe(0);
});

it.each([
  ['{"metric":"ws_connecting","type":"Point","data":{"time":"2026-', 'broken'],
  ['{"metric":"vus","type":"Point","data":{"time":"2026-', 'broken'],
  ['not k6 at all', 'broken'],
  ['{"type":"Metric","data":{"name":"ws_connecting"},"metric":"ws_connecting"}', 'other'],
  ['{"metric":"vus","type":"Point","data":{}}', 'other'],
  ['{"metric":"ws_connecting","type":"Point","data":{"time":"then","value":1}}', 'broken'],
])('tells lines apart: %s', (line, kind) => {
  expect(readPoint(line)).toBe(kind);
});

it('keeps the nanoseconds of an instant', () => {
  const line =
    '{"metric":"ws_connecting","type":"Point","data":{"time":"2026-11-24T01:03:40.077313679+01:00","value":1}}';
  const point = readPoint(line);
  expect(
    typeof point === 'object' ? point.atMs - Date.parse('2026-11-24T00:03:40.077Z') : 0,
  ).toBeCloseTo(0.313679, 3);
});
