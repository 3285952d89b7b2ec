import { describe, expect, it } from 'vitest';
import type { Json } from '../base/json.ts';
import {
  answer,
  brief,
  call,
  closed,
  evidenceOf,
  fin,
  findingOf,
  invoked,
  judge,
  message,
  of,
  path,
  response,
  sent,
} from './fixture/evidence.ts';

const same = (...paths: readonly string[]) => ({ kind: 'same', paths: paths.map(path) }) as const;
const distinct = (...written: readonly string[]) =>
  ({ kind: 'distinct', paths: written.map(path) }) as const;
const record = (...paths: readonly string[]) =>
  ({ kind: 'record', paths: paths.map(path) }) as const;

const withId = (id: Json) => ({ requestContext: { connectionId: id } });
const ids = ['authorizer.requestContext.connectionId', '$connect.requestContext.connectionId'];

describe('same', () => {
  const events = (a: Json, b: Json) => [
    sent(1),
    invoked(2, 'authorizer', { event: withId(a) }),
    invoked(3, '$connect', { event: withId(b) }),
  ];

  it('holds for equal values, whatever the order of their keys', () => {
    expect(findingOf(judge(same(...ids), evidenceOf(events('a=', 'a='))))).toMatchObject({
      verdict: 'passed',
      expected:
        'the same authorizer.requestContext.connectionId and $connect.requestContext.connectionId',
      actual: { [ids[0] ?? '']: 'a=', [ids[1] ?? '']: 'a=' },
      evidence: [2, 3],
    });
    expect(brief(judge(same(...ids), evidenceOf(events({ a: 1, b: 2 }, { b: 2, a: 1 }))))).toMatch(
      /^passed/,
    );
  });

  it('compares a part of a text', () => {
    const arn = (text: string): Json => ({ methodArn: text, requestContext: { stage: 'live' } });
    const asked = {
      kind: 'same',
      paths: [
        { ...path('authorizer.methodArn'), part: '/([^/]+)/', text: 'authorizer.methodArn /…/' },
        path('authorizer.requestContext.stage'),
      ],
    } as const;
    const judged = (text: string): string =>
      brief(judge(asked, evidenceOf([sent(1), invoked(2, 'authorizer', { event: arn(text) })])));
    expect(judged('api/live/$connect')).toMatch(/^passed/);
    expect(judged('api/dev/$connect')).toBe(
      'failed: authorizer.methodArn /…/ is "dev", authorizer.requestContext.stage is "live"',
    );
    expect(judged('live')).toBe('failed: there is no authorizer.methodArn /…/');
  });

  it('breaks with two that differ', () => {
    expect(brief(judge(same(...ids), evidenceOf(events('a', 'b'))))).toBe(
      `failed: ${ids[0]} is "a", ${ids[1]} is "b"`,
    );
  });

  it('breaks with one that is not there: two nothings are not the same', () => {
    const asked = same('authorizer.x', '$connect.x');
    expect(brief(judge(asked, evidenceOf(events('a', 'a'))))).toBe(
      'failed: there is no authorizer.x',
    );
  });

  it('does not compare what was redacted', () => {
    const hidden = events('[redacted]', '[redacted]');
    expect(brief(judge(same(...ids), evidenceOf(hidden)))).toBe(
      `errored: ${ids[0]} is redacted in all evidence: it cannot be compared`,
    );
    const inside = events({ a: '[redacted:key]' }, { a: '[redacted:key]' });
    expect(brief(judge(same(...ids), evidenceOf(inside)))).toMatch(/^errored/);
    expect(brief(judge(same(...ids), evidenceOf(events('[redacted]', ''))))).toMatch(/^failed/);
  });

  it('waits for the values as long as a condition on them would', () => {
    const half = evidenceOf(events('a', 'a').slice(0, 2), { endedMs: 4 });
    expect(brief(judge(same(...ids), half, { nowMs: 5 }))).toBe('until 10004');
    expect(brief(judge(same(...ids), half, { nowMs: 10_004 }))).toBe(
      `failed: there is no ${ids[1]}`,
    );
  });

  it('compares all members of several names', () => {
    const groups = { a: 1, crowd: 2 };
    const records = [
      of('a', 0, response(1, 101)),
      of('crowd', 0, response(2, 101)),
      of('crowd', 1, response(3, 403)),
      of('crowd', 1, closed(4)),
    ];
    const asked = same('a.handshake.status', 'crowd.handshake.status');
    expect(brief(judge(asked, evidenceOf(records, { groups, endedMs: 4 })))).toBe(
      'failed: a.handshake.status is 101, crowd[1].handshake.status is 403',
    );
  });
});

