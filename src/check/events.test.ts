import { describe, expect, it } from 'vitest';
import type { EventQuantity, Invocation, Matcher } from '../scenario/model.ts';
import {
  brief,
  closed,
  closeFrame,
  type Entry,
  evidenceOf,
  failure,
  findingOf,
  invoked,
  judge,
  response,
  sent,
  step,
} from './fixture/evidence.ts';

const NOTHING = {
  count: undefined,
  each: undefined,
  some: undefined,
  none: undefined,
  schema: undefined,
};

function events(want: Partial<Record<Invocation, Partial<EventQuantity>>>) {
  const filled = Object.entries(want).map(([key, one]) => [key, { ...NOTHING, ...one }] as const);
  return { kind: 'events', want: Object.fromEntries(filled) } as const;
}

const exactly = (n: number): { count: Matcher } => ({ count: { is: n } });
const open: readonly Entry[] = [
  sent(1),
  invoked(2, '$connect', { event: { n: 1 } }),
  response(5, 101),
];
const over: readonly Entry[] = [...open, closeFrame(10, 'out', 4001), closed(12)];
const told = (id = 'd1', ms = 20): Entry =>
  invoked(ms, '$disconnect', { id, event: { requestContext: { disconnectStatusCode: 4001 } } });
const code = (is: number) => ({ 'requestContext.disconnectStatusCode': { is } });

