import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from './diagnostic.ts';
import { expandScenario } from './expand.ts';
import type { CheckSpec } from './model.ts';
import { parseScenario } from './parse.ts';

const SCOPE = {
  vars: {},
  limits: {},
  env: () => undefined,
  registerSecret: () => undefined,
};

function parsed(text: string): ReturnType<typeof parseScenario> {
  return parseScenario({ file: 'a.yaml', id: 'a', text });
}

function checksOf(text: string): readonly CheckSpec[] {
  const one = parsed(text);
  if ('diagnostics' in one) throw new Error(renderDiagnostics(one.diagnostics, {}));
  const [first] = expandScenario(one.scenario, SCOPE);
  if (first?.kind !== 'case') throw new Error(JSON.stringify(first));
  return first.case.checks;
}

/** Place, code, message and hint of each mistake, or of each warning. */
function complaintsAbout(text: string): readonly string[] {
  const one = parsed(text);
  const found = 'diagnostics' in one ? one.diagnostics : one.scenario.warnings;
  return found.map(
    ({ span, severity, code, message, hint }) =>
      `${span.line}:${span.column}+${span.length} ${severity} ${code}: ${message}; ${hint}`,
  );
}

const of = (threshold: string, count = 100): string => `title: t
steps: [{ connect: { count: ${count} } }]
thresholds:
  a: { ${threshold} }
`;
const STATUS = 'of: { handshake: { status: 101 } }';
const TIME = 'of: { elapsed: { from: connecting, to: opened } }';

describe('a threshold', () => {
  it('is a check of many at once, after the checks', () => {
    const [check, share, count, times] = checksOf(`title: t
steps: [{ connect: { count: 100 } }, { drop: fin }]
thresholds:
  told:
    share: { gte: 95%, lte: 99.9% }
    of: { events: { $disconnect: { count: { gte: 1 } } }, within: 30s }
    among: { handshake: { status: 101 }, ending: [reset, fin] }
    confidence: 99%
    requirement: some.requirement
  twice: { count: 0, of: { received: 2 }, level: should, title: Nobody hears it twice }
  quick: { p99.9: { lte: 300ms }, ${TIME} }
checks: { opens: { handshake: { status: 101 } } }
`);
    expect(check).toMatchObject({ id: 'opens', condition: { kind: 'handshake' } });
    expect(share).toEqual({
      id: 'told',
      span: { file: 'a.yaml', line: 5, column: 5, length: 5 },
      title: undefined,
      requirement: 'some.requirement',
      level: undefined,
      connections: ['client'],
      withinMs: 30_000,
      needs: ['observer'],
      condition: {
        kind: 'threshold',
        statistic: { kind: 'share', want: { gte: 0.95, lte: 0.999 }, confidence: 0.99 },
        of: {
          kind: 'events',
          want: {
            $disconnect: {
              count: { gte: 1 },
              each: undefined,
              some: undefined,
              none: undefined,
              schema: undefined,
            },
          },
        },
        among: { handshake: { status: { is: 101 } }, endings: ['fin', 'reset'] },
      },
    });
    expect(count).toMatchObject({
      id: 'twice',
      level: 'should',
      title: 'Nobody hears it twice',
      withinMs: undefined,
      needs: [],
      condition: { statistic: { kind: 'count', want: { is: 0 } }, among: undefined },
    });
    expect(times).toMatchObject({
      condition: {
        statistic: { kind: 'percentile', name: 'p99.9', share: 0.999, want: { lte: 300 } },
        of: { kind: 'elapsed', ms: {} },
      },
    });
  });

  it.each([
    ['share: 100%', { is: 1 }],
    ['share: 0%', { is: 0 }],
    ['share: { is: 100% }', { is: 1 }],
    ['share: { gte: 99.9% }', { gte: 0.999 }],
    ['share: { lte: 0.07% }', { lte: 0.0007 }],
  ])('%s', (written, want) => {
    expect(checksOf(of(`${written}, ${STATUS}`, 100_000))[0]?.condition).toMatchObject({
      statistic: { kind: 'share', want, confidence: 0.95 },
    });
  });

  it('may stand alone, and names the connections that it is about', () => {
    const text = `title: t
steps: [{ as: a, connect: }, { as: b, connect: { count: 3 } }]
thresholds: { all: { connection: [a, b], share: 100%, ${STATUS} } }
`;
    expect(checksOf(text)).toMatchObject([{ id: 'all', connections: ['a', 'b'] }]);
  });
});

