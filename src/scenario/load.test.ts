// Loads and throttles as they are written: what they mean, and every mistake at its place.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from './diagnostic.ts';
import { expandScenario } from './expand.ts';
import type { CaseSpec } from './model.ts';
import { parseScenario } from './parse.ts';

const SCOPE = {
  vars: {},
  limits: { connectRate: 50, connectBurst: 100 },
  env: () => undefined,
  registerSecret: () => undefined,
};

function caseOf(text: string): CaseSpec {
  const parsed = parseScenario({ file: 'a.yaml', id: 'a', text });
  if ('diagnostics' in parsed) throw new Error(renderDiagnostics(parsed.diagnostics, { a: text }));
  const [first] = expandScenario(parsed.scenario, SCOPE);
  if (first?.kind !== 'case') throw new Error(JSON.stringify(first));
  return first.case;
}

const OPENS = 'thresholds: { in: { share: 100%, of: { handshake: { status: 101 } } } }';

describe('a load', () => {
  it('means by itself what nobody has to write', () => {
    const { load, ...spec } = caseOf(
      `title: t\nload: { phases: [{ arrivalRate: 10/s, duration: 5s }] }\n${OPENS}\n`,
    );
    expect(load).toEqual({
      connects: [
        {
          share: 1,
          resume: false,
          connect: {
            endpoint: 'open',
            credentials: 'default',
            sign: undefined,
            subprotocols: [],
            extensions: undefined,
            headers: [],
            query: [],
            method: 'GET',
            path: undefined,
            raw: undefined,
            tls: undefined,
            backend: {},
            count: 1,
            atOnce: 1,
            untilSent: false,
          },
        },
      ],
      arrivals: 'even',
      seed: undefined,
      phases: [{ name: 'phase-1', kind: 'rate', from: 10, to: 10, durationMs: 5000 }],
      openForMs: 0,
      endings: [{ share: 1, kind: 'close', code: 1000, reason: '' }],
      messages: undefined,
      pings: undefined,
      reconnect: undefined,
      withinMs: 10_000,
      drainMs: 5000,
    });
    expect(spec).toMatchObject({
      steps: [],
      isolation: 'exclusive',
      needs: ['endpoint:open'],
      tier: 'fast',
      waitMs: 5000,
      longestMs: 25_000,
    });
  });

  it('says everything that there is to say', () => {
    const { load, needs, tier, longestMs } = caseOf(`title: t
load:
  connect:
    - { share: 70%, endpoint: open, subprotocols: [chat] }
    - { share: 30%, endpoint: custom, credentials: other, tls: { resume: true }, backend: { $connect: { delay: 1s } } }
  arrivals: poisson
  seed: of-mine
  phases:
    - { name: ramp, arrivalRate: 60/m, rampTo: 10/s, duration: 1m }
    - { arrivalRate: 10/s, stepTo: 30/s, steps: 3, duration: 30s, name: stairs }
    - { pause: true, duration: 5s }
    - { arrivals: 500 }
  openFor: 2s
  endings:
    - { share: 50%, close: { code: 4001, reason: bye } }
    - { share: 10%, close: }
    - { share: 10%, drop: fin }
    - { share: 10%, drop: silence }
    - { share: 15%, deleteConnection: { credentials: admin } }
    - { share: 5%, abort: handshake }
  messages: { json: { action: ping }, every: 1s }
  pings: { every: 10s }
  reconnect: { after: 1s, jitter: 500ms, times: 2 }
  within: 4s
  drain: 1m
thresholds:
  told: { count: { gte: 1 }, of: { events: { $disconnect: 1 }, within: 30s }, during: [ramp, stairs], abort: true }
`);
    expect(load).toMatchObject({
      connects: [
        { share: 0.7, resume: false, connect: { subprotocols: ['chat'] } },
        { share: 0.3, resume: true, connect: { endpoint: 'custom', credentials: 'other' } },
      ],
      arrivals: 'poisson',
      seed: 'of-mine',
      phases: [
        { name: 'ramp', kind: 'rate', from: 1, to: 10, durationMs: 60_000 },
        { name: 'stairs', kind: 'rate', from: 10, to: 10, durationMs: 10_000 },
        { name: 'stairs', kind: 'rate', from: 20, to: 20, durationMs: 10_000 },
        { name: 'stairs', kind: 'rate', from: 30, to: 30, durationMs: 10_000 },
        { name: 'phase-3', kind: 'pause', durationMs: 5000 },
        { name: 'phase-4', kind: 'burst', arrivals: 500 },
      ],
      openForMs: 2000,
      endings: [
        { share: 0.5, kind: 'close', code: 4001, reason: 'bye' },
        { share: 0.1, kind: 'close', code: undefined },
        { share: 0.1, kind: 'fin' },
        { share: 0.1, kind: 'silence' },
        { share: 0.15, kind: 'deleteConnection', credentials: 'admin' },
        { share: 0.05, kind: 'abort' },
      ],
      messages: { text: '{"action":"ping"}', everyMs: 1000 },
      pings: { everyMs: 10_000 },
      reconnect: { afterMs: 1000, jitterMs: 500, times: 2 },
      withinMs: 4000,
      drainMs: 60_000,
    });
    expect(needs).toEqual([
      'credentials:custom.other',
      'credentials:management.admin',
      'endpoint:custom',
      'endpoint:open',
      'management',
      'observer',
      'probe',
      'probe.remote',
    ]);
    expect({ tier, longestMs }).toEqual({
      tier: 'slow',
      longestMs: 95_000 + 2000 + 3000 + 4000 + 5000 + 60_000,
    });
  });

  it('has thresholds that name its phases', () => {
    const { checks } = caseOf(`title: t
load: { phases: [{ arrivalRate: 10/s, duration: 50s, name: peak }] }
thresholds:
  served: { rate: { gte: 570/m }, of: { handshake: { status: 101 } }, during: peak, abort: true }
`);
    expect(checks.map(({ condition, connections }) => ({ condition, connections }))).toEqual([
      {
        connections: ['client'],
        condition: {
          kind: 'threshold',
          statistic: { kind: 'rate', want: { gte: 9.5 } },
          of: { kind: 'handshake', fields: { status: { is: 101 } } },
          among: undefined,
          during: ['peak'],
          abort: true,
        },
      },
    ]);
  });
});

