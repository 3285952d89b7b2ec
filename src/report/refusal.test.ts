import { expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import type { ConnectionInfo, EvidenceRecord } from '../result/evidence.ts';
import type { CaseResult } from '../result/run-result.ts';
import { MIXED_CASE } from './fixture/run-result.ts';
import { refusalLines } from './refusal.ts';

const caseOf = (
  records: readonly (readonly EvidenceRecord[])[],
  connections: readonly ConnectionInfo[] = [connection('client')],
): CaseResult => ({
  ...MIXED_CASE,
  connections,
  records: records.flat().map((record, seq) => ({ ...record, seq })),
});

const connection = (name: string, members = 1): ConnectionInfo => ({
  name,
  members,
  subprotocols: [],
});

interface Of {
  readonly connection: string;
  readonly member: number;
}

const CLIENT: Of = { connection: 'client', member: 0 };

function answer(status: number, of = CLIENT, atUs = 500): readonly EvidenceRecord[] {
  const head = { version: 'HTTP/1.1', status, phrase: '', headers: [] } as const;
  const raw = { bytes: 0, text: '' };
  const opened = status === 101;
  return [{ seq: 0, atUs, kind: 'response', head, raw, opened, violations: [], ...of }];
}

function invocation(
  type: 'AUTHORIZER' | 'CONNECT',
  given: { readonly answer?: Json; readonly atUs?: number; readonly of?: Of } = {},
): readonly EvidenceRecord[] {
  const { atUs = 100, of = CLIENT } = given;
  const head = { seq: 0, kind: 'invocation', type, invocationId: 'i', clock: 'runner' } as const;
  const started = { ...head, atUs, phase: 'started', event: {}, ...of } as const;
  if (given.answer === undefined) return [started];
  return [started, { ...head, atUs: atUs + 50, phase: 'ended', answer: given.answer, ...of }];
}

const returned = (value: Json): Json => ({ return: value });

test.each<[string, readonly (readonly EvidenceRecord[])[], readonly string[]]>([
  ['no event', [answer(429)], ['refused with 429 by the gateway: the integration was not called']],
  [
    'its own status',
    [invocation('CONNECT', { answer: returned({ statusCode: 429 }) }), answer(429)],
    ['refused with 429 by the integration: it answered 429'],
  ],
  [
    'its own status as text',
    [invocation('CONNECT', { answer: returned({ statusCode: '429' }) }), answer(429)],
    ['refused with 429 by the integration: it answered 429'],
  ],
  [
    'another status than its own',
    [invocation('CONNECT', { answer: returned({ statusCode: 429 }) }), answer(500)],
    ['refused with 500 by the gateway: the integration answered 429'],
  ],
  [
    'an answer that is none',
    [invocation('CONNECT', { answer: returned(null) }), answer(502)],
    ['refused with 502 by the gateway: the integration answered without a status'],
  ],
  [
    'a throw',
    [invocation('CONNECT', { answer: { throw: 'no' } }), answer(502)],
    ['refused with 502 by the gateway: the integration threw'],
  ],
  [
    'an integration that takes its time',
    [invocation('CONNECT'), answer(504)],
    ['refused with 504 by the gateway: the integration was called and had not answered'],
  ],
  [
    'an integration that is called afterwards',
    [answer(429), invocation('CONNECT', { atUs: 900 })],
    ['refused with 429 by the gateway: the integration was not called until then'],
  ],
  [
    'an authorizer alone',
    [invocation('AUTHORIZER', { answer: returned({}) }), answer(403)],
    ['refused with 403 by the gateway: the integration was not called, the authorizer was'],
  ],
  ['an upgrade that opened', [invocation('CONNECT'), answer(101)], []],
  ['an answer that is not HTTP', [answer(0)], []],
])('%s', (_, records, expected) => {
  expect(refusalLines(caseOf(records), true)).toEqual(expected);
});

test('without a witness of the backend nobody can know', () => {
  expect(refusalLines(caseOf([answer(429)]), false)).toEqual([
    'refused with 429; by whom cannot be known: nothing tells what the backend of this target was called with',
  ]);
});

test('a result that does not say whether there is one, and has events of it', () => {
  const late = { connection: 'late', member: 0 };
  const of = caseOf(
    [invocation('CONNECT', { of: late }), answer(101, late), answer(429)],
    [connection('client'), connection('late')],
  );
  expect(refusalLines(of, false)).toEqual([
    'client: refused with 429 by the gateway: the integration was not called',
  ]);
});

test('members of a group are counted, and another one is no witness', () => {
  const member = (index: number): Of => ({ connection: 'crowd', member: index });
  const of = caseOf(
    [
      invocation('CONNECT', { of: member(0), answer: returned({ statusCode: 429 }) }),
      answer(429, member(0)),
      answer(429, member(1)),
      answer(429, member(2)),
      answer(101, member(3)),
    ],
    [connection('crowd', 4)],
  );
  expect(refusalLines(of, true)).toEqual([
    'crowd: 1 of 4 refused with 429 by the integration: it answered 429',
    'crowd: 2 of 4 refused with 429 by the gateway: the integration was not called',
  ]);
});
