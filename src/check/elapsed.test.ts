import { describe, expect, it } from 'vitest';
import type { Matcher } from '../scenario/model.ts';
import {
  brief,
  closeFrame,
  type Entry,
  evidenceOf,
  failure,
  findingOf,
  invoked,
  judge,
  moment,
  of,
  response,
  sent,
} from './fixture/evidence.ts';

function elapsed(from: string, to: string, ms: Matcher) {
  return { kind: 'elapsed', from: moment(from), to: moment(to), ms } as const;
}

const refused: readonly Entry[] = [sent(1), response(29_501, 504)];
const around: Matcher = { is: 29_000, tolerance: { kind: 'absolute', value: 2000 } };

describe('elapsed', () => {
  it.each<[ms: Matcher, verdict: string]>([
    [around, 'passed'],
    [{ is: 29_500 }, 'passed'],
    [{ gte: 29_500, lte: 29_500 }, 'passed'],
    [{ is: 29_000 }, 'failed'],
    [{ lte: 29_499 }, 'failed'],
    [{ gte: 29_501 }, 'failed'],
  ])('judges 29.5 s against %j: %s', (ms, verdict) => {
    expect(findingOf(judge(elapsed('sent', 'answered', ms), evidenceOf(refused)))).toMatchObject({
      verdict,
      message: 'answered came 29500 ms after sent',
      actual: { 'answered - sent': 29_500 },
      evidence: [1, 2],
    });
  });

  it('says what it asks for', () => {
    expect(
      findingOf(judge(elapsed('sent', 'answered', around), evidenceOf(refused))),
    ).toMatchObject({
      expected: 'answered 29000 ms ± 2000 ms after sent',
    });
  });

  it('is broken by an end before its beginning, however little was asked for', () => {
    const told = [
      sent(1),
      response(2, 101),
      invoked(7, '$disconnect'),
      closeFrame(10, 'out', 1000),
    ];
    const soon = elapsed('closing', '$disconnect.started', { lte: 5000 });
    expect(brief(judge(soon, evidenceOf(told, { endedMs: 10 })))).toBe(
      'failed: $disconnect.started came 3 ms before closing',
    );
  });

  it('needs both moments', () => {
    const asked = elapsed('sent', 'answered', { lte: 5000 });
    expect(brief(judge(asked, evidenceOf([sent(1)], { endedMs: 5 }), { nowMs: 6 }))).toBe(
      'until 10005',
    );
    expect(brief(judge(asked, evidenceOf([sent(1), failure(9, 'dropped')]), { nowMs: 9 }))).toBe(
      'failed: answered never came',
    );
  });

  it('holds for each member', () => {
    const crowd = [0, 1].flatMap((member) => [
      of('crowd', member, sent(1)),
      of('crowd', member, response(5 + member, 101)),
    ]);
    const evidence = evidenceOf(crowd, { groups: { crowd: 2 }, endedMs: 9 });
    const group = { connections: ['crowd'] };
    expect(brief(judge(elapsed('sent', 'opened', { lte: 5 }), evidence, group))).toMatch(/^passed/);
    expect(brief(judge(elapsed('sent', 'opened', { lte: 4 }), evidence, group))).toBe(
      'failed: crowd[1] opened came 5 ms after crowd[1] sent',
    );
  });

  it('takes any value within the bound of two clocks', () => {
    const skewed = [sent(100), invoked(97, '$connect', { clock: 'platform' })];
    const within = (lte: number, clockBoundMs: number) =>
      brief(
        judge(
          elapsed('sent', '$connect.started', { lte }),
          evidenceOf(skewed, { clockBoundMs, endedMs: 100 }),
        ),
      );
    expect(within(5, 3)).toBe(
      'passed: $connect.started came 3 ms before sent (on two clocks, known to 3 ms)',
    );
    expect(within(5, 2)).toBe(
      'failed: $connect.started came 3 ms before sent (on two clocks, known to 2 ms)',
    );
    const unknown = evidenceOf(skewed, { endedMs: 100 });
    expect(brief(judge(elapsed('sent', '$connect.started', { lte: 5 }), unknown))).toMatch(
      /^inconclusive/,
    );
  });

  it.each([
    [2000, { gte: 1000, lte: 3000 }, 1000, 'passed'],
    [2000, { gte: 1500 }, 1000, 'inconclusive'],
    [2000, { lte: 1000 }, 1000, 'failed'],
    [2000, { gte: 3000 }, 1000, 'failed'],
    [0, { lte: 5000 }, 1000, 'inconclusive'],
    [0, { gte: 1000 }, 1000, 'failed'],
    [200, { gte: 250 }, 100, 'passed'],
    [200, { gte: 300 }, 100, 'failed'],
    [200, { gte: 200.5 }, 1, 'failed'],
  ])(
    'is %s ms give or take the tick of the stamps: %j of %s ms %s',
    (took, want, tick, verdict) => {
      const entries = [
        sent(1),
        invoked(9000, '$connect', { clock: 'platform' }),
        invoked(9000 + took, '$disconnect', { clock: 'platform' }),
      ];
      const evidence = evidenceOf(entries, { endedMs: 20_000, clockTickMs: tick });
      const asked = elapsed('$connect.started', '$disconnect.started', want);
      expect(findingOf(judge(asked, evidence))).toMatchObject({ verdict });
    },
  );
});
