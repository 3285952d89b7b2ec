import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareInterval, wilson } from '../base/interval.ts';
import type { Condition, Ending, Matcher, Threshold } from '../scenario/model.ts';
import {
  answer,
  brief,
  call,
  closed,
  closeFrame,
  type Entry,
  evidenceOf,
  failure,
  fin,
  findingOf,
  frame,
  invoked,
  judge,
  moment,
  of,
  reset,
  response,
  sent,
  step,
} from './fixture/evidence.ts';

const status = (want: Matcher): Condition => ({ kind: 'handshake', fields: { status: want } });
const events = (count: Matcher): Condition => ({
  kind: 'events',
  want: {
    $disconnect: { count, each: undefined, some: undefined, none: undefined, schema: undefined },
  },
});
const elapsed = (from: string, to: string): Condition => ({
  kind: 'elapsed',
  from: moment(from),
  to: moment(to),
  ms: {},
});

const share = (want: Matcher, what: Condition, among?: Threshold['among']): Threshold => ({
  kind: 'threshold',
  statistic: { kind: 'share', want, confidence: 0.95 },
  of: what,
  among,
});
const count = (want: Matcher, what: Condition, among?: Threshold['among']): Threshold => ({
  kind: 'threshold',
  statistic: { kind: 'count', want },
  of: what,
  among,
});
const percentile = (name: string, at: number, want: Matcher, what: Condition): Threshold => ({
  kind: 'threshold',
  statistic: { kind: 'percentile', name, share: at, want },
  of: what,
  among: undefined,
});
const endings = (...words: readonly Ending[]): Threshold['among'] => ({
  handshake: undefined,
  endings: words,
});

/** A member whose handshake is answered with `code`. */
const answered = (member: number, code: number, atMs = 2): readonly Entry[] =>
  [sent(1), response(atMs, code)].map((entry) => of('client', member, entry));
/** One that opens and is ended with FIN at 10 ms; `$disconnect` comes at `toldMs`. */
const ended = (member: number, toldMs?: number): readonly Entry[] => [
  ...answered(member, 101),
  ...[fin(10, 'out'), closed(11)].map((entry) => of('client', member, entry)),
  ...(toldMs === undefined
    ? []
    : [of('client', member, invoked(toldMs, '$disconnect', { id: `d${member}` }))]),
];
const group = (
  members: readonly (readonly Entry[])[],
  endedMs = 20,
): ReturnType<typeof evidenceOf> =>
  evidenceOf(
    members.flat().toSorted((a, b) => a.atUs - b.atUs),
    { endedMs, groups: { client: members.length } },
  );
const times = <T>(many: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: many }, (_, index) => make(index));

const refusing = (opened: number, refused: number): ReturnType<typeof group> =>
  group(times(opened + refused, (index) => answered(index, index < opened ? 101 : 429)));