describe('a throttle', () => {
  it('means by itself what nobody has to write, and estimates', () => {
    const spec = caseOf(`title: t
throttle: { offer: 200/s }
thresholds:
  kind: { estimate: token-bucket, of: throttle.kind }
  rate: { estimate: { is: "\${limits.connectRate}", tolerance: 10% }, of: throttle.rate }
  burst: { estimate: { gte: "\${limits.connectBurst}" }, of: throttle.burst }
  back: { estimate: { lte: 3s }, of: throttle.recovery }
`);
    expect(spec).toMatchObject({
      steps: [],
      throttle: { offer: 200, saturateForMs: 20_000, rounds: 3, withinMs: 10_000, resume: false },
      isolation: 'exclusive',
      needs: ['endpoint:open'],
      tier: 'slow',
    });
    expect(spec.checks.map(({ condition, needs }) => ({ condition, needs }))).toEqual([
      { condition: { kind: 'estimate', of: 'kind', want: { is: 'token-bucket' } }, needs: [] },
      {
        condition: {
          kind: 'estimate',
          of: 'rate',
          want: { is: 50, tolerance: { kind: 'share', value: 0.1 } },
        },
        needs: ['limits.connectRate'],
      },
      {
        condition: { kind: 'estimate', of: 'burst', want: { gte: 100 } },
        needs: ['limits.connectBurst'],
      },
      { condition: { kind: 'estimate', of: 'recovery', want: { lte: 3000 } }, needs: [] },
    ]);
  });
});

const GOOD = `title: A rush
isolation: exclusive
load:
  connect:
    - { share: 60%, endpoint: open, backend: { $connect: { delay: 1s } } }
    - { share: 40%, endpoint: custom }
  arrivals: poisson
  phases:
    - { name: ramp, arrivalRate: 50/s, rampTo: 900/s, duration: 30s }
    - { name: peak, arrivalRate: 800/s, duration: 15s }
    - { name: crowd, arrivals: 500 }
  openFor: 5s
  endings:
    - { share: 75%, close: { code: 1000 } }
    - { share: 25%, drop: reset }
  messages: { text: hi, every: 3s }
  reconnect: { after: 2s, times: 4 }
  drain: 20s
thresholds:
  get-in: { share: { gte: 99.5% }, of: { handshake: { outcome: opened } } }
  quick: { p99: { lte: 800ms }, of: { elapsed: { from: connecting, to: opened } } }
  served: { rate: { gte: 780/s }, of: { handshake: { status: 101 } }, during: peak }
  told: { share: { gte: 99% }, of: { events: { $disconnect: { count: { gte: 1 } } }, within: 25s } }
  gone: { count: { lte: 7 }, of: { closed: { by: server, code: 1001 } }, among: { ending: close } }
`;

