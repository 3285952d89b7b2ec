import { describe, expect, it } from 'vitest';
import type { Fields } from '../scenario/model.ts';
import { answer, brief, call, evidenceOf, findingOf, judge } from './fixture/evidence.ts';

const POST = 'postToConnection';
const answers = (fields: Fields, name = POST) =>
  ({ kind: 'answers', want: { [name]: fields } }) as const;
const gone = evidenceOf([call(10, POST), answer(14, POST, 410, '{"message":"Gone"}')], {
  endedMs: 14,
});

describe('answers', () => {
  it.each<[fields: Fields]>([
    [{ status: { is: 410 } }],
    [{ body: { contains: 'Gone' }, json: { message: { is: 'Gone' } } }],
    [{ headers: { 'x-id': { is: '7' }, other: { absent: true } } }],
  ])('holds: %j', (fields) => {
    expect(brief(judge(answers(fields), gone))).toBe(
      'passed: postToConnection was answered with 410, 4 ms after the call',
    );
  });

  it.each<[fields: Fields, said: string, actual: object]>([
    [{ status: { is: 200 } }, '', { 'answers.postToConnection.status': 410 }],
    [
      { json: { message: { is: 'x' } } },
      '; json.message was "Gone"',
      { 'answers.postToConnection.json.message': 'Gone' },
    ],
    [
      { headers: { 'X-ID': { absent: true } } },
      '; headers.X-ID was "7"',
      { 'answers.postToConnection.headers.X-ID': '7' },
    ],
  ])('breaks: %j', (fields, said, actual) => {
    expect(findingOf(judge(answers(fields), gone))).toMatchObject({
      verdict: 'failed',
      message: `postToConnection was answered with 410, 4 ms after the call${said}`,
      actual,
    });
  });

  it('does not judge a body by its beginning', () => {
    const whole = answer(14, POST, 200, '[1,2');
    if (whole.kind !== 'answer') throw new RangeError('an answer');
    const body = { bytes: 99_999, text: '[1,2', truncated: true } as const;
    const cut = evidenceOf([call(10, POST), { ...whole, body }], { endedMs: 14 });
    expect(findingOf(judge(answers({ json: { '[0]': { is: 1 } } }), cut))).toMatchObject({
      verdict: 'errored',
      reason: 'TRUNCATED',
    });
  });

  it('waits 5 s for an answer, and needs one', () => {
    const asked = answers({ status: { is: 200 } });
    const waiting = evidenceOf([call(10, POST)], { endedMs: 12 });
    expect(brief(judge(asked, waiting, { nowMs: 20 }))).toBe('until 5012');
    expect(brief(judge(asked, waiting, { nowMs: 5012 }))).toBe(
      'failed: postToConnection was not answered in time; postToConnection had no answer',
    );
    expect(brief(judge(asked, evidenceOf([], { endedMs: 12 })))).toBe(
      'failed: postToConnection was not answered in time; postToConnection was never sent',
    );
  });

  it('tells an API that cannot be reached from one that does not answer', () => {
    const asked = answers({ status: { is: 200 } });
    const refused = evidenceOf([call(1, POST), answer(2, POST, 'connect ECONNREFUSED')], {
      endedMs: 3,
    });
    expect(findingOf(judge(asked, refused))).toMatchObject({
      verdict: 'errored',
      reason: 'TARGET_UNREACHABLE',
      message: 'postToConnection could not be sent: connect ECONNREFUSED',
    });
    const cut = evidenceOf([call(1, POST), answer(2, POST, 'read ECONNRESET')], { endedMs: 3 });
    expect(brief(judge(asked, cut))).toBe('failed: postToConnection failed: read ECONNRESET');
  });

  it('judges every round of a repeated call', () => {
    const rounds = [call(1, POST), answer(2, POST, 200), call(3, POST), answer(4, POST, 410)];
    const asked = answers({ status: { is: 200 } });
    expect(brief(judge(asked, evidenceOf(rounds.slice(0, 2)), { nowMs: 2 }))).toBe(
      'until Infinity',
    );
    expect(brief(judge(asked, evidenceOf(rounds), { nowMs: 4 }))).toMatch(/^failed: .*410/);
    expect(
      brief(judge(asked, evidenceOf(rounds.slice(0, 2), { endedMs: 2 }), { nowMs: 2 })),
    ).toMatch(/^passed/);
  });
});