describe('a share', () => {
  const opens = status({ is: 101 });

  it.each([
    ['inside', { gte: 0.9 }, [40, 0], 'passed: 40 of 40 (100%), 95% interval 91.24% to 100%'],
    [
      'across',
      { gte: 0.9 },
      [39, 1],
      'inconclusive: 39 of 40 (97.5%), 95% interval 87.12% to 99.56%; if it stays so, 22 more samples decide; without: client[39] (client[39]: the answer was 429, 1 ms after the request)',
    ],
    [
      'outside',
      { gte: 0.9 },
      [25, 15],
      'failed: 25 of 40 (62.5%), 95% interval 47.03% to 75.78%; without: client[25], client[26], client[27], client[28], client[29], … (client[25]: the answer was 429, 1 ms after the request)',
    ],
    ['few enough', { lte: 0.1 }, [0, 40], 'passed: 0 of 40 (0%), 95% interval 0% to 8.76%'],
    [
      'too many',
      { lte: 0.1 },
      [30, 10],
      'failed: 30 of 40 (75%), 95% interval 59.81% to 85.81%; with: client[0], client[1], client[2], client[3], client[4], … (client[0]: the answer was 101 Switching Protocols, 1 ms after the request)',
    ],
    ['all of this sample', { is: 1 }, [3, 0], 'passed: 3 of 3 (100%)'],
    [
      'not all of it',
      { is: 1 },
      [2, 1],
      'failed: 2 of 3 (66.67%); without: client[2] (client[2]: the answer was 429, 1 ms after the request)',
    ],
    ['none of it', { is: 0 }, [0, 3], 'passed: 0 of 3 (0%)'],
    [
      'on the bound',
      { gte: 0.9 },
      [9, 1],
      'inconclusive: 9 of 10 (90%), 95% interval 59.58% to 98.21%; no number of samples decides a share that lies on its bound; without: client[9] (client[9]: the answer was 429, 1 ms after the request)',
    ],
  ] as const)('%s', (_, want, [opened, refused], said) => {
    expect(brief(judge(share(want, opens), refusing(opened, refused)))).toBe(said);
  });

  it('tells its numbers, and the records of those that are missing', () => {
    expect(findingOf(judge(share({ gte: 0.9 }, opens), refusing(39, 1)))).toMatchObject({
      verdict: 'inconclusive',
      reason: 'TOO_FEW_SAMPLES',
      expected: 'at least 90% with status 101 (95% confidence)',
      actual: {
        share: 0.975,
        held: 39,
        samples: 40,
        interval: [expect.closeTo(0.8712, 4), expect.closeTo(0.9956, 4)],
        confidence: 0.95,
        needed: 22,
        without: ['client[39]'],
      },
      evidence: [80],
    });
  });

  it('is what its interval says, whatever was counted', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), fc.integer({ min: 1, max: 99 }), (a, b, bound) => {
        fc.pre(a + b > 0);
        const want = { gte: bound / 100 };
        const verdict = { inside: 'passed', outside: 'failed', across: 'inconclusive' }[
          compareInterval(wilson({ held: a, samples: a + b }, 0.95), want)
        ];
        expect(findingOf(judge(share(want, opens), refusing(a, b)))).toMatchObject({ verdict });
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['should', 'warned'],
    ['may', 'recorded'],
  ] as const)('that is outside and %s hold is %s', (level, verdict) => {
    expect(findingOf(judge(share({ gte: 0.9 }, opens), refusing(5, 35), { level }))).toMatchObject({
      verdict,
    });
  });

  it.each([
    ['too few', share({ gte: 0.9 }, opens)],
    ['too many', share({ lte: 0.1 }, opens)],
    ['too few', count({ gte: 35 }, opens)],
    ['too many', count({ lte: 3 }, opens)],
    ['too many', count({ is: 3 }, opens)],
    ['too few', count({ is: 35 }, opens)],
    ['too few', count({ gte: 25, lte: 30 }, opens)],
    ['too many', count({ gte: 2, lte: 5 }, opens)],
    ['too few', share({ gte: 0.8, lte: 0.9 }, opens)],
    ['too many', share({ gte: 0.1, lte: 0.2 }, opens)],
    ['too few', count({ oneOf: [25, 30] }, opens)],
    ['too many', count({ oneOf: [2, 5] }, opens)],
    ['not as asked: some', count({ oneOf: [2, 30] }, opens)],
    ['not as asked: some', count({ not: { is: 20 } }, opens)],
    ['too many', count({ not: { gte: 5 } }, opens)],
    ['too few', count({ not: { lte: 35 } }, opens)],
  ])('deviates by a word: %s', (word, threshold) => {
    expect(findingOf(judge(threshold, refusing(20, 20)))).toMatchObject({
      verdict: 'failed',
      deviation: { [threshold.statistic.kind]: word },
    });
  });
});