describe('a mistake in a threshold', () => {
  it.each([
    [
      'nothing is asked',
      of(STATUS),
      '4:3+1 error SCN_ONE_OF: a threshold needs one of its keys; write one of: share, count, rate, p50, p90, p95, p99, p99.9, max, estimate',
    ],
    [
      'two statistics',
      of(`share: 100%, count: 1, ${STATUS}`),
      '4:21+5 error SCN_ONE_OF: these are two thresholds in one: share, count; write two thresholds',
    ],
    [
      'no condition',
      of('share: 100%'),
      '4:3+1 error SCN_MISSING_KEY: "of" is missing; add of: a condition',
    ],
    [
      'two conditions',
      of('share: 100%, of: { received: 1, frames: 2 }'),
      '4:40+6 error SCN_ONE_OF: received and frames exclude one another; keep one of them',
    ],
    [
      'a bare number as share',
      of(`share: { gte: 99 }, ${STATUS}`),
      '4:22+2 error SCN_BAD_VALUE: 99 is not a share; write a share: 99.9%',
    ],
    [
      'more than all',
      of(`share: { gte: 101% }, ${STATUS}`),
      '4:22+4 error SCN_BAD_VALUE: "101%" is not a share; write a share: 99.9%',
    ],
    [
      'a literal that is neither all nor none',
      of(`share: 95%, ${STATUS}`),
      '4:15+3 error SCN_BAD_VALUE: "95%" is not a share that can be exact; write 100% or 0%, which are about this sample, or { gte: 99% }',
    ],
    [
      'an empty share',
      of(`share: {}, ${STATUS}`),
      '4:8+5 error SCN_BAD_VALUE: a statistic of which nothing is asked; write gte or lte',
    ],
    [
      'a percentile of no time',
      of(`p95: { lte: 1s }, ${STATUS}`),
      '4:26+2 error SCN_MISPLACED: p95 is of a time, and this is none; write of: { elapsed: { from: …, to: … } }',
    ],
    [
      'a percentile that says twice how long',
      of('p95: { lte: 1s }, of: { elapsed: { from: sent, to: opened, lte: 2s } }'),
      '4:26+2 error SCN_MISPLACED: p95 itself says how long it may take; leave is, gte and lte to p95',
    ],
    [
      'a time without a length under a share',
      of(`share: 100%, ${TIME}`),
      '4:21+2 error SCN_ONE_OF: elapsed does not say how long; write is, gte or lte beside from and to',
    ],
    [
      'a number as percentile',
      of(`p95: 1s, ${TIME}`),
      '4:13+2 error SCN_BAD_TYPE: "1s" is not a mapping; write a mapping of: is, gte, lte, tolerance',
    ],
    [
      'a rate',
      of(`rate: { gte: 5/s }, ${STATUS}`),
      '4:8+4 error SCN_MISPLACED: "rate" does not belong here; a rate is per second of a load phase, and steps have none: write count or share',
    ],
    [
      'an estimate',
      of('estimate: token-bucket, of: throttle.kind'),
      '4:8+8 error SCN_MISPLACED: "estimate" does not belong here; an estimate is of a limiter, which a throttle finds out: write throttle: { offer: … }',
    ],
    [
      'a phase',
      of(`share: 100%, ${STATUS}, during: peak`),
      '4:57+6 error SCN_MISPLACED: "during" does not belong here; during is about a phase of a load, and steps have none',
    ],
    [
      'an early end',
      of(`share: 100%, ${STATUS}, abort: true`),
      '4:57+5 error SCN_MISPLACED: "abort" does not belong here; abort ends a load early; steps run to their end',
    ],
    [
      'an unknown ending',
      of(`share: 100%, ${STATUS}, among: { ending: resett }`),
      '4:74+6 error SCN_BAD_VALUE: "resett" is not one of close, fin, reset, silence, deleteConnection; did you mean "reset"?',
    ],
    [
      'nothing under among',
      of(`share: 100%, ${STATUS}, among: {}`),
      '4:57+5 error SCN_BAD_VALUE: nothing that narrows the samples; write handshake or ending',
    ],
    [
      'a confidence below one half',
      of(`share: { gte: 90% }, ${STATUS}, confidence: 5%`),
      '4:77+2 error SCN_BAD_VALUE: "5%" is not a confidence; write a share from 50% to 99.999%: confidence: 99%',
    ],
    [
      'the confidence of a count',
      of(`count: 1, ${STATUS}, confidence: 99%`),
      '4:54+10 error SCN_MISPLACED: only a share has a confidence; leave it out',
    ],
    [
      'within beside of',
      of(`share: 100%, ${STATUS}, within: 5s`),
      '4:57+6 error SCN_MISPLACED: "within" does not belong here; write it beside the condition: of: { …, within: 30s }',
    ],
    [
      'what no threshold can judge',
      of('share: 100%, of: { distinct: handshake.status }'),
      '4:27+8 error SCN_UNKNOWN_KEY: unknown key "distinct"; write one of: handshake, received, frames, events, closed, answers, order, never, elapsed, same, within',
    ],
    [
      'an id that a check has',
      `${of(`share: 100%, ${STATUS}`)}checks: { a: { handshake: { status: 101 } } }\n`,
      '4:3+1 error SCN_DUPLICATE_NAME: "a" is the id of a check; choose another id: they are unique across both',
    ],
    [
      'a name inside',
      of('share: 100%, of: { order: [client.sent, opened] }'),
      '4:35+11 error SCN_MISPLACED: a threshold judges each connection by itself; leave the name out and write connection beside of',
    ],
    [
      'a call that nobody makes',
      of('share: 100%, of: { answers: { getConnection: { status: 200 } } }'),
      '4:38+13 error SCN_UNKNOWN_NAME: there is no call "getConnection"; add a step that makes it',
    ],
    [
      'an unknown connection',
      of(`connection: cleint, share: 100%, ${STATUS}`),
      '4:20+6 error SCN_UNKNOWN_NAME: there is no connection "cleint"; did you mean "client"?',
    ],
    [
      'several connections and no name',
      `title: t
steps: [{ as: a, connect: }, { as: b, connect: }]
thresholds: { all: { share: 100%, ${STATUS} } }
`,
      '3:15+3 error SCN_NAME_NEEDED: with several connections a threshold has to say which ones it is about; add connection: a',
    ],
    [
      'an empty mapping',
      'title: t\nsteps: [{ connect: }]\nthresholds:\n',
      '3:1+10 error SCN_MISSING_KEY: a scenario without thresholds decides nothing; write at least one threshold',
    ],
  ])('%s', (_, text, complaint) => {
    expect(complaintsAbout(text)).toEqual([complaint]);
  });
});

