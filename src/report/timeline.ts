// Which records of a case a reader needs: all if they are few, else those that decided, the turning
// points, and as many others as there is room for. What is left out is counted.
import type { EvidenceRecord } from '../result/evidence.ts';

/** Records that are shown, in order, and how many are not. */
export interface Timeline {
  readonly shown: readonly EvidenceRecord[];
  readonly left: number;
}

/** At most `room` records; those whose `seq` is in `evidence` come first. */
export function selectRecords(
  records: readonly EvidenceRecord[],
  evidence: readonly number[],
  room: number,
): Timeline {
  const inOrder = records.toSorted((a, b) => a.atUs - b.atUs || a.seq - b.seq);
  if (inOrder.length <= room) return { shown: inOrder, left: 0 };
  const rank = rankBy(inOrder, new Set(evidence));
  const chosen = new Set(inOrder.toSorted((a, b) => rank(a) - rank(b)).slice(0, room));
  return {
    shown: inOrder.filter((record) => chosen.has(record)),
    left: inOrder.length - chosen.size,
  };
}

// Of a crowd only those are of interest about whom something was decided.
function rankBy(
  records: readonly EvidenceRecord[],
  deciding: ReadonlySet<number>,
): (record: EvidenceRecord) => number {
  const nameOf = ({ connection, member }: EvidenceRecord): string => `${connection}[${member}]`;
  const concerned = new Set(records.filter(({ seq }) => deciding.has(seq)).map(nameOf));
  return (record) => {
    if (deciding.has(record.seq)) return 0;
    if (!isTurningPoint(record)) return 3;
    return concerned.size === 0 || concerned.has(nameOf(record)) ? 1 : 2;
  };
}

/** True where the story turns: requests, answers, invocations, ends; not its connecting tissue. */
export function isTurningPoint(record: EvidenceRecord): boolean {
  if (record.kind === 'step') return record.phase !== 'begun' && record.phase !== 'ended';
  if (record.kind === 'frame') return record.close !== undefined;
  return TURNING_POINTS.has(record.kind);
}

const TURNING_POINTS: ReadonlySet<EvidenceRecord['kind']> = new Set([
  'request',
  'response',
  'protocolError',
  'fin',
  'reset',
  'silence',
  'failure',
  'invocation',
  'call',
  'answer',
]);
