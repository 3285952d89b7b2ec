import { describe, expect, it } from 'vitest';
import type { Fields } from '../scenario/model.ts';
import {
  body,
  brief,
  closed,
  type Entry,
  evidenceOf,
  failure,
  fin,
  findingOf,
  firstByte,
  invoked,
  judge,
  response,
  sent,
} from './fixture/evidence.ts';

const handshake = (fields: Fields) => ({ kind: 'handshake', fields }) as const;

const refused: readonly Entry[] = [
  sent(1),
  response(42, 403, {
    headers: [
      ['Content-Type', 'application/json'],
      ['Set-Thing', 'a'],
      ['set-thing', 'b'],
    ],
  }),
  body(43, '{"message":"Forbidden","items":[{"id":7}]}'),
  closed(44),
];
const opened: readonly Entry[] = [
  sent(1),
  response(42, 101, { headers: [['Sec-WebSocket-Protocol', 'b']] }),
];

describe('handshake', () => {
  it.each<[fields: Fields, records: readonly Entry[]]>([
    [{ outcome: { is: 'refused' } }, refused],
    [{ outcome: { is: 'opened' }, status: { is: 101 } }, opened],
    [{ outcome: { is: 'dropped' } }, [sent(1), failure(2, 'dropped')]],
    [{ outcome: { is: 'dropped' }, status: { absent: true } }, [sent(1), closed(2)]],
    [{ outcome: { is: 'timeout' } }, [sent(1), failure(9000, 'timeout')]],
    [{ outcome: { is: 'unreachable' } }, [failure(2, 'unreachable')]],
    [{ outcome: { is: 'invalid' } }, [sent(1), response(2, 0)]],
    [
      { outcome: { is: 'invalid' }, violations: { is: ['accept-mismatch'] } },
      [sent(1), response(2, 101, { violations: ['accept-mismatch'] })],
    ],
    [{ status: { oneOf: [401, 403] } }, refused],
    [{ status: { gte: 400, lte: 499 } }, refused],
    [{ phrase: { is: 'Forbidden' } }, refused],
    [{ headers: { 'content-TYPE': { matches: '^application/json' } } }, refused],
    [{ headers: { 'SET-thing': { is: 'a, b' } } }, refused],
    [{ headers: { other: { absent: true } } }, refused],
    [{ body: { contains: 'Forbidden' } }, refused],
    [{ json: { message: { is: 'Forbidden' }, 'items[0].id': { is: 7 } } }, refused],
    [{ subprotocol: { is: 'b' } }, opened],
    [{ subprotocol: { absent: true } }, [sent(1), response(2, 101)]],
    [{ violations: { is: [] } }, opened],
    [{ body: { absent: true } }, opened],
  ])('holds: %j', (fields, records) => {
    expect(brief(judge(handshake(fields), evidenceOf(records)))).toMatch(/^passed: /);
  });

  it.each<[fields: Fields, verdict: string]>([
    [{ headers: { 'set-cookie': { matches: 'HttpOnly' } } }, 'errored'],
    [{ headers: { 'set-cookie': { not: { contains: 'Domain' } } } }, 'errored'],
    [{ headers: { 'set-cookie': { absent: false } } }, 'passed'],
    [{ headers: { 'set-cookie': { absent: true } } }, 'failed'],
    [{ headers: { 'set-cookie': { is: '' } } }, 'failed'],
  ])('judges no more of a redacted value than that it is there: %j', (fields, verdict) => {
    const headers = [
      ['Set-Cookie', '[redacted]'],
      ['Set-Cookie', '[redacted:cookie]'],
    ] as const;
    const evidence = evidenceOf([sent(1), response(2, 101, { headers })]);
    expect(findingOf(judge(handshake(fields), evidence))).toMatchObject({
      verdict,
      ...(verdict === 'errored' ? { reason: 'REDACTED' } : {}),
    });
  });

  it.each<[fields: Fields, records: readonly Entry[], message: string, actual: object]>([
    [
      { status: { oneOf: [401, 403] } },
      opened,
      'the answer was 101 Switching Protocols, 41 ms after the request',
      { 'handshake.status': 101 },
    ],
    [
      { outcome: { is: 'refused' }, status: { is: 403 } },
      [sent(1), failure(9, 'dropped')],
      'there was no answer: no answer (dropped)',
      { 'handshake.outcome': 'dropped', 'handshake.status': null },
    ],
    [
      { outcome: { is: 'opened' } },
      [sent(1), response(4, 101, { violations: ['accept-mismatch'] })],
      'the answer was 101 Switching Protocols (accept-mismatch), 3 ms after the request',
      { 'handshake.outcome': 'invalid' },
    ],
    [
      { headers: { 'Set-Thing': { is: 'a' } } },
      refused,
      'the answer was 403 Forbidden, 41 ms after the request; headers.Set-Thing was "a, b"',
      { 'handshake.headers.Set-Thing': 'a, b' },
    ],
    [
      { json: { 'items[0].id': { is: 8 } } },
      refused,
      'the answer was 403 Forbidden, 41 ms after the request; json.items[0].id was 7',
      { 'handshake.json.items[0].id': 7 },
    ],
    [
      { subprotocol: { absent: true } },
      opened,
      'the answer was 101 Switching Protocols, 41 ms after the request; subprotocol was "b"',
      { 'handshake.subprotocol': 'b' },
    ],
  ])('breaks: %j', (fields, records, message, actual) => {
    expect(findingOf(judge(handshake(fields), evidenceOf(records)))).toMatchObject({
      verdict: 'failed',
      message,
      actual,
    });
  });

  it('makes a whole finding', () => {
    expect(
      findingOf(judge(handshake({ status: { oneOf: [401, 403] } }), evidenceOf(opened))),
    ).toEqual({
      check: 'it',
      verdict: 'failed',
      level: 'must',
      message: 'the answer was 101 Switching Protocols, 41 ms after the request',
      expected: 'status 401 or 403',
      actual: { 'handshake.status': 101 },
      deviation: { 'handshake.status': 101 },
      span: { file: 'x.yaml', line: 1, column: 1, length: 1 },
      evidence: [2],
    });
  });

  it('decides with the answer, while steps are running', () => {
    const status = handshake({ status: { is: 101 } });
    expect(brief(judge(status, evidenceOf([sent(1)]), { nowMs: 5 }))).toBe('until Infinity');
    expect(brief(judge(status, evidenceOf(opened), { nowMs: 42 }))).toMatch(/^passed/);
    expect(brief(judge(status, evidenceOf(refused.slice(0, 2)), { nowMs: 42 }))).toMatch(/^failed/);
  });

  it('waits for the body of a refusal until the socket has ended', () => {
    const asked = handshake({ body: { absent: true }, status: { is: 403 } });
    const begun = [sent(1), response(42, 403)];
    expect(brief(judge(asked, evidenceOf(begun, { endedMs: 42 }), { nowMs: 42 }))).toBe(
      'until 10042',
    );
    const over = evidenceOf([...begun, closed(50)], { endedMs: 42 });
    expect(brief(judge(asked, over, { nowMs: 50 }))).toMatch(/^passed/);
  });

  it.each<[string, Entry[], Fields['body'], boolean]>([
    ['no body is the empty text', [response(42, 403), closed(50)], { is: '' }, true],
    ['and is not there', [response(42, 403), closed(50)], { absent: true }, true],
    ['and not there either way', [response(42, 403), closed(50)], { absent: false }, false],
    ['nor something', [response(42, 403), closed(50)], { contains: 'x' }, false],
    ['but not something', [response(42, 403), closed(50)], { not: { is: '' } }, false],
    ['nor is it not absent', [response(42, 403), closed(50)], { not: { absent: true } }, false],
    ['a body is there', [response(42, 403), body(43, 'x'), closed(50)], { absent: true }, false],
    ['a body is not empty', [response(42, 403), body(43, 'x'), closed(50)], { is: '' }, false],
    ['a 101 has none', [response(42, 101)], { is: '' }, false],
    [
      'one that was announced and never came is not empty',
      [response(42, 403, { headers: [['Content-Length', '7']] }), closed(50)],
      { is: '' },
      false,
    ],
  ])('%s', (_, records, asked, passes) => {
    const evidence = evidenceOf([sent(1), ...records], { endedMs: 60 });
    const judged = brief(judge(handshake({ body: asked }), evidence, { nowMs: 20_000 }));
    expect(judged.split(':')[0]).toBe(passes ? 'passed' : 'failed');
  });

  it('gives an answer up 10 s after the last step, or at its own within', () => {
    const status = handshake({ status: { is: 101 } });
    const late = evidenceOf([sent(1), firstByte(2)], { endedMs: 100 });
    expect(brief(judge(status, late, { nowMs: 10_099 }))).toBe('until 10100');
    expect(brief(judge(status, late, { nowMs: 10_100 }))).toBe(
      'failed: the handshake was not over in time; there was no answer',
    );
    expect(brief(judge(status, late, { nowMs: 500, withinMs: 500 }))).toBe('until 501');
    const tooLate = evidenceOf([sent(1), response(502, 101)], { endedMs: 502 });
    expect(brief(judge(status, tooLate, { nowMs: 502, withinMs: 500 }))).toMatch(/^failed/);
  });

  it('counts from the release of what we held', () => {
    const held = [sent(1), invoked(2, '$connect')];
    const status = handshake({ status: { is: 101 } });
    expect(brief(judge(status, evidenceOf(held), { nowMs: 900, withinMs: 500 }))).toBe(
      'until Infinity',
    );
    const released = evidenceOf([...held, invoked(1002, '$connect', { phase: 'released' })]);
    expect(brief(judge(status, released, { nowMs: 1003, withinMs: 500 }))).toBe('until 1502');
  });

  it('judges what a drop of our own left', () => {
    const dropped = evidenceOf([sent(1), fin(2, 'out'), closed(3)], { endedMs: 2 });
    expect(brief(judge(handshake({ outcome: { is: 'opened' } }), dropped))).toBe(
      'failed: the connection ended without an answer',
    );
  });
});