describe('too few connections', () => {
  it.each([
    [
      'p95 of 19',
      of(`p95: { lte: 1s }, ${TIME}`, 19),
      [
        '4:8+3 warning SCN_TOO_FEW_SAMPLES: 19 connections can never decide p95; connect 20 or more: connect: { count: 20 }',
      ],
    ],
    ['p95 of 20', of(`p95: { lte: 1s }, ${TIME}`, 20), []],
    ['max of 1', of(`max: { lte: 1s }, ${TIME}`, 1), []],
    [
      'at least 90% of 34',
      of(`share: { gte: 90% }, ${STATUS}`, 34),
      [
        '4:8+5 warning SCN_TOO_FEW_SAMPLES: 34 connections can never show this share, whatever they come to; connect 35 or more, or write share: 100%, which is about this sample',
      ],
    ],
    ['at least 90% of 35', of(`share: { gte: 90% }, ${STATUS}`, 35), []],
    [
      'at most 1% of 100',
      of(`share: { lte: 1% }, ${STATUS}`, 100),
      [
        '4:8+5 warning SCN_TOO_FEW_SAMPLES: 100 connections can never show this share, whatever they come to; connect 381 or more, or write share: 0%, which is about this sample',
      ],
    ],
    [
      'between 40% and 60% of 10',
      of(`share: { gte: 40%, lte: 60% }, ${STATUS}`, 10),
      [
        '4:8+5 warning SCN_TOO_FEW_SAMPLES: 10 connections can never show this share, whatever they come to; connect more, or ask for less',
      ],
    ],
    ['between 40% and 60% of 100', of(`share: { gte: 40%, lte: 60% }, ${STATUS}`, 100), []],
    [
      'all, by an interval',
      of(`share: { gte: 100% }, ${STATUS}`, 100),
      [
        '4:8+5 warning SCN_TOO_FEW_SAMPLES: 100 connections can never show this share, whatever they come to; write share: 100%, which is about this sample',
      ],
    ],
    ['all of this sample', of(`share: 100%, ${STATUS}`, 1), []],
    ['a size that is not known yet', of(`share: { gte: 90% }, ${STATUS}`, '"${n}"' as never), []],
  ])('%s', (_, text, warnings) => {
    expect(complaintsAbout(text)).toEqual(warnings);
  });

  it('of several groups together', () => {
    const text = `title: t
steps: [{ as: a, connect: { count: 20 } }, { as: b, connect: { count: 20 } }]
thresholds:
  one: { connection: a, share: { gte: 90% }, ${STATUS} }
  both: { connection: [a, b], share: { gte: 90% }, ${STATUS} }
`;
    expect(complaintsAbout(text)).toEqual([
      '4:25+5 warning SCN_TOO_FEW_SAMPLES: 20 connections can never show this share, whatever they come to; connect 35 or more, or write share: 100%, which is about this sample',
    ]);
  });
});