/** What is written, what is written instead (its place marked by «), and the code that is reported. */
const KINDS: readonly (readonly [name: string, from: string, to: string, code: string])[] = [
  ['a misspelt key', 'arrivals: poisson', '«arivals: poisson', 'SCN_UNKNOWN_KEY'],
  ['no rate', 'arrivalRate: 50/s,', 'arrivalRate: «50,', 'SCN_BAD_VALUE'],
  ['another word', 'poisson', '«random', 'SCN_BAD_VALUE'],
  ['a phase of nothing', 'arrivals: 500', 'arrivals: «0', 'SCN_BAD_VALUE'],
  ['a burst that lasts', 'arrivals: 500', 'arrivals: 500, «duration: 5s', 'SCN_MISPLACED'],
  ['a name twice', 'name: crowd', 'name: «ramp', 'SCN_DUPLICATE_NAME'],
  ['a share that is none', 'share: 40%', 'share: «40', 'SCN_BAD_VALUE'],
  ['shares of connects', 'share: 40%', 'share: «30%', 'SCN_BAD_VALUE'],
  ['shares of endings', 'share: 25%', 'share: «26%', 'SCN_BAD_VALUE'],
  ['a hold', 'delay: 1s', '«hold: 1s', 'SCN_MISPLACED'],
  ['a group', 'endpoint: custom', 'endpoint: custom, «count: 5', 'SCN_MISPLACED'],
  ['a bad duration', 'openFor: 5s', 'openFor: «5 s', 'SCN_BAD_DURATION'],
  ['an ending that is none', 'drop: reset', 'drop: «rst', 'SCN_BAD_VALUE'],
  ['it comes too often', 'times: 4', 'times: «4000', 'SCN_BAD_VALUE'],
  ['it runs beside others', 'isolation: exclusive', 'isolation: «shared', 'SCN_MISPLACED'],
  ['a header is not kept', 'outcome: opened', '«headers: { a: b }', 'SCN_MISPLACED'],
  ['a moment is not kept', 'from: connecting', 'from: «resolved', 'SCN_MISPLACED'],
  ['an unknown phase', 'during: peak', 'during: «peek', 'SCN_UNKNOWN_NAME'],
  ['events are not kept', 'count: { gte: 1 }', '«each: { a: b }', 'SCN_MISPLACED'],
  ['reasons are not kept', 'code: 1001', '«reason: bye', 'SCN_MISPLACED'],
  ['an unknown ending', 'ending: close', 'ending: «closed', 'SCN_BAD_VALUE'],
  ['an unknown statistic', 'share: { gte: 99% }', '«mean: { gte: 99% }', 'SCN_UNKNOWN_KEY'],
];