it.each([
  ['too few', count({ gte: 2, lte: 5 }, status({ is: 101 })), [1, 9], 'without', 'client[1]'],
  ['too many', count({ gte: 2, lte: 5 }, status({ is: 101 })), [6, 4], 'with', 'client[0]'],
  ['too few', share({ gte: 0.4, lte: 0.6 }, status({ is: 101 })), [5, 35], 'without', 'client[5]'],
  ['too many', share({ gte: 0.4, lte: 0.6 }, status({ is: 101 })), [35, 5], 'with', 'client[0]'],
] as const)(
  '%s between two bounds names whom to look at',
  (word, threshold, [a, b], how, label) => {
    const finding = findingOf(judge(threshold, refusing(a, b)));
    expect(finding).toMatchObject({
      verdict: 'failed',
      deviation: { [threshold.statistic.kind]: word },
      actual: { [how]: expect.arrayContaining([label]) },
    });
    expect(finding).not.toHaveProperty(['actual', how === 'with' ? 'without' : 'with']);
  },
);

it.each([
  ['none', 0],
  ['some', 1],
  ['all', 3],
])('a count that is not as asked on no side says of how many: %s', (word, opened) => {
  const no = count({ schema: { type: 'string' } }, status({ is: 101 }));
  expect(findingOf(judge(no, refusing(opened, 3 - opened)))).toMatchObject({
    deviation: { count: `not as asked: ${word}` },
  });
});

describe('a count', () => {
  const refused = status({ is: 429 });

  it.each([
    ['enough', { gte: 1 }, 1, 'passed: 1 of 20'],
    [
      'too few',
      { gte: 1 },
      0,
      'failed: 0 of 20; without: client[0], client[1], client[2], client[3], client[4], … (client[0]: the answer was 101 Switching Protocols, 1 ms after the request)',
    ],
    ['none', { is: 0 }, 0, 'passed: 0 of 20'],
    [
      'one too many',
      { is: 0 },
      1,
      'failed: 1 of 20; with: client[19] (client[19]: the answer was 429, 1 ms after the request)',
    ],
  ] as const)('%s', (_, want, many, said) => {
    expect(brief(judge(count(want, refused), refusing(20 - many, many)))).toBe(said);
  });

  it('over nothing is inconclusive, also when none is wanted', () => {
    const among = { handshake: { status: { is: 500 } }, endings: undefined };
    for (const threshold of [
      count({ is: 0 }, refused, among),
      share({ is: 1 }, refused, among),
      { ...percentile('max', 1, { gte: 0 }, elapsed('sent', 'opened')), among },
    ]) {
      expect(findingOf(judge(threshold, refusing(3, 3)))).toMatchObject({
        verdict: 'inconclusive',
        reason: 'NO_SAMPLES',
        actual: { samples: 0 },
      });
    }
  });
});

