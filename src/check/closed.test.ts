import { describe, expect, it } from 'vitest';
import type { Fields } from '../scenario/model.ts';
import {
  brief,
  closed,
  closeFrame,
  type Entry,
  evidenceOf,
  failure,
  fin,
  findingOf,
  frame,
  judge,
  reset,
  response,
  sent,
  step,
} from './fixture/evidence.ts';

const ending = (fields: Fields) => ({ kind: 'closed', fields }) as const;
const open: readonly Entry[] = [sent(1), response(2, 101)];
const clean: readonly Entry[] = [
  ...open,
  step(10, 'close'),
  closeFrame(10, 'out', 4001, 'bye'),
  closeFrame(12, 'in', 4001, 'bye'),
  fin(13, 'in'),
  closed(14),
];

describe('closed', () => {
  it.each<
    [
      by: string,
      how: string,
      code: number,
      reason: string,
      isClean: boolean,
      records: readonly Entry[],
    ]
  >([
    ['client', 'close-frame', 4001, 'bye', true, clean],
    [
      'server',
      'close-frame',
      1001,
      'idle',
      true,
      [closeFrame(9, 'in', 1001, 'idle'), closeFrame(9, 'out', 1001), closed(10)],
    ],
    [
      'server',
      'close-frame',
      1005,
      '',
      true,
      [closeFrame(9, 'in'), closeFrame(9, 'out'), closed(10)],
    ],
    [
      'server',
      'close-frame',
      1001,
      '',
      false,
      [closeFrame(9, 'in', 1001), reset(9, 'in'), closed(10)],
    ],
    [
      'client',
      'close-frame',
      1006,
      '',
      false,
      [closeFrame(9, 'out', 1000), fin(9, 'in'), closed(10)],
    ],
    ['server', 'fin', 1006, '', false, [fin(9, 'in'), closed(10)]],
    ['server', 'reset', 1006, '', false, [reset(9, 'in'), closed(10)]],
    ['client', 'fin', 1006, '', false, [fin(9, 'out'), fin(10, 'in'), closed(10)]],
    ['client', 'reset', 1006, '', false, [reset(9, 'out'), closed(10)]],
  ])('reads %s %s %i %j clean %s', (by, how, code, reason, isClean, records) => {
    const all = {
      by: { is: by },
      how: { is: how },
      code: { is: code },
      reason: { is: reason },
      clean: { is: isClean },
    };
    const evidence = evidenceOf([...open, ...records.filter((one) => !open.includes(one))], {
      endedMs: 14,
    });
    expect(brief(judge(ending(all), evidence))).toMatch(/^passed: /);
    for (const [field, matcher] of Object.entries(all)) {
      const denied = judge(ending({ [field]: { not: matcher } }), evidence);
      expect(findingOf(denied)).toMatchObject({
        verdict: 'failed',
        actual: { [`closed.${field}`]: matcher.is },
      });
    }
  });

  it('is not clean when the client had to fail the connection', () => {
    const violation = (code: string): Entry => ({
      kind: 'protocolError',
      atUs: 9000,
      connection: 'client',
      member: 0,
      code,
      message: 'wrong',
      closeCode: 1002,
      bytes: { bytes: 0 },
    });
    const frames = [closeFrame(9, 'in', 999), closeFrame(9, 'out', 1002)];
    const judged = (code: string): string =>
      brief(
        judge(
          ending({ clean: { is: true } }),
          evidenceOf([...open, ...frames, violation(code), closed(10)], { endedMs: 14 }),
        ),
      );
    expect(judged('close-code-invalid')).toMatch(/^failed/);
    // RFC 6455 section 1.4: what comes after a close frame is discarded.
    expect(judged('data-after-close')).toMatch(/^passed/);
  });

  it('has no code where the close frame has half a one', () => {
    const half = { ...frame(9, 'in', { opcode: 8, text: 'x', close: { reason: '' } }) };
    const evidence = evidenceOf([...open, half, closed(10)], { endedMs: 14 });
    for (const code of [1000, 1005, 1006]) {
      expect(brief(judge(ending({ code: { is: code } }), evidence))).toMatch(/^failed/);
    }
    expect(brief(judge(ending({ code: { absent: true } }), evidence))).toMatch(/^passed/);
  });

  it('says what it saw', () => {
    const evidence = evidenceOf(clean, { endedMs: 14 });
    expect(findingOf(judge(ending({ code: { is: 1000 } }), evidence))).toMatchObject({
      message: 'the client began to close with a close frame, the close code was 4001',
      expected: 'closed with code 1000',
      actual: { 'closed.code': 4001 },
    });
  });

  it('says that there was nothing to end', () => {
    const refused = evidenceOf([sent(1), response(2, 403), fin(3, 'out'), closed(4)], {
      endedMs: 5,
    });
    expect(brief(judge(ending({ by: { is: 'server' } }), refused))).toBe(
      'failed: the answer was 403 Forbidden, 1 ms after the request; the client began to close with FIN, the close code was 1006',
    );
  });

  it('does not take for the end of a connection what kept it from opening', () => {
    const refused = evidenceOf([sent(1), response(2, 503), fin(2, 'in'), closed(4)]);
    expect(brief(judge(ending({ by: { is: 'server' } }), refused))).toMatch(
      /^failed: the answer was 503/,
    );
    expect(brief(judge(ending({ how: { not: { is: 'reset' } } }), refused))).toMatch(/^passed/);
    const dropped = evidenceOf([sent(1), reset(2, 'in'), failure(2, 'dropped'), closed(2)]);
    expect(brief(judge(ending({ by: { is: 'server' } }), dropped))).toMatch(/^failed/);
    expect(brief(judge(ending({ code: { is: 1006 } }), dropped))).toMatch(/^passed/);
  });

  it('decides each field as soon as it is known', () => {
    const begun = evidenceOf([...open, closeFrame(9, 'in', 1001)]);
    expect(
      brief(judge(ending({ by: { is: 'server' }, code: { is: 1001 } }), begun, { nowMs: 9 })),
    ).toMatch(/^passed/);
    expect(
      brief(judge(ending({ code: { is: 1000 }, clean: { is: true } }), begun, { nowMs: 9 })),
    ).toMatch(/^failed/);
    expect(brief(judge(ending({ clean: { is: true } }), begun, { nowMs: 9 }))).toBe(
      'until Infinity',
    );
  });

  it('waits 5 s from the step that ended the connection, else from the end of the steps', () => {
    const isClean = ending({ clean: { is: true } });
    const closing = evidenceOf([...open, step(10, 'close'), closeFrame(10, 'out', 1000)]);
    expect(brief(judge(isClean, closing, { nowMs: 20 }))).toBe('until 5010');
    expect(brief(judge(isClean, closing, { nowMs: 5010 }))).toBe(
      'failed: the connection had not ended in time; the client began to close with a close frame',
    );
    expect(brief(judge(isClean, evidenceOf(open, { endedMs: 30 }), { nowMs: 20 }))).toBe(
      'until 5030',
    );
    expect(brief(judge(isClean, evidenceOf(open, { endedMs: 30 }), { nowMs: 5030 }))).toBe(
      'failed: the connection had not ended in time; it was still open',
    );
    const late = evidenceOf([...clean.slice(0, 4), closed(6000)], { endedMs: 14 });
    expect(brief(judge(ending({ clean: { is: false } }), late))).toMatch(
      /^failed: the connection had not/,
    );
  });
});
