import { describe, expect, it } from 'vitest';
import type { EvidenceRecord, InvocationRecord } from '../result/evidence.ts';
import type { Belief } from './belief.ts';
import { contradicts, isTooLate, slowness } from './slowness.ts';

const OF = { connection: 'client', member: 0 } as const;
const late = (ms: number, type: InvocationRecord['type'] = 'MESSAGE'): InvocationRecord => ({
  ...OF,
  kind: 'invocation',
  type,
  phase: 'started',
  atUs: ms * 1000,
  invocationId: 'late',
  clock: 'platform',
});
const SENT: EvidenceRecord = { ...OF, seq: 1, kind: 'sent', atUs: 5_000_000 };
const CLOSED: EvidenceRecord = { ...OF, seq: 2, kind: 'closed', atUs: 6_000_000 };

describe('the settle of a target', () => {
  it.each([
    [[], 1000, false],
    [[600, 20, 10, 10], 1000, false],
    [[1100, 20, 10, 10], 1000, true],
    [[600, 670, 690, 100], 1000, true],
    [[600, 650, 660, 100], 1000, false],
  ])('is too short for records that came after %j ms: %i ms: %s', (delays, settleMs, isShort) => {
    expect(slowness(delays, { settleMs }).isTooShort(undefined)).toBe(isShort);
    expect(slowness(delays, { settleMs: 10 }).isTooShort(settleMs)).toBe(isShort);
  });
});

describe('an event that is read when its case is over', () => {
  const ended = (...records: EvidenceRecord[]): Parameters<typeof isTooLate>[1] => ({
    startedAtUs: 4_000_000,
    durationUs: 3_000_000,
    records,
  });

  it.each([
    ['by its stamp', late(6900, 'DISCONNECT'), ended(SENT), true],
    ['not by one that may be later', late(6995, 'DISCONNECT'), ended(SENT), false],
    ['of a connection that had ended', late(9000, 'DISCONNECT'), ended(CLOSED), true],
    ['that nobody ends by leaving', late(9000), ended(SENT), true],
    ['never of our own clock', { ...late(100), clock: 'runner' as const }, ended(SENT), false],
    ['never of an end', { ...late(100), phase: 'ended' as const }, ended(SENT), false],
  ])('came too late %s', (_, record, result, isLate) => {
    expect(isTooLate(record, result, 10_000)).toBe(isLate);
  });

  const believing = (side?: 'before' | 'after'): Belief => ({
    check: 'a',
    types: new Set(['MESSAGE']),
    roles: ['open'],
    withinMs: undefined,
    side:
      side === undefined
        ? undefined
        : {
            kind: side,
            moment: {
              text: 'sent',
              connection: undefined,
              of: { kind: 'connection', name: 'sent' },
            },
          },
  });

  it.each([
    [undefined, late(9000), true],
    [undefined, late(9000, 'CONNECT'), false],
    ['before', late(9000), false],
    ['before', late(4989), true],
    ['before', late(4991), false],
    ['after', late(5011), true],
    ['after', late(4000), false],
  ] as const)('contradicts that there is none %s a moment: %#', (side, record, expected) => {
    const context = { records: [SENT], boundUs: 10_000 };
    expect(contradicts(believing(side), record, context)).toBe(expected);
  });
});
