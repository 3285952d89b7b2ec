import { describe, expect, it } from 'vitest';
import {
  brief,
  closed,
  closeFrame,
  type Entry,
  evidenceOf,
  findingOf,
  firstByte,
  invoked,
  judge,
  message,
  moment,
  of,
  response,
  sent,
} from './fixture/evidence.ts';

function never(what: string, side?: 'before' | 'after', reference = '') {
  const other = side === undefined ? undefined : { kind: side, moment: moment(reference) };
  return { kind: 'never', moment: moment(what), side: other } as const;
}

const early = never('firstByte', 'before', '$connect.released');
const released = (ms: number): Entry => invoked(ms, '$connect', { phase: 'released' });
const pending: readonly Entry[] = [sent(1), invoked(2, '$connect')];

describe('never before', () => {
  it('holds with the reference, while steps are running', () => {
    const evidence = evidenceOf([...pending, released(1002)]);
    expect(brief(judge(early, evidenceOf(pending), { nowMs: 900 }))).toBe('until Infinity');
    expect(brief(judge(early, evidence, { nowMs: 1002 }))).toBe(
      'passed: firstByte did not come, $connect.released did',
    );
    const answered = evidenceOf([...pending, released(1002), firstByte(1005)], { endedMs: 1002 });
    expect(findingOf(judge(early, answered))).toMatchObject({
      verdict: 'passed',
      expected: 'no firstByte before $connect.released',
      message: 'firstByte came 3 ms after $connect.released',
      actual: { 'firstByte - $connect.released': 3 },
    });
    const tie = evidenceOf([...pending, released(1002), firstByte(1002)], { endedMs: 1002 });
    expect(brief(judge(early, tie))).toMatch(/^passed/);
  });

  it('breaks when the moment came first', () => {
    const evidence = evidenceOf([...pending, firstByte(590), released(1002)]);
    expect(findingOf(judge(early, evidence, { nowMs: 1002 }))).toMatchObject({
      verdict: 'failed',
      message: 'firstByte came 412 ms before $connect.released',
      actual: { 'firstByte - $connect.released': -412 },
      evidence: [3, 4],
    });
  });

  it('breaks when the reference never comes: an endpoint that does nothing must not pass', () => {
    const evidence = evidenceOf([sent(1)], { endedMs: 50 });
    expect(brief(judge(early, evidence, { nowMs: 10_000 }))).toBe('until 10001');
    expect(brief(judge(early, evidence, { nowMs: 10_001 }))).toBe(
      'failed: $connect.released never came',
    );
  });

  it('does not hold our own hold against the endpoint, however long', () => {
    const long = [...pending, released(15_000), firstByte(15_002)];
    expect(brief(judge(early, evidenceOf(long, { endedMs: 15_001 })))).toBe(
      'passed: firstByte came 2 ms after $connect.released',
    );
  });

  it('compares two names each with each', () => {
    const groups = { crowd: 2, newcomer: 1 };
    const records = [
      of('newcomer', 0, response(5, 101)),
      of('crowd', 0, response(6, 101)),
      of('crowd', 1, response(4, 101)),
    ].toSorted((a, b) => a.atUs - b.atUs);
    const asked = never('crowd.opened', 'before', 'newcomer.opened');
    expect(
      brief(judge(asked, evidenceOf(records, { groups, endedMs: 6 }), { connections: ['crowd'] })),
    ).toBe('failed: crowd[1] opened came 1 ms before newcomer.opened');
  });

  it('waits for late events of the platform', () => {
    const clock = 'platform';
    const asked = never('message.started', 'before', '$connect.ended');
    const ended = [sent(1), invoked(5, '$connect', { clock, phase: 'ended' })];
    expect(brief(judge(asked, evidenceOf(ended, { endedMs: 6 }), { nowMs: 500 }))).toBe(
      'until 1006',
    );
    expect(brief(judge(asked, evidenceOf(ended, { endedMs: 6 }), { nowMs: 1006 }))).toMatch(
      /^passed/,
    );
    const late = evidenceOf([...ended, invoked(3, 'message', { clock })], { endedMs: 6 });
    expect(brief(judge(asked, late, { nowMs: 500 }))).toBe(
      'failed: message.started came 2 ms before $connect.ended',
    );
  });
});

describe('never after', () => {
  const after = never('received', 'after', 'closing');
  const closing = [sent(1), response(2, 101), message(3, 'a'), closeFrame(10, 'out', 1000)];

  it('holds when the target has settled', () => {
    const evidence = evidenceOf(closing, { endedMs: 12 });
    expect(brief(judge(after, evidence, { nowMs: 1011 }))).toBe('until 1012');
    expect(brief(judge(after, evidence, { nowMs: 1012 }))).toBe(
      'passed: received came 7 ms before closing',
    );
  });

  it('breaks with any occurrence, not only the first', () => {
    const evidence = evidenceOf([...closing, message(15, 'b')], { endedMs: 12 });
    expect(brief(judge(after, evidence, { nowMs: 15 }))).toBe(
      'failed: received came 5 ms after closing',
    );
  });

  it('breaks without its reference', () => {
    const evidence = evidenceOf(closing.slice(0, 3), { endedMs: 12 });
    expect(brief(judge(after, evidence, { nowMs: 5012 }))).toBe('failed: closing never came');
  });
});

describe('never', () => {
  it('holds when the target has settled, breaks at once', () => {
    const asked = never('$disconnect.started');
    const open = [sent(1), response(2, 101)];
    expect(brief(judge(asked, evidenceOf(open), { nowMs: 60_000 }))).toBe('until Infinity');
    expect(brief(judge(asked, evidenceOf(open, { endedMs: 10 }), { nowMs: 1009 }))).toBe(
      'until 1010',
    );
    expect(brief(judge(asked, evidenceOf(open, { endedMs: 10 }), { nowMs: 1010 }))).toBe(
      'passed: $disconnect.started did not come',
    );
    const told = evidenceOf([...open, invoked(5, '$disconnect')]);
    expect(findingOf(judge(asked, told, { nowMs: 5 }))).toMatchObject({
      verdict: 'failed',
      message: '$disconnect.started came',
      evidence: [3],
    });
  });

  it('is decided with the handshake where that is over', () => {
    const refused = evidenceOf([sent(1), response(2, 403), closed(3)]);
    expect(brief(judge(never('opened'), refused, { nowMs: 3 }))).toBe(
      'passed: opened did not come',
    );
  });
});
