import { describe, expect, it } from 'vitest';
import type { Json } from '../base/json.ts';
import type { Matcher } from '../scenario/model.ts';
import {
  answer,
  call,
  evidenceOf,
  findingOf,
  invoked,
  judge,
  of,
  path,
  sent,
} from './fixture/evidence.ts';

const FROM = '$connect.requestContext.connectedAt';
const TO = 'answers.get.json.connectedAt';
const between = (ms: Matcher, from = FROM, to = TO) =>
  ({ kind: 'between', paths: [path(from), path(to)], ms }) as const;
const AT = Date.parse('2026-11-23T03:00:00.000Z');
const SECOND: Matcher = { is: 0, tolerance: { kind: 'absolute', value: 1000 } };

const told = (event: Json, said: Json) =>
  evidenceOf([
    sent(1),
    invoked(2, '$connect', { event: { requestContext: { connectedAt: event } } }),
    call(3, 'get'),
    answer(4, 'get', 200, JSON.stringify({ connectedAt: said })),
  ]);

describe('between', () => {
  it.each<[string, Json, Json, Matcher, string]>([
    ['a number and a date', AT, '2026-11-23T03:00:00.000Z', { is: 0 }, 'passed'],
    ['zones', AT, '2026-11-23T04:00:00+01:00', { is: 0 }, 'passed'],
    ['a difference within the tolerance', AT, '2026-11-23T03:00:01Z', SECOND, 'passed'],
    ['one before it', AT, '2026-11-23T02:59:59Z', SECOND, 'passed'],
    ['one outside it', AT, '2026-11-23T03:00:01.001Z', SECOND, 'failed'],
    ['at least', AT, AT + 1, { gte: 1 }, 'passed'],
    ['not at least', AT, AT, { gte: 1 }, 'failed'],
    ['the wrong way round', AT, AT - 1, { gte: 0 }, 'failed'],
    ['seconds', AT, Math.floor(AT / 1000), SECOND, 'failed'],
    ['a date without its zone', AT, '2026-11-23T03:00:00.000', { lte: 1e15 }, 'failed'],
    ['a date that is none', AT, '2026-13-23T03:00:00Z', { lte: 1e15 }, 'failed'],
    ['text', AT, 'now', { lte: 1e15 }, 'failed'],
    ['null', AT, null, { lte: 1e15 }, 'failed'],
    ['an object', {}, AT, { gte: -1e15 }, 'failed'],
  ])('%s', (_name, event, said, ms, verdict) => {
    expect(findingOf(judge(between(ms), told(event, said)))).toMatchObject({ verdict });
  });

  it('says what it saw', () => {
    expect(findingOf(judge(between(SECOND), told(AT, '2026-11-23T03:00:05Z')))).toMatchObject({
      message: `${TO} is 5000 ms after ${FROM}`,
      actual: { [FROM]: AT, [TO]: '2026-11-23T03:00:05Z' },
      deviation: { [`${TO} - ${FROM}`]: 'too long' },
    });
    expect(findingOf(judge(between(SECOND), told(AT, 'soon')))).toMatchObject({
      message: `${TO} is "soon", which is no time`,
    });
  });

  it('compares two connections', () => {
    const event = (at: number) => ({
      id: `${at}`,
      event: { requestContext: { connectedAt: at } },
    });
    const evidence = evidenceOf(
      [
        of('a', 0, sent(1)),
        of('b', 0, sent(1)),
        of('a', 0, invoked(2, '$connect', event(AT))),
        of('b', 0, invoked(3, '$connect', event(AT + 7))),
      ],
      { groups: { a: 1, b: 1 } },
    );
    const asked = between({ is: 7 }, `a.${FROM}`, `b.${FROM}`);
    expect(findingOf(judge(asked, evidence, { connections: ['a'] }))).toMatchObject({
      verdict: 'passed',
    });
  });

  it('fails when one of them never comes', () => {
    const evidence = evidenceOf([
      sent(1),
      call(3, 'get'),
      answer(4, 'get', 200, `{"connectedAt":1}`),
    ]);
    expect(findingOf(judge(between({ gte: 0 }), evidence))).toMatchObject({ verdict: 'failed' });
  });
});
