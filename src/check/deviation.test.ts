import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../base/json.ts';
import type { Condition, EventQuantity, Quantity } from '../scenario/model.ts';
import { mergeDeviations, steady } from './deviation.ts';
import {
  answer,
  call,
  closeFrame,
  type Entry,
  evidenceOf,
  fin,
  findingOf,
  firstByte,
  frame,
  invoked,
  judge,
  message,
  moment,
  of,
  path,
  response,
  sent,
} from './fixture/evidence.ts';

const NO_QUANTITY = { count: undefined, each: undefined, some: undefined, none: undefined };
const some = (more: Partial<Quantity>): Quantity => ({ ...NO_QUANTITY, ...more });
const event = (more: Partial<EventQuantity>): EventQuantity => ({
  ...NO_QUANTITY,
  schema: undefined,
  ...more,
});

/** What differs from run to run: instants, ids. */
interface Luck {
  readonly at: (ms: number) => number;
  readonly id: string;
}

/** The same mistake of an endpoint, whatever luck the run has, and how a baseline knows it. */
const MISTAKES: readonly (readonly [string, Condition, (luck: Luck) => readonly Entry[], Json])[] =
  [
    [
      'handshake: status',
      { kind: 'handshake', fields: { status: { is: 403 } } },
      ({ at }) => [sent(at(1)), response(at(2), 500)],
      { 'handshake.status': 500 },
    ],
    [
      'handshake: a header with an id',
      { kind: 'handshake', fields: { headers: { 'x-id': { is: 'none' } } } },
      ({ at, id }) => [sent(at(1)), response(at(2), 403, { headers: [['X-Id', `req ${id}`]] })],
      { 'handshake.headers.x-id': 'req <uuid>' },
    ],
    [
      'received: the wrong message',
      { kind: 'received', want: some({ some: { json: { type: { is: 'pong' } } } }) },
      ({ at, id }) => [response(at(2), 101), message(at(9), JSON.stringify({ type: id }))],
      { 'received.count': 1, 'received.json.type': '<uuid>' },
    ],
    [
      'frames: too many',
      { kind: 'frames', want: some({ count: { is: 0 } }) },
      ({ at }) => [response(at(2), 101), frame(at(4), 'in', { opcode: 9 })],
      { 'frames.count': 1 },
    ],
    [
      'events: too many',
      { kind: 'events', want: { $connect: event({ count: { is: 1 } }) } },
      ({ at, id }) => [
        sent(at(1)),
        invoked(at(2), '$connect', { id }),
        invoked(at(3), '$connect', { id: `${id}2` }),
      ],
      { '$connect.count': 2 },
    ],
    [
      'events: a wrong value beside ids',
      {
        kind: 'events',
        want: { $connect: event({ each: { requestContext: { is: 'nothing like it' } } }) },
      },
      ({ at, id }) => [
        sent(at(1)),
        invoked(at(2), '$connect', {
          event: { requestContext: { connectionId: `c-${id}`, url: `/c-${id}`, stage: 'local' } },
        }),
      ],
      {
        '$connect.requestContext': {
          connectionId: '<connectionId>',
          url: '/<connectionId>',
          stage: 'local',
        },
      },
    ],
    [
      'closed: code',
      { kind: 'closed', fields: { code: { is: 1000 } } },
      ({ at }) => [response(at(2), 101), closeFrame(at(7), 'in', 1011), fin(at(8), 'in')],
      { 'closed.code': 1011 },
    ],
    [
      'answers: status',
      { kind: 'answers', want: { post: { status: { is: 410 } } } },
      ({ at }) => [response(at(2), 101), call(at(3), 'post'), answer(at(9), 'post', 404)],
      { 'answers.post.status': 404 },
    ],
    [
      'order: the wrong way round',
      { kind: 'order', moments: [moment('$connect.started'), moment('answered')] },
      ({ at }) => [sent(at(1)), response(at(2), 101), invoked(at(5), '$connect')],
      { '$connect.started before answered': false },
    ],
    [
      'order: something is missing',
      { kind: 'order', moments: [moment('opened'), moment('received')] },
      ({ at }) => [sent(at(1)), response(at(2), 101)],
      { received: null },
    ],
    [
      'never: it came',
      { kind: 'never', moment: moment('received'), side: undefined },
      ({ at }) => [response(at(2), 101), message(at(9), 'x')],
      { received: 'came' },
    ],
    [
      'never before: it came before',
      {
        kind: 'never',
        moment: moment('firstByte'),
        side: { kind: 'before', moment: moment('$connect.released') },
      },
      ({ at }) => [
        sent(at(1)),
        firstByte(at(2)),
        response(at(3), 101),
        invoked(at(9), '$connect', { phase: 'released' }),
      ],
      { 'firstByte before $connect.released': true },
    ],
    [
      'elapsed: too short',
      { kind: 'elapsed', from: moment('sent'), to: moment('answered'), ms: { gte: 20_000 } },
      ({ at }) => [sent(at(1)), response(at(20), 101)],
      { 'answered - sent': 'too short' },
    ],
    [
      'elapsed: too long',
      { kind: 'elapsed', from: moment('sent'), to: moment('answered'), ms: { lte: 5 } },
      ({ at }) => [sent(at(1)), response(at(200), 101)],
      { 'answered - sent': 'too long' },
    ],
    [
      'same: two ids',
      {
        kind: 'same',
        paths: [path('$connect.requestContext.requestId'), path('handshake.headers["x-id"]')],
      },
      ({ at, id }) => [
        sent(at(1)),
        invoked(at(2), '$connect', { event: { requestContext: { requestId: id } } }),
        response(at(3), 101, { headers: [['X-Id', 'fixed']] }),
      ],
      {
        '$connect.requestContext.requestId': '<uuid>',
        'handshake.headers["x-id"]': 'fixed',
      },
    ],
  ];

