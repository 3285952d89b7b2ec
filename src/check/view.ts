// The evidence as judges look at it: by connection and member, duplicates of the sink dropped, and
// for every record the instant at which the runner had it.
import type { Evidence, EvidenceRecord } from '../result/evidence.ts';

/** A record with the instant, on the runner's clock, at which it was seen (at the earliest). */
export type Sighted = EvidenceRecord & { readonly seenUs: number };

/** One connection, or one of a group. */
export interface Member {
  readonly name: string;
  /** From 0. */
  readonly index: number;
  /** `crowd[3]`; without index where it is alone. */
  readonly label: string;
  /** Its own records, without the steps. */
  readonly records: readonly Sighted[];
  /** The steps about its connection, whichever member they were recorded for. */
  readonly steps: readonly Extract<Sighted, { readonly kind: 'step' }>[];
}

/** What a judge may look at. */
export interface View {
  /** Empty when there is no such connection. */
  membersOf(name: string): readonly Member[];
  /** Infinity while steps are running. */
  readonly stepsEndedUs: number;
  readonly settleUs: number;
  /** The check's own `within`. */
  readonly withinUs: number | undefined;
  readonly clockBoundUs: number | undefined;
  /** How coarse the platform's stamps are: of two that are closer the order is not known. */
  readonly clockTickUs: number;
  /** Driving ended early: what was not seen may not have been caused. */
  readonly interrupted: boolean;
  /** Some events carry the platform's stamps: they may come late and out of order. */
  readonly platform: boolean;
}

/** Builds the view of one check. `cutUs`: what was seen then or later does not count. */
export function viewOf(input: {
  readonly evidence: Evidence;
  readonly settleMs: number;
  readonly withinMs: number | undefined;
  readonly cutUs: number;
}): View {
  const { evidence, settleMs, withinMs, cutUs } = input;
  const { members, platform } = arranged(evidence, cutUs);
  return {
    membersOf: (name) => members.get(name) ?? [],
    stepsEndedUs: evidence.stepsEndedAtUs ?? Infinity,
    settleUs: settleMs * 1000,
    withinUs: withinMs === undefined ? undefined : withinMs * 1000,
    clockBoundUs: evidence.clockBoundUs,
    clockTickUs: evidence.clockTickUs ?? FINEST_TICK_US,
    interrupted: evidence.interruption !== undefined,
    platform: platform || evidence.isPlatform === true,
  };
}

const FINEST_TICK_US = 1000;

interface Arranged {
  readonly members: ReadonlyMap<string, readonly Member[]>;
  readonly platform: boolean;
  readonly length: number;
}

// All checks of a case look at the same records again and again.
const ARRANGED = new WeakMap<readonly EvidenceRecord[], Arranged>();

function arranged(evidence: Evidence, cutUs: number): Arranged {
  const { records, connections } = evidence;
  const known = ARRANGED.get(records);
  const whole = cutUs === Infinity;
  if (whole && known?.length === records.length && known.members.size === connections.length) {
    return known;
  }
  const seen = dropDuplicates(sight(records)).filter(({ seenUs }) => seenUs < cutUs);
  const made = {
    members: byName(evidence, seen),
    platform: seen.some(isForeign),
    length: records.length,
  };
  if (whole) ARRANGED.set(records, made);
  return made;
}

function isForeign(record: EvidenceRecord): boolean {
  return record.kind === 'invocation' && record.clock === 'platform';
}

// A stamp of the platform's clock does not say when the event reached us. It stands in the list
// where it came in, so it was not seen before the records that stand before it.
function sight(records: readonly EvidenceRecord[]): readonly Sighted[] {
  let lastUs = 0;
  return records.map((record) => {
    const foreign = isForeign(record);
    if (!foreign) lastUs = Math.max(lastUs, record.atUs);
    return { ...record, seenUs: foreign ? lastUs : record.atUs };
  });
}

// "The same type, phase and invocationId again is the sink's duplicate" (language 4.3). A second
// invocationId is the platform's, and counts.
function dropDuplicates(records: readonly Sighted[]): readonly Sighted[] {
  const seen = new Set<string>();
  return records.filter((record) => {
    if (record.kind !== 'invocation') return true;
    const key = `${record.type} ${record.phase} ${record.invocationId}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function byName(
  evidence: Evidence,
  records: readonly Sighted[],
): ReadonlyMap<string, readonly Member[]> {
  const steps = new Map<string, Extract<Sighted, { readonly kind: 'step' }>[]>();
  const own = new Map<string, Sighted[]>();
  for (const record of records) {
    if (record.kind === 'step') push(steps, record.connection, record);
    else push(own, `${record.member} ${record.connection}`, record);
  }
  return new Map(
    evidence.connections.map(({ name, members }) => [
      name,
      Array.from({ length: members }, (_, index) => ({
        name,
        index,
        label: members === 1 ? name : `${name}[${index}]`,
        records: own.get(`${index} ${name}`) ?? [],
        steps: steps.get(name) ?? [],
      })),
    ]),
  );
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