describe('distinct', () => {
  const groups = { crowd: 3 };
  const connected = (...values: readonly Json[]) =>
    evidenceOf(
      values.map((id, i) =>
        of('crowd', i, invoked(i, '$connect', { id: `i${i}`, event: withId(id) })),
      ),
      { groups, endedMs: 5 },
    );
  const asked = distinct('$connect.requestContext.connectionId');
  const crowd = { connections: ['crowd'] };

  it('holds when no two are equal', () => {
    expect(brief(judge(asked, connected('a', 'b', 'c'), crowd))).toBe(
      'passed: 3 values, no two are equal',
    );
  });

  it('breaks with two that are equal, at once', () => {
    expect(findingOf(judge(asked, connected('a', 'b', 'a'), crowd))).toMatchObject({
      verdict: 'failed',
      message: 'crowd[0] and crowd[2] have the same: "a"',
      actual: {
        'crowd[0].$connect.requestContext.connectionId': 'a',
        'crowd[2].$connect.requestContext.connectionId': 'a',
      },
    });
    expect(brief(judge(asked, connected('a', 'a'), { ...crowd, nowMs: 5 }))).toMatch(/^failed/);
    expect(brief(judge(asked, connected({ x: 1, y: 2 }, { y: 2, x: 1 }), crowd))).toMatch(
      /^failed: crowd\[0\]/,
    );
  });

  it('does not take for equal what was redacted', () => {
    expect(brief(judge(asked, connected('[redacted]', 'b', '[redacted]'), crowd))).toMatch(
      /^errored: crowd\[2\]/,
    );
  });

  it('breaks with one that is not there', () => {
    expect(brief(judge(asked, connected('a', 'b'), crowd))).toBe(
      'failed: there is no crowd[2].$connect.requestContext.connectionId',
    );
  });

  it('has nothing to compare in a single member', () => {
    expect(
      brief(judge(distinct('handshake.status'), evidenceOf([response(1, 101)], { endedMs: 2 }))),
    ).toBe('errored: distinct needs two values: two members, or two paths');
  });
});

describe('record', () => {
  const evidence = evidenceOf(
    [
      sent(1),
      response(2, 101, { headers: [['X-A', '1']] }),
      message(3, 'first'),
      message(4, '{"n":2}'),
      call(5, 'getConnection'),
      answer(6, 'getConnection', 200, '{"id":"a"}'),
      fin(8, 'in'),
      closed(9),
    ],
    { endedMs: 7 },
  );

  it('puts what it sees into the report, at any level', () => {
    const paths = {
      'handshake.status': 101,
      'handshake.headers.x-a': '1',
      'received.text': 'first',
      'received[1].json.n': 2,
      'answers.getConnection.json.id': 'a',
      'closed.code': 1006,
      'message.body': null,
    };
    const finding = findingOf(judge(record(...Object.keys(paths)), evidence));
    expect(finding).toMatchObject({ verdict: 'recorded', actual: paths });
    expect(finding).toHaveProperty(
      'message',
      'handshake.status was 101, handshake.headers.x-a was "1", received.text was "first", received[1].json.n was 2, …',
    );
  });

  it('waits for what has not come', () => {
    expect(brief(judge(record('message.body'), evidence, { nowMs: 20 }))).toBe('until 10007');
    expect(brief(judge(record('message.body'), evidence, { nowMs: 10_007 }))).toBe(
      'recorded: message.body was not there',
    );
    expect(brief(judge(record('handshake.status'), evidence, { nowMs: 2 }))).toMatch(/^recorded/);
  });
});
