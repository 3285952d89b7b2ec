import { describe, expect, it } from 'vitest';
import type { Condition, Matcher } from '../scenario/model.ts';
import { describeCondition, describeMatcher } from './describe.ts';
import { moment, path } from './fixture/evidence.ts';

const NOTHING = { count: undefined, each: undefined, some: undefined, none: undefined };
const EVENT = { ...NOTHING, schema: undefined };

describe('what a check asks for', () => {
  it.each<[matcher: Matcher, text: string]>([
    [{ is: 403 }, '403'],
    [{ is: 'bye' }, 'bye'],
    [{ is: 'good bye' }, '"good bye"'],
    [{ is: { a: 1 } }, '{"a":1}'],
    [{ not: { is: 101 } }, 'not 101'],
    [{ oneOf: [401] }, '401'],
    [{ oneOf: [401, 403] }, '401 or 403'],
    [{ oneOf: [401, 403, 404] }, '401, 403 or 404'],
    [{ absent: true }, 'absent'],
    [{ absent: false }, 'present'],
    [{ gte: 400, lte: 499 }, 'at least 400 and at most 499'],
    [{ is: 100, tolerance: { kind: 'share', value: 0.1 } }, '100 ± 10%'],
    [{ matches: '^a' }, 'matching /^a/'],
    [{ contains: 'x' }, 'containing x'],
    [{ schema: {} }, 'valid against its schema'],
  ])('%j: %s', (matcher, text) => {
    expect(describeMatcher(matcher)).toBe(text);
  });

  it.each<[condition: Condition, text: string]>([
    [
      {
        kind: 'handshake',
        fields: { status: { oneOf: [401, 403] }, headers: { 'X-A': { absent: true } } },
      },
      'status 401 or 403, headers.X-A absent',
    ],
    [
      { kind: 'events', want: { $disconnect: { ...EVENT, count: { is: 0 } } } },
      'no event $disconnect',
    ],
    [
      {
        kind: 'events',
        want: { $connect: { ...EVENT, count: { is: 1 }, each: { 'a.b': { is: 2 } } } },
      },
      'exactly 1 event $connect, each event $connect with a.b 2',
    ],
    [{ kind: 'received', want: { ...NOTHING, count: { gte: 2 } } }, 'at least 2 messages'],
    [
      { kind: 'received', want: { ...NOTHING, some: { json: { type: { is: 'pong' } } } } },
      'some message with json.type pong',
    ],
    [{ kind: 'closed', fields: { clean: { is: true } } }, 'closed with clean true'],
    [
      { kind: 'answers', want: { postToConnection: { status: { is: 410 } } } },
      'postToConnection answered with status 410',
    ],
    [{ kind: 'order', moments: [moment('sent'), moment('b.opened')] }, 'sent, then b.opened'],
    [
      {
        kind: 'never',
        moment: moment('firstByte'),
        side: { kind: 'before', moment: moment('$connect.released') },
      },
      'no firstByte before $connect.released',
    ],
    [
      { kind: 'elapsed', from: moment('sent'), to: moment('answered'), ms: { lte: 5000 } },
      'answered at most 5000 ms after sent',
    ],
    [{ kind: 'distinct', paths: [path('closed.code')] }, 'a different closed.code for each'],
    [
      { kind: 'distinct', paths: [path('message[0].id'), path('message[1].id')] },
      'all different: message[0].id, message[1].id',
    ],
    [{ kind: 'record', paths: [path('closed.code')] }, 'closed.code, recorded'],
  ])('%j: %s', (condition, text) => {
    expect(describeCondition(condition)).toBe(text);
  });
});
