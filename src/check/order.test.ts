import { describe, expect, it } from 'vitest';
import {
  brief,
  closeFrame,
  type Entry,
  evidenceOf,
  failure,
  findingOf,
  firstByte,
  invoked,
  judge,
  moment,
  of,
  response,
  sent,
} from './fixture/evidence.ts';

const order = (...moments: readonly string[]) =>
  ({ kind: 'order', moments: moments.map(moment) }) as const;
const held: readonly Entry[] = [
  sent(1),
  invoked(2, 'authorizer'),
  invoked(1002, 'authorizer', { phase: 'released' }),
];

describe('order', () => {
  it.each<[moments: readonly string[], records: readonly Entry[], says: string]>([
    [
      ['authorizer.released', '$connect.started'],
      [...held, invoked(1010, '$connect')],
      'in order: authorizer.released 0 ms, $connect.started 8 ms',
    ],
    [
      ['authorizer.released', '$connect.started'],
      [...held, invoked(1002, '$connect')],
      'in order: authorizer.released 0 ms, $connect.started 0 ms',
    ],
    [
      ['sent', 'answered', 'opened'],
      [sent(1), response(4, 101)],
      'in order: sent 0 ms, answered 3 ms, opened 3 ms',
    ],
  ])('holds: %j', (moments, records, says) => {
    expect(brief(judge(order(...moments), evidenceOf(records, { endedMs: 1002 })))).toBe(
      `passed: ${says}`,
    );
  });

  it('breaks when one came before another that stands left of it', () => {
    const evidence = evidenceOf([...held.slice(0, 2), invoked(590, '$connect'), ...held.slice(2)]);
    expect(
      findingOf(judge(order('authorizer.released', '$connect.started'), evidence, { nowMs: 1002 })),
    ).toMatchObject({
      verdict: 'failed',
      expected: 'authorizer.released, then $connect.started',
      message: '$connect.started came 412 ms before authorizer.released',
      actual: { '$connect.started': 0, 'authorizer.released': 412 },
      evidence: [3, 4],
    });
    const skipping = evidenceOf([sent(1), response(4, 101), invoked(5, '$connect')], {
      endedMs: 5,
    });
    expect(brief(judge(order('$connect.started', 'sent', 'opened'), skipping))).toBe(
      'failed: sent came 4 ms before $connect.started; opened came 1 ms before $connect.started',
    );
  });

  it('breaks when a moment never comes, after as long as it was worth waiting', () => {
    const both = order('closing', '$disconnect.started');
    const evidence = evidenceOf([sent(1), response(2, 101), closeFrame(10, 'out', 1000)], {
      endedMs: 11,
    });
    expect(brief(judge(both, evidence, { nowMs: 10_009 }))).toBe('until 10010');
    expect(findingOf(judge(both, evidence, { nowMs: 10_010 }))).toMatchObject({
      verdict: 'failed',
      message: '$disconnect.started never came',
      actual: { '$disconnect.started': null },
    });
    expect(brief(judge(both, evidence, { nowMs: 10_010, withinMs: 90_000 }))).toBe('until 90010');
    const refused = evidenceOf([sent(1), failure(3, 'dropped')]);
    expect(brief(judge(order('sent', 'opened'), refused, { nowMs: 3 }))).toBe(
      'failed: opened never came',
    );
  });

  describe('in groups', () => {
    const groups = { crowd: 3, newcomer: 1 };
    const crowd = (ms: number) =>
      [0, 1, 2].flatMap((member) => [
        of('crowd', member, sent(ms + member)),
        of('crowd', member, response(ms + 10 + member, 101)),
      ]);
    const newcomer = (ms: number) => [
      of('newcomer', 0, sent(1)),
      of('newcomer', 0, response(ms, 101)),
    ];

    it('is judged for each member of one group', () => {
      const one = { connections: ['crowd'] };
      const evidence = evidenceOf(crowd(1), { groups, endedMs: 20 });
      expect(brief(judge(order('sent', 'opened'), evidence, one))).toMatch(/^passed/);
      const lacking = evidenceOf(crowd(1).slice(0, -1), { groups, endedMs: 20 });
      expect(brief(judge(order('sent', 'opened'), lacking, one))).toBe(
        'failed: crowd[2] opened never came',
      );
    });

    it('means every one of the left before every one of the right', () => {
      const asked = order('newcomer.opened', 'crowd.opened');
      const before = evidenceOf([...newcomer(5), ...crowd(1)], { groups, endedMs: 20 });
      expect(brief(judge(asked, before, { connections: ['crowd'] }))).toMatch(/^passed/);
      const between = evidenceOf([...newcomer(11.5), ...crowd(1)], { groups, endedMs: 20 });
      expect(findingOf(judge(asked, between, { connections: ['crowd'] }))).toMatchObject({
        verdict: 'failed',
        message: 'crowd[0] opened came 0.5 ms before newcomer.opened',
      });
      expect(brief(judge(order('crowd.opened', 'newcomer.opened'), between))).toBe(
        'failed: newcomer.opened came 0.5 ms before crowd[1] opened; newcomer.opened came 1.5 ms before crowd[2] opened',
      );
    });
  });

  describe('across two clocks', () => {
    const asked = order('sent', '$connect.started');
    const skewed = [sent(100), invoked(90, '$connect', { clock: 'platform' })];

    it('is a tie within the bound, and a tie breaks nothing', () => {
      expect(brief(judge(asked, evidenceOf(skewed, { clockBoundMs: 10, endedMs: 100 })))).toMatch(
        /^passed/,
      );
      expect(brief(judge(asked, evidenceOf(skewed, { clockBoundMs: 9, endedMs: 100 })))).toBe(
        'failed: $connect.started came 10 ms before sent (on two clocks, known to 9 ms)',
      );
    });

    it('convicts by the earliest instant of a release, and acquits by nothing less', () => {
      const released = {
        ...invoked(500, '$connect', { phase: 'released', id: 'planned' }),
        planned: true as const,
      };
      const records = [sent(0), released, firstByte(600)];
      const asking = (...moments: readonly string[]): string =>
        brief(judge(order(...moments), evidenceOf(records, { endedMs: 700 })));
      expect(asking('$connect.released', 'sent')).toBe(
        'failed: sent came 500 ms before $connect.released',
      );
      expect(asking('$connect.released', 'firstByte')).toMatch(/^passed/);
      expect(asking('firstByte', '$connect.released')).toBe(
        'inconclusive: $connect.released came 100 ms before firstByte, but of $connect.released only the earliest instant is known',
      );
    });

    it('decides nothing without a bound, or with one over 500 ms', () => {
      expect(findingOf(judge(asked, evidenceOf(skewed, { endedMs: 100 })))).toMatchObject({
        verdict: 'inconclusive',
        reason: 'CLOCK_BOUND',
        message:
          'sent and $connect.started are on two clocks, and how far those are apart was not measured',
      });
      expect(brief(judge(asked, evidenceOf(skewed, { clockBoundMs: 501, endedMs: 100 })))).toBe(
        'inconclusive: sent and $connect.started are on two clocks, and how far those are apart is 501 ms, over 500 ms',
      );
    });

    it('compares two of the platform directly', () => {
      const two = [
        invoked(90, '$connect', { clock: 'platform' }),
        invoked(80, '$connect', { clock: 'platform', phase: 'ended' }),
      ];
      expect(
        brief(
          judge(
            order('$connect.started', '$connect.ended'),
            evidenceOf([sent(1), ...two], { endedMs: 100 }),
          ),
        ),
      ).toBe('failed: $connect.ended came 10 ms before $connect.started');
    });

    const stamped = (startedMs: number, clockTickMs: number): string => {
      const entries = [
        sent(1),
        invoked(startedMs, '$connect', { clock: 'platform' }),
        invoked(3000, '$connect', { clock: 'platform', phase: 'ended' }),
      ];
      const evidence = evidenceOf(entries, { endedMs: 9000, clockTickMs });
      return brief(judge(order('$connect.started', '$connect.ended'), evidence));
    };

    it('takes stamps of the platform that are closer than their tick for a tie', () => {
      expect(stamped(3090, 100)).toMatch(/^passed: /);
      expect(stamped(3100, 100)).toBe(
        'failed: $connect.ended came 100 ms before $connect.started (by stamps known to 100 ms)',
      );
    });

    it('decides nothing by stamps within a tick of over 500 ms, and what is beyond it', () => {
      expect(stamped(3000, 1000)).toBe(
        'inconclusive: $connect.started and $connect.ended bear stamps that are known to 1000 ms only, over 500 ms',
      );
      expect(stamped(2000, 1000)).toMatch(/^passed: /);
      expect(stamped(4000, 1000)).toMatch(/^failed: /);
    });
  });
});
