import { expect, test } from 'vitest';
import type { EvidenceRecord } from '../result/evidence.ts';
import { selectRecords } from './timeline.ts';

const record = (seq: number, member: number, kind: 'sent' | 'fin' | 'closed'): EvidenceRecord => ({
  seq,
  atUs: seq,
  connection: 'crowd',
  member,
  ...(kind === 'fin' ? { kind, direction: 'out' } : { kind }),
});

/** Of each of five members: sent, FIN, closed. */
const CROWD = Array.from({ length: 5 }, (_, member) => [
  record(3 * member + 1, member, 'sent'),
  record(3 * member + 2, member, 'fin'),
  record(3 * member + 3, member, 'closed'),
]).flat();

const chosen = (evidence: readonly number[], room: number): readonly number[] =>
  selectRecords(CROWD, evidence, room).shown.map(({ seq }) => seq);

test('all where there is room', () => {
  expect(selectRecords(CROWD, [], 15)).toEqual({ shown: CROWD, left: 0 });
});

test('what decided, then the turning points of those it is about, then the others', () => {
  expect(chosen([15], 1)).toEqual([15]);
  expect(chosen([15], 2)).toEqual([14, 15]);
  expect(chosen([15], 4)).toEqual([2, 5, 14, 15]);
  expect(selectRecords(CROWD, [15], 4).left).toBe(11);
});

test('the turning points of all where nothing decided', () => {
  expect(chosen([], 3)).toEqual([2, 5, 8]);
});
