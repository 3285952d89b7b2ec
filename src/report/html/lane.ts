// What a timeline chart draws, computed: marks, bars and the labels for which there is room.
import { visible } from '../../base/visible.ts';
import type { EvidenceRecord } from '../../result/evidence.ts';
import { cut } from '../payload-text.ts';
import { recordLine } from '../record-line.ts';
import { isTurningPoint } from '../timeline.ts';

/** A record on its lane. */
export interface Mark {
  readonly record: EvidenceRecord;
  readonly lane: 'client' | 'backend';
  readonly x: number;
  readonly strong: boolean;
  /** Absent where there is no room. Row 0 is nearest to the lane. */
  readonly label?: {
    readonly text: string;
    readonly row: number;
    readonly anchor: 'start' | 'end';
  };
}

/** Something that lasts: the upgrade is pending, the connection is open, the backend is busy. */
export interface Bar {
  readonly lane: 'client' | 'backend';
  readonly kind: 'pending' | 'open' | 'busy';
  readonly from: number;
  readonly to: number;
}

/** Rows of labels beside each lane. */
export const LABEL_ROWS = 3;

/** The marks of `records`, those in `deciding` strong and last. Steps of the driver are not drawn. */
export function marksOf(
  records: readonly EvidenceRecord[],
  deciding: ReadonlySet<number>,
  x: (us: number) => number,
  right: number,
): readonly Mark[] {
  const plain = records.flatMap((record) => {
    const { lane, label } = recordLine(record);
    if (lane === 'driver') return [];
    return [{ record, lane, label, x: x(record.atUs), strong: deciding.has(record.seq) }];
  });
  const room = labelRoom(right);
  const byImportance = plain.toSorted((a, b) => importance(b) - importance(a) || a.x - b.x);
  const labels = new Map(
    byImportance.map((mark) => [mark.record.seq, importance(mark) === 0 ? undefined : room(mark)]),
  );
  return plain
    .toSorted((a, b) => Number(a.strong) - Number(b.strong))
    .map(({ record, lane, x: at, strong }) => {
      const label = labels.get(record.seq);
      return { record, lane, x: at, strong, ...(label === undefined ? {} : { label }) };
    });
}

/** The bars of `records`; what has not ended lasts until the last record. */
export function barsOf(
  records: readonly EvidenceRecord[],
  x: (us: number) => number,
): readonly Bar[] {
  const end = records.at(-1)?.atUs ?? 0;
  return records.flatMap((record, at) => {
    const later = records.slice(at + 1);
    const bar = (
      lane: Bar['lane'],
      kind: Bar['kind'],
      stop: EvidenceRecord | undefined,
    ): readonly Bar[] => [{ lane, kind, from: x(record.atUs), to: x(stop?.atUs ?? end) }];
    const same = (other: EvidenceRecord): boolean =>
      other.connection === record.connection && other.member === record.member;
    if (record.kind === 'request')
      return bar(
        'client',
        'pending',
        later.find((other) => same(other) && ANSWERED.has(other.kind)),
      );
    if (record.kind === 'response' && record.opened)
      return bar(
        'client',
        'open',
        later.find((other) => same(other) && ENDED.has(other.kind)),
      );
    if (record.kind !== 'invocation' || record.phase !== 'started') return [];
    const { invocationId } = record;
    return bar(
      'backend',
      'busy',
      later.find((other) => isEndOf(other, invocationId)),
    );
  });
}

const ANSWERED: ReadonlySet<EvidenceRecord['kind']> = new Set(['response', 'failure', 'closed']);
const ENDED: ReadonlySet<EvidenceRecord['kind']> = new Set(['closed', 'reset', 'failure']);

function isEndOf(record: EvidenceRecord, invocationId: string): boolean {
  return (
    record.kind === 'invocation' &&
    record.invocationId === invocationId &&
    (record.phase === 'ended' || record.phase === 'abandoned')
  );
}

function importance({
  record,
  strong,
}: {
  readonly record: EvidenceRecord;
  readonly strong: boolean;
}): number {
  if (strong) return 2;
  return isTurningPoint(record) ? 1 : 0;
}

const LABEL_LENGTH = 24;
const CHARACTER_WIDTH = 6.3;
const GAP = 6;

type Room = (mark: {
  readonly lane: 'client' | 'backend';
  readonly x: number;
  readonly label: string;
}) => Mark['label'];

// Greedy: the first row in which the text meets no other text.
function labelRoom(right: number): Room {
  const taken = { client: rows(), backend: rows() };
  return ({ lane, x, label }) => {
    const text = visible(label.length > LABEL_LENGTH ? `${cut(label, LABEL_LENGTH)}…` : label);
    const width = text.length * CHARACTER_WIDTH;
    const anchor = x + width > right ? 'end' : 'start';
    const from = anchor === 'start' ? x : x - width;
    const free = (row: readonly (readonly [number, number])[]): boolean =>
      row.every(([a, b]) => from > b + GAP || from + width < a - GAP);
    const row = taken[lane].findIndex(free);
    if (row === -1) return undefined;
    taken[lane][row]?.push([from, from + width]);
    return { text, row, anchor };
  };
}

function rows(): [number, number][][] {
  return Array.from({ length: LABEL_ROWS }, () => []);
}