describe('the samples', () => {
  const told = events({ gte: 1 });
  const open = (member: number): readonly Entry[] => answered(member, 101);

  it('of what is about $disconnect opened and ended', () => {
    const all = group([ended(0, 30), ended(1, 31), open(2), answered(3, 403)]);
    expect(brief(judge(share({ is: 1 }, told), all))).toBe('passed: 2 of 2 (100%)');
  });

  it('of all else are attempts', () => {
    const all = group([ended(0), open(1), answered(2, 403)]);
    expect(brief(judge(count({ is: 2 }, status({ is: 101 })), all))).toBe('passed: 2 of 3');
  });

  it('do not hold what ended after the steps', () => {
    const late = [...open(1), of('client', 1, fin(25, 'in'))];
    expect(brief(judge(share({ is: 1 }, told), group([ended(0, 30), late])))).toBe(
      'passed: 1 of 1 (100%)',
    );
  });

  it('among a handshake', () => {
    const among = { handshake: { status: { gte: 400 } }, endings: undefined };
    const all = group([answered(0, 101), answered(1, 429), answered(2, 503)]);
    const threshold = share({ is: 1 }, status({ is: 429 }), among);
    expect(brief(judge(threshold, all))).toMatch(/^failed: 1 of 2 \(50%\); without: client\[2\]/);
  });

  it.each<[Ending, readonly Entry[]]>([
    ['close', [closeFrame(10, 'out', 1000), closeFrame(11, 'in', 1000), closed(12)]],
    ['fin', [fin(10, 'out'), closed(11)]],
    ['reset', [reset(10, 'out'), closed(11)]],
    ['silence', [{ connection: 'client', member: 0, kind: 'silence', atUs: 10_000 }]],
    ['deleteConnection', [call(10, 'deleteConnection'), closeFrame(11, 'in', 1000)]],
  ])('among those ended by %s', (ending, entries) => {
    const all = group([[...open(0), ...entries], open(1)]);
    const others = ['close', 'fin', 'reset', 'silence', 'deleteConnection'] as const;
    const opens = status({ is: 101 });
    for (const word of others) {
      expect(brief(judge(share({ is: 1 }, opens, endings(word)), all))).toMatch(
        word === ending ? /^passed: 1 of 1/ : /^inconclusive: there is no sample/,
      );
    }
  });

  it.each<[string, readonly Entry[]]>([
    ['the server', [closeFrame(10, 'in', 1001), closeFrame(11, 'out', 1001), closed(12)]],
    [
      'our client, on a violation',
      [
        {
          ...frame(9, 'in', { opcode: 1 }),
          kind: 'protocolError',
          code: 'X',
          message: 'm',
          closeCode: 1002,
          bytes: { bytes: 0 },
        },
        closeFrame(10, 'out', 1002),
        closed(12),
      ],
    ],
    [
      'a deletion that was not answered',
      [
        call(10, 'deleteConnection'),
        answer(11, 'deleteConnection', 'no answer within 5 s'),
        closed(12),
      ],
    ],
  ])('that were ended by %s have no ending of ours', (_, entries) => {
    const all = group([[...open(0), ...entries]]);
    const any = endings('close', 'fin', 'reset', 'silence', 'deleteConnection');
    expect(brief(judge(share({ is: 1 }, told, any), all))).toMatch(/there is no sample/);
  });

  it('that never opened have no ending', () => {
    const aborted = [sent(1), fin(5, 'out'), closed(6)].map((one) => of('client', 0, one));
    expect(brief(judge(share({ is: 1 }, told, endings('fin')), group([aborted])))).toMatch(
      /there is no sample/,
    );
  });

  it('are not known while steps run', () => {
    const running = evidenceOf(ended(0, 15), { groups: { client: 1 } });
    expect(brief(judge(share({ is: 1 }, told), running, { nowMs: 100 }))).toBe('until Infinity');
  });
});

describe('waiting', () => {
  it('ends when every sample has been told of', () => {
    const threshold = share({ gte: 0.5 }, events({ gte: 1 }));
    const some = group(times(40, (index) => ended(index, index < 39 ? 30 + index : undefined)));
    expect(brief(judge(threshold, some, { nowMs: 100 }))).toBe('until 10010');
    expect(brief(judge(threshold, some, { nowMs: 100, withinMs: 2000 }))).toBe('until 2010');
    expect(brief(judge(threshold, some, { nowMs: 10_010 }))).toMatch(/^passed: 39 of 40 /);
    const all = group(times(40, (index) => ended(index, 30 + index)));
    expect(brief(judge(threshold, all, { nowMs: 100 }))).toMatch(/^passed: 40 of 40 /);
  });

  it('says the same at every later instant', () => {
    const threshold = share({ gte: 0.9 }, events({ is: 1 }));
    const all = group(times(40, (index) => ended(index, index < 30 ? 30 : undefined)));
    const first = brief(judge(threshold, all, { nowMs: 10_010 }));
    expect(first).toMatch(/^failed: 30 of 40 /);
    expect(brief(judge(threshold, all, { nowMs: 60_000 }))).toBe(first);
    expect(brief(judge(threshold, all))).toBe(first);
  });

  it('does not count what came after it', () => {
    const late = group([ended(0, 20_000)]);
    expect(brief(judge(share({ is: 1 }, events({ gte: 1 })), late))).toMatch(/^failed: 0 of 1 /);
  });
});