function place(text: string): string {
  const before = text.slice(0, text.indexOf('«'));
  const lines = before.split('\n');
  return `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
}

function found(text: string): readonly string[] {
  const parsed = parseScenario({ file: 'a.yaml', id: 'a', text });
  const all = 'diagnostics' in parsed ? parsed.diagnostics : parsed.scenario.warnings;
  return all.map(({ span, code }) => `${span.line}:${span.column} ${code}`);
}

describe('mistakes in a load', () => {
  it('there is none in the base', () => {
    expect(found(GOOD)).toEqual([]);
  });

  it.each(KINDS)('%s', (_, from, to, code) => {
    expect(GOOD.split(from)).toHaveLength(2);
    const text = GOOD.replace(from, () => to);
    expect(found(text.replace('«', ''))).toEqual([`${place(text)} ${code}`]);
  });

  it('are reported together, each at its place', () => {
    const several = fc.uniqueArray(fc.constantFrom(...KINDS), {
      minLength: 2,
      maxLength: 6,
      // One mistake a line: what stands behind another one has moved.
      selector: ([, from]) => GOOD.slice(0, GOOD.indexOf(from)).split('\n').length,
    });
    fc.assert(
      fc.property(several, (kinds) => {
        // Shares that are no shares add up to nothing that could be judged.
        const names = kinds.map(([name]) => name);
        fc.pre(!(names.includes('a share that is none') && names.includes('shares of connects')));
        fc.pre(!names.some((name) => name.startsWith('shares') && names.includes('a group')));
        const marked = kinds.reduce((text, [, from, to]) => text.replace(from, () => to), GOOD);
        const expected = kinds.map(([, from, to, code]) => {
          const one = GOOD.replace(from, () => to);
          return `${place(one)} ${code}`;
        });
        expect(found(marked.replaceAll('«', '')).toSorted()).toEqual(expected.toSorted());
      }),
      { numRuns: 60 },
    );
  });
});

/** Place, code, message and hint of each. */
function complaintsAbout(text: string): readonly string[] {
  const parsed = parseScenario({ file: 'a.yaml', id: 'a', text });
  const all = 'diagnostics' in parsed ? parsed.diagnostics : parsed.scenario.warnings;
  return all.map(
    ({ span, severity, code, message, hint }) =>
      `${span.line}:${span.column} ${severity} ${code}: ${message}; ${hint}`,
  );
}

const load = (more: string, thresholds = OPENS): string =>
  `title: t\nload: { phases: [{ arrivals: 50 }]${more} }\n${thresholds}\n`;

describe('what is said', () => {
  it.each([
    [
      'no phases',
      `title: t\nload: { openFor: 1s }\n${OPENS}\n`,
      '2:1 error SCN_MISSING_KEY: "phases" is missing; add phases: a list',
    ],
    [
      'checks',
      load('', 'checks: { in: { handshake: { status: 101 } } }'),
      '3:1 error SCN_MISPLACED: a load has thresholds and no checks; write thresholds: a check of each connection is share: 100%, of: { … }',
    ],
    [
      'no driver',
      `title: t\n${OPENS}\n`,
      '1:1 error SCN_MISSING_KEY: "steps" is missing; add steps, or load or throttle: a scenario does something',
    ],
    [
      'shares',
      load(', endings: [{ share: 50%, drop: fin }, { share: 30%, drop: reset }]'),
      '2:83 error SCN_BAD_VALUE: the shares add up to 80%; change them so that they add up to 100%',
    ],
    [
      'a share that is missing',
      load(', endings: [{ share: 50%, drop: fin }, { drop: reset }]'),
      '2:74 error SCN_MISSING_KEY: "share" is missing; add share: 50%, its part of the connections',
    ],
    [
      'messages',
      load('', 'thresholds: { in: { count: 1, of: { received: 1 } } }'),
      '3:37 error SCN_MISPLACED: a load keeps too little of each connection to ask for "received"; ask for handshake, closed, events or elapsed, or write a scenario of steps',
    ],
    [
      'a rate of an instant',
      load('', 'thresholds: { in: { rate: { gte: 1/s }, of: { handshake: { status: 101 } } } }'),
      '3:21 error SCN_MISPLACED: a rate is per second, and arrivals at one instant last none; write count, or arrivalRate and duration in the phase',
    ],
    [
      'too few for a percentile',
      load(
        '',
        'thresholds: { in: { p99: { lte: 1s }, of: { elapsed: { from: sent, to: opened } } } }',
      ),
      '3:21 warning SCN_TOO_FEW_SAMPLES: 50 connections can never decide p99; offer 100 or more',
    ],
    [
      'too few of an ending',
      load(
        ', endings: [{ share: 98%, drop: fin }, { share: 2%, drop: reset }]',
        'thresholds: { in: { p50: { lte: 1s }, of: { elapsed: { from: sent, to: opened } }, among: { ending: reset } } }',
      ),
      '3:21 warning SCN_TOO_FEW_SAMPLES: 1 connection can never decide p50; offer 2 or more',
    ],
    [
      'a limiter that a load cannot find',
      load('', 'thresholds: { in: { estimate: none, of: throttle.kind } }'),
      '3:21 error SCN_MISPLACED: only a throttle estimates a limiter; write throttle: { offer: 200/s } instead of load',
    ],
    [
      'a word for a number',
      'title: t\nthrottle: { offer: 9/s }\nthresholds: { in: { estimate: { is: 5s }, of: throttle.rate } }\n',
      '3:21 error SCN_BAD_VALUE: throttle.rate is a rate, and "5s" is none; write a number and a unit: 50/s, 30/m',
    ],
    [
      'a phase of a throttle',
      'title: t\nthrottle: { offer: 9/s }\nthresholds: { in: { estimate: none, of: throttle.kind, during: a } }\n',
      '3:56 error SCN_MISPLACED: "during" belongs to a load; leave it out',
    ],
    [
      'a rate of a throttle',
      'title: t\nthrottle: { offer: 9/s }\nthresholds: { in: { rate: { gte: 1/s }, of: { handshake: { status: 101 } } } }\n',
      '3:21 error SCN_MISPLACED: a throttle has no phases; write estimate: { is: 50/s }, of: throttle.rate',
    ],
    [
      'a staircase of one step',
      `title: t\nload: { phases: [{ arrivalRate: 1/s, duration: 9s, stepTo: 5/s }] }\n${OPENS}\n`,
      '2:52 error SCN_MISSING_KEY: stepTo needs steps beside it; write steps: 10 beside it',
    ],
    [
      'a rate without end',
      `title: t\nload: { phases: [{ arrivalRate: 1/s }] }\n${OPENS}\n`,
      '2:20 error SCN_MISSING_KEY: arrivalRate needs duration beside it; write duration: 30s beside it',
    ],
  ])('%s', (_, text, complaint) => {
    expect(complaintsAbout(text)).toEqual([complaint]);
  });
});