describe('a deviation', () => {
  it.each(MISTAKES)('%s', (_, condition, entriesOf, expected) => {
    const plain = deviationIn(condition, entriesOf({ at: (ms) => ms, id: randomUUID() }));
    expect(plain).toEqual(expected);
    // The same in every run: later, slower or faster, with other ids.
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5000 }),
        fc.double({ min: 0.8, max: 1.9, noNaN: true }),
        fc.uuid(),
        (offset, pace, id) => {
          const at = (ms: number): number => offset + ms * pace;
          expect(deviationIn(condition, entriesOf({ at, id }))).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('says of a crowd what was seen, not on whom', () => {
    const condition: Condition = { kind: 'handshake', fields: { status: { is: 101 } } };
    const crowd = (statuses: readonly number[]): readonly Entry[] =>
      statuses.flatMap((status, member) => [
        of('crowd', member, sent(1)),
        of('crowd', member, response(2, status)),
      ]);
    const deviationOf = (statuses: readonly number[]): unknown =>
      deviationIn(condition, crowd(statuses), statuses.length);
    expect(deviationOf([101, 500, 101, 429])).toEqual({ 'crowd.handshake.status': [429, 500] });
    expect(deviationOf([429, 101, 500, 500])).toEqual({ 'crowd.handshake.status': [429, 500] });
    expect(deviationOf([101, 500, 500, 101])).toEqual({ 'crowd.handshake.status': 500 });
  });

  it('is there only where something was violated', () => {
    const condition: Condition = { kind: 'handshake', fields: { status: { is: 101 } } };
    const finding = (status: number, level: 'must' | 'should' | 'may'): object => {
      const found = findingOf(
        judge(condition, evidenceOf([sent(1), response(2, status)]), { level }),
      );
      if (typeof found === 'string') throw new Error(found);
      return found;
    };
    expect(finding(403, 'should')).toHaveProperty('deviation', { 'handshake.status': 403 });
    expect(finding(403, 'may')).not.toHaveProperty('deviation');
    expect(finding(101, 'must')).not.toHaveProperty('deviation');
  });
});

describe('values that differ from run to run', () => {
  it.each<[string, Json, Json]>([
    ['a date of HTTP', 'at Sun, 22 Nov 2026 23:11:00 GMT', 'at <time>'],
    ['an instant', '2026-11-22T23:11:00.123Z!', '<time>!'],
    ['the time of a log', '22/Nov/2026:23:11:00 +0000', '<time>'],
    ['milliseconds since 1970', 1_795_382_400_120, '<time>'],
    ['the same within a text', 'v=1795382400;', 'v=<time>;'],
    ['a nonce', '/?assay=k3v7qn2m5xw4c6bz7r2tjd5hfa&a=1', '/?assay=<nonce>&a=1'],
    ["API Gateway's ids", 'Kx1abcdeDoECFQg=', '<id>'],
    ['an accept value', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=', '<id>'],
    ['a trace', 'Root=1-67891233-abcdef012345678912345678', 'Root=1-67891233-<hex>'],
    ['a chosen port', 'ws://127.0.0.1:40213/', 'ws://127.0.0.1:<port>/'],
    ['values within values', { a: [{ t: 1_795_382_400 }] }, { a: [{ t: '<time>' }] }],
  ])('%s', (_, value, expected) => {
    expect(steady({ it: value })).toEqual({ it: expected });
  });

  it.each<[string, Json]>([
    ['a status', 502],
    ['a size', 131_073],
    ['an account', 'arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/$connect'],
    ['an address', '10.0.0.1:443'],
    ['a close reason', 'Connection Closed Normally'],
    ['a query', 'one=1&two=2'],
    ['a schema error', "/requestContext: must have required property 'disconnectStatusCode'"],
  ])('%s is left as it is', (_, value) => {
    expect(steady({ it: value })).toEqual({ it: value });
  });

  it('keeps the beginning of what is long', () => {
    expect(steady({ it: 'x y'.repeat(100) })).toEqual({
      it: `${'x y'.repeat(100).slice(0, 200)}… (300 characters)`,
    });
    const list = Array.from({ length: 25 }, (_, index) => index);
    expect(steady({ it: list })).toEqual({ it: [...list.slice(0, 20), '… (25 items)'] });
  });
});

it('does not depend on the order in which parts were judged', () => {
  const one = { 'a.status': 500, 'a.body': 'x' };
  const other = { 'a.status': 429, 'b.status': 101 };
  const merged = { 'a.status': [429, 500], 'a.body': 'x', 'b.status': 101 };
  expect(mergeDeviations([one, other])).toEqual(merged);
  expect(mergeDeviations([other, one, one])).toEqual(merged);
});

function deviationIn(condition: Condition, entries: readonly Entry[], members = 0): unknown {
  const group = members === 0 ? {} : { groups: { crowd: members } };
  const evidence = evidenceOf(entries, { endedMs: 10_000, ...group });
  const finding = findingOf(
    judge(condition, evidence, members === 0 ? {} : { connections: ['crowd'] }),
  );
  if (typeof finding === 'string') throw new Error(finding);
  expect(finding.verdict).toBe('failed');
  return finding.deviation;
}