describe('events', () => {
  it.each<[want: Parameters<typeof events>[0], records: readonly Entry[]]>([
    [{ $disconnect: exactly(1) }, [...over, told()]],
    [{ $disconnect: exactly(0), $connect: exactly(1) }, open],
    [{ $disconnect: { each: code(4001) } }, [...over, told()]],
    [{ $disconnect: { some: code(4001) } }, [...over, told()]],
    [{ $disconnect: { none: code(1006) } }, [...over, told()]],
    [{ $disconnect: { schema: { required: ['requestContext'] } } }, [...over, told()]],
    [{ $connect: { each: { n: { is: 1 } } } }, open],
    // The sink delivers at least once: the same phase of the same invocation is no second event.
    [{ $disconnect: exactly(1) }, [...over, told(), told('d1', 30)]],
    [{ $disconnect: exactly(2) }, [...over, told(), told('d2', 30)]],
  ])('holds: %j', (want, records) => {
    expect(brief(judge(events(want), evidenceOf(records, { endedMs: 12 })))).toMatch(/^passed: /);
  });

  it.each<
    [want: Parameters<typeof events>[0], records: readonly Entry[], says: string, actual: object]
  >([
    [
      { $disconnect: exactly(1) },
      [...over, told(), told('d2', 30)],
      '2 events $disconnect came, the last 20 ms after its cause',
      { '$disconnect.count': 2 },
    ],
    [{ $disconnect: exactly(1) }, over, 'no event $disconnect came', { '$disconnect.count': 0 }],
    [
      { $disconnect: exactly(0), $connect: exactly(1) },
      [...open, told()],
      '1 event $disconnect came, the last',
      { '$disconnect.count': 1 },
    ],
    [
      { $disconnect: { each: code(1000) } },
      [...over, told()],
      'requestContext.disconnectStatusCode of an event $disconnect was 4001 10 ms after its cause',
      { '$disconnect.requestContext.disconnectStatusCode': 4001 },
    ],
    [
      { $disconnect: { each: code(1000) } },
      over,
      'no event $disconnect came',
      { '$disconnect.count': 0 },
    ],
    [
      { $disconnect: { some: code(1000) } },
      [...over, told()],
      '1 event $disconnect came, but not the one waited for',
      { '$disconnect.requestContext.disconnectStatusCode': 4001 },
    ],
    [
      { $disconnect: { none: code(4001) } },
      [...over, told()],
      'an event $disconnect came that must not 10 ms after its cause',
      { '$disconnect.requestContext.disconnectStatusCode': 4001 },
    ],
    [
      { $disconnect: { schema: { required: ['x'] } } },
      [...over, told()],
      "an event $disconnect does not satisfy its schema: /: must have required property 'x'",
      { '$disconnect.schema': ["/: must have required property 'x'"] },
    ],
    [
      { $disconnect: { schema: {} } },
      over,
      'no event $disconnect came',
      { '$disconnect.count': 0 },
    ],
    [
      { authorizer: exactly(1), $connect: exactly(0) },
      open,
      '1 event $connect came, the last 1 ms after its cause',
      { '$connect.count': 1 },
    ],
  ])('breaks: %j', (want, records, says, actual) => {
    const finding = findingOf(judge(events(want), evidenceOf(records, { endedMs: 12 })));
    expect(finding).toMatchObject({ verdict: 'failed', actual });
    expect(finding).toHaveProperty('message', expect.stringContaining(says));
  });

  it('waits 10 s for $disconnect from the closing, and then settles', () => {
    const once = events({ $disconnect: exactly(1) });
    const waiting = evidenceOf(over, { endedMs: 12 });
    expect(brief(judge(once, waiting, { nowMs: 10_009 }))).toBe('until 10010');
    expect(brief(judge(once, waiting, { nowMs: 10_010 }))).toBe(
      'failed: no event $disconnect came',
    );
    const one = evidenceOf([...over, told('d1', 5000)], { endedMs: 12 });
    expect(brief(judge(once, one, { nowMs: 5000 }))).toBe('until 6000');
    expect(brief(judge(once, one, { nowMs: 6000 }))).toMatch(/^passed/);
    const second = evidenceOf([...over, told('d1', 5000), told('d2', 5900)], { endedMs: 12 });
    expect(brief(judge(once, second, { nowMs: 5900 }))).toMatch(/^failed: 2 events/);
  });

  it('does not see a $disconnect of a refused connection that is later than what it watches', () => {
    const refused = [sent(1), response(5, 403), closed(6), told('late', 1505)];
    const evidence = evidenceOf(refused, { endedMs: 6 });
    const none = events({ $disconnect: exactly(0) });
    expect(findingOf(judge(none, evidence))).toMatchObject({ verdict: 'passed' });
    expect(findingOf(judge(none, evidence, { withinMs: 2000 }))).toMatchObject({
      verdict: 'failed',
      actual: { '$disconnect.count': 1 },
    });
  });

  it('watches as long as its own within says, for too many as for too few', () => {
    const once = events({ $disconnect: exactly(1) });
    const one = evidenceOf([...over, told()], { endedMs: 12 });
    expect(brief(judge(once, one, { nowMs: 1100, withinMs: 90_000 }))).toBe('until 90010');
    expect(brief(judge(once, one, { nowMs: 90_010, withinMs: 90_000 }))).toMatch(/^passed/);
  });

  it.each<[what: string, records: readonly Entry[], endedMs: number, until: number]>([
    ['a refusal counts from the answer', [sent(1), response(7, 403), closed(9)], 8, 1008],
    ['a refusal that came after the steps', [sent(1), response(70, 403), closed(71)], 8, 1070],
    ['no answer counts from its failure', [sent(1), failure(3, 'dropped')], 2, 1003],
    ['what stays open counts from the end of the steps', open, 8, 1008],
    [
      'a close after the last step counts from then',
      [...open, closeFrame(500, 'in', 1001)],
      8,
      1500,
    ],
  ])('believes that there is no $disconnect: %s', (_, records, endedMs, until) => {
    const none = events({ $disconnect: exactly(0) });
    const evidence = evidenceOf(records, { endedMs });
    expect(brief(judge(none, evidence, { nowMs: until - 1 }))).toBe(`until ${until}`);
    expect(brief(judge(none, evidence, { nowMs: until }))).toBe(
      'passed: no event $disconnect came',
    );
  });

  it('does not believe in absence before the steps have ended', () => {
    const none = events({ $connect: exactly(0) });
    expect(brief(judge(none, evidenceOf([sent(1)]), { nowMs: 9000 }))).toBe('until Infinity');
    expect(brief(judge(none, evidenceOf([sent(1)], { endedMs: 8000 }), { nowMs: 8500 }))).toBe(
      'until 9000',
    );
  });

  it('counts $connect from the release of a held authorizer', () => {
    const once = events({ $connect: exactly(1) });
    const held = [sent(1), invoked(2, 'authorizer')];
    expect(brief(judge(once, evidenceOf(held), { nowMs: 15_000 }))).toBe('until Infinity');
    const released = [...held, invoked(15_000, 'authorizer', { phase: 'released' })];
    const evidence = evidenceOf(released, { endedMs: 15_000 });
    expect(brief(judge(once, evidence, { nowMs: 15_001 }))).toBe('until 25000');
    const came = evidenceOf([...released, invoked(15_010, '$connect')], { endedMs: 15_000 });
    expect(brief(judge(once, came))).toMatch(/^passed/);
  });

  it('counts a message from its send, when no more can be sent', () => {
    const once = events({ message: { count: { gte: 1 } } });
    const running = evidenceOf([...open, step(6, 'send')]);
    expect(brief(judge(once, running, { nowMs: 30_000 }))).toBe('until Infinity');
    const done = evidenceOf([...open, step(6, 'send')], { endedMs: 7 });
    expect(brief(judge(once, done, { nowMs: 30 }))).toBe('until 10006');
  });

  it('takes an event of the platform by when it arrived', () => {
    const skewed = invoked(99_000, '$disconnect', { clock: 'platform' });
    const none = events({ $disconnect: exactly(0) });
    expect(
      brief(judge(none, evidenceOf([...over, skewed], { endedMs: 12 }), { nowMs: 20 })),
    ).toMatch(/^failed/);
  });
});