describe('what cannot be told', () => {
  const unreached = (member: number): readonly Entry[] => [
    of('client', member, failure(2, 'unreachable')),
  ];
  const some = (opened: number, lost: number): ReturnType<typeof group> =>
    group(times(opened + lost, (i) => (i < opened ? answered(i, 101) : unreached(i))));

  it.each([
    ['none', count({ is: 0 }, status({ is: 500 }))],
    ['few', count({ lte: 3 }, status({ is: 500 }))],
    ['many', count({ gte: 30 }, status({ is: 101 }))],
    ['not one', share({ is: 0 }, status({ is: 500 }))],
    ['a small share', share({ lte: 0.1 }, status({ is: 500 }))],
    ['a great share', share({ gte: 0.9 }, status({ is: 101 }))],
  ])('counts neither for nor against: %s', (_, threshold) => {
    expect(findingOf(judge(threshold, some(2, 38)))).toMatchObject({
      verdict: 'errored',
      reason: 'TARGET_UNREACHABLE',
      evidence: expect.arrayContaining([expect.any(Number)]),
      message: expect.stringMatching(
        /^of 40 samples 38 could not be judged \(client\[2\], .*: client\[2\] could not connect/,
      ),
    });
  });

  it.each([
    ['failed', count({ is: 0 }, status({ is: 101 }))],
    ['passed', count({ gte: 1 }, status({ is: 101 }))],
    ['passed', count({ lte: 38 }, status({ is: 500 }))],
    ['failed', share({ is: 1 }, status({ is: 500 }))],
  ])('leaves what is the same either way: %s', (verdict, threshold) => {
    expect(findingOf(judge(threshold, some(2, 38)))).toMatchObject({ verdict });
  });

  it('is judged where the outcome is asked for', () => {
    const lost: Condition = { kind: 'handshake', fields: { outcome: { is: 'unreachable' } } };
    expect(brief(judge(count({ is: 0 }, lost), some(2, 38)))).toMatch(/^failed: 38 of 40/);
    const opened: Condition = { kind: 'handshake', fields: { outcome: { is: 'opened' } } };
    expect(brief(judge(share({ gte: 0.9 }, opened), some(2, 38)))).toMatch(/^failed: 2 of 40/);
  });

  it.each([
    [
      'errored: of 30 samples 28 could not be judged (client[2], client[3], client[4], client[5], client[6], …: client[2] could not connect: no answer (unreachable))',
      [2, 28],
      0.5,
      { lte: 5000 },
    ],
    [
      'errored: of 30 samples 28 could not be judged (client[2], client[3], client[4], client[5], client[6], …: client[2] could not connect: no answer (unreachable))',
      [2, 28],
      0.5,
      { gte: 1 },
    ],
    [
      'passed: p of 30 samples is 1 ms; 5 could not connect: client[25], client[26], client[27], client[28], client[29]',
      [25, 5],
      0.5,
      { lte: 5000 },
    ],
    [
      'failed: p of 20 samples is 1 ms or longer; 2 could not connect: client[18], client[19]',
      [18, 2],
      0.95,
      { lte: 0.5 },
    ],
  ] as const)('of a percentile: %s', (said, [opened, lost], at, want) => {
    const threshold = percentile('p', at, want, elapsed('sent', 'opened'));
    expect(brief(judge(threshold, some(opened, lost)))).toBe(said);
  });

  it('of a percentile leaves inconclusive what is so either way', () => {
    const told = elapsed('closing', '$disconnect.started');
    const all = group([...times(19, (index) => ended(index)), unreached(19)]);
    expect(brief(judge(percentile('p50', 0.5, { lte: 15_000 }, told), all))).toMatch(
      /^inconclusive: /,
    );
  });

  it('does not count for what nobody denied', () => {
    expect(brief(judge(share({ gte: 0.9 }, status({ not: { is: 503 } })), some(20, 20)))).toBe(
      'errored: of 40 samples 20 could not be judged (client[20], client[21], client[22], client[23], client[24], …: client[20] could not connect: no answer (unreachable)), and 20 held',
    );
  });

  it('does not matter where the verdict is the same either way', () => {
    const told = count(
      { gte: 1 },
      {
        kind: 'closed',
        fields: { by: { is: 'client' } },
      },
    );
    const all = group([ended(0), unreached(1)]);
    expect(brief(judge(told, all))).toBe('passed: 1 of 2');
  });

  it('is an error where nobody could be reached', () => {
    expect(findingOf(judge(share({ gte: 0.9 }, status({ is: 101 })), some(0, 3)))).toMatchObject({
      verdict: 'errored',
      reason: 'TARGET_UNREACHABLE',
      message: 'none of 3 attempts could connect',
    });
    const outcome: Condition = { kind: 'handshake', fields: { outcome: { is: 'unreachable' } } };
    expect(brief(judge(share({ is: 1 }, outcome), some(0, 3)))).toBe('passed: 3 of 3 (100%)');
  });

  it('is an error where our own connect was prevented', () => {
    const prevented = evidenceOf([step(1, 'connect', 'prevented')], { endedMs: 5 });
    expect(brief(judge(count({ is: 0 }, status({ is: 429 })), prevented))).toMatch(/^errored: /);
  });

  it('is an error where no group was made', () => {
    expect(
      brief(judge(count({ is: 0 }, status({ is: 1 })), evidenceOf([], { groups: {}, endedMs: 1 }))),
    ).toBe('errored: there is no connection "client"');
  });

  it('fails what waits for a step that the endpoint prevented', () => {
    const interruption = { cause: 'target', step: '2 (close)', message: 'refused' } as const;
    const all = evidenceOf(answered(0, 403), { endedMs: 20, interruption });
    expect(
      brief(judge(share({ is: 1 }, { kind: 'closed', fields: { by: { is: 'client' } } }), all)),
    ).toBe('failed: step 2 (close) could not be done: refused');
  });
});

it('fails where a step that the endpoint prevented left too few samples, or none', () => {
  const interruption = { cause: 'target', step: '2 (drop)', message: 'refused' } as const;
  const all = (cause: 'target' | 'tool'): ReturnType<typeof group> => ({
    ...group([answered(0, 403), ended(1, 12)]),
    interruption: { ...interruption, cause },
  });
  const told = (threshold: Threshold, cause: 'target' | 'tool'): string =>
    brief(judge(threshold, all(cause)));
  const one = events({ gte: 1 });
  const never = endings('reset');
  const why = 'step 2 (drop) could not be done: refused';
  expect(told(share({ gte: 0.9 }, one), 'target')).toBe(`failed: ${why}`);
  expect(told(share({ gte: 0.9 }, one, never), 'target')).toBe(`failed: ${why}`);
  expect(told(share({ gte: 0.9 }, one, never), 'tool')).toBe(`errored: ${why}`);
  expect(told(share({ is: 1 }, one), 'target')).toBe('passed: 1 of 1 (100%)');
});

describe('a percentile', () => {
  const toOpened = elapsed('sent', 'opened');
  const toTold = elapsed('closing', '$disconnect.started');
  /** 100 members that open after 1, 2, … 100 ms. */
  const hundred = group(times(100, (index) => answered(index, 101, index + 2)));

  it.each([
    [
      'p50',
      0.5,
      { lte: 50 },
      'passed: p50 of 100 samples is 50 ms; the longest client[99]: 100 ms',
    ],
    [
      'p95',
      0.95,
      { lte: 94 },
      'failed: p95 of 100 samples is 95 ms; the longest client[99]: 100 ms',
    ],
    [
      'p99',
      0.99,
      { gte: 99 },
      'passed: p99 of 100 samples is 99 ms; the longest client[99]: 100 ms',
    ],
    ['max', 1, { lte: 99 }, 'failed: max of 100 samples is 100 ms; the longest client[99]: 100 ms'],
    ['p99.9', 0.999, { lte: 1 }, 'inconclusive: 100 samples; p99.9 needs 1000, 900 more'],
  ] as const)('%s', (name, at, want, said) => {
    expect(brief(judge(percentile(name, at, want, toOpened), hundred))).toBe(said);
  });

  it('tells its numbers and the slowest', () => {
    expect(findingOf(judge(percentile('p95', 0.95, { lte: 94 }, toOpened), hundred))).toMatchObject(
      {
        expected: 'p95 of sent to opened at most 94 ms',
        actual: {
          p95: 95,
          samples: 100,
          longest: [
            'client[99]: 100 ms',
            'client[98]: 99 ms',
            'client[97]: 98 ms',
            'client[96]: 97 ms',
            'client[95]: 96 ms',
          ],
        },
        evidence: expect.arrayContaining([200]),
      },
    );
  });

  it.each([
    [
      'fails where they were missing for longer than is allowed',
      { lte: 5000 },
      'failed: p95 of 20 samples is longer than 10000 ms: it never came while it was watched; 2 never came: client[18], client[19]',
    ],
    [
      'does not know where they were not watched for long enough',
      { lte: 15_000 },
      'inconclusive: p95 of 20 samples is longer than 10000 ms: it never came while it was watched; 2 never came: client[18], client[19]',
    ],
    [
      'passes nothing, not even "at least"',
      { gte: 1 },
      'inconclusive: p95 of 20 samples is longer than 10000 ms: it never came while it was watched; 2 never came: client[18], client[19]',
    ],
  ])('with ends that never came %s', (_, want, said) => {
    const two = group(times(20, (index) => ended(index, index < 18 ? 30 : undefined)));
    expect(brief(judge(percentile('p95', 0.95, want, toTold), two))).toBe(said);
  });

  it('with fewer missing ends than it leaves out is known', () => {
    const one = group(times(20, (index) => ended(index, index < 19 ? 30 : undefined)));
    expect(brief(judge(percentile('p95', 0.95, { lte: 50 }, toTold), one))).toBe(
      'passed: p95 of 20 samples is 20 ms; 1 never came: client[19]',
    );
  });

  it('of refused attempts is endless', () => {
    const refused = group(times(20, (index) => answered(index, index < 18 ? 101 : 403)));
    expect(brief(judge(percentile('p95', 0.95, { lte: 50 }, toOpened), refused))).toBe(
      'failed: p95 of 20 samples is endless: it never came; 2 never came: client[18], client[19]',
    );
    expect(brief(judge(percentile('p95', 0.95, { gte: 0 }, toOpened), refused))).toMatch(/^failed/);
  });

  it('of what came before its beginning is endless', () => {
    const early = group([ended(0, 5)]);
    expect(brief(judge(percentile('max', 1, { lte: 50 }, toTold), early))).toMatch(
      /^failed: max of 1 samples is endless/,
    );
  });

  it('of two clocks lies within their bound', () => {
    const entries = [
      ...answered(0, 101),
      fin(10, 'out'),
      closed(11),
      invoked(110, '$disconnect', { clock: 'platform' }),
    ];
    const told = (lte: number, more: { readonly clockBoundMs?: number } = {}): string =>
      brief(
        judge(percentile('max', 1, { lte }, toTold), evidenceOf(entries, { endedMs: 20, ...more })),
      );
    expect(told(120, { clockBoundMs: 15 })).toMatch(/^passed: max of 1 samples is 85 ms to 115 ms/);
    expect(told(100, { clockBoundMs: 15 })).toMatch(/^inconclusive: /);
    expect(told(80, { clockBoundMs: 15 })).toMatch(/^failed: /);
    expect(told(80)).toMatch(/^inconclusive: /);
  });

  it('of one clock with coarse stamps lies within their tick', () => {
    const entries = [
      invoked(100, '$connect', { clock: 'platform' }),
      ...answered(0, 101),
      fin(10, 'out'),
      closed(11),
      invoked(400, '$disconnect', { clock: 'platform' }),
    ];
    const told = (lte: number): string => {
      const stayed = elapsed('$connect.started', '$disconnect.started');
      const evidence = evidenceOf(entries, { endedMs: 420, clockTickMs: 100 });
      return brief(judge(percentile('max', 1, { lte }, stayed), evidence)).slice(0, 12);
    };
    expect([told(400), told(300), told(200)]).toEqual([
      'passed: max ',
      'inconclusive',
      'failed: max ',
    ]);
  });

  it('waits for what may still come', () => {
    const two = group(times(20, (index) => ended(index, index < 18 ? 30 : undefined)));
    expect(brief(judge(percentile('p95', 0.95, { lte: 50 }, toTold), two, { nowMs: 100 }))).toBe(
      'until 10010',
    );
  });
});
