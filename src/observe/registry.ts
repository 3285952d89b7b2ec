// Who owns an event: the attempts by nonce and by connection id, and the strays that may yet find
// their owner.
import type { InvocationType } from '../result/evidence.ts';
import type { Attempt } from './attempt.ts';
import { type EventKeys, isNonce } from './correlate.ts';
import type { BackendRecord } from './flight.ts';

/** Something that an event says happened. */
interface Sighting {
  readonly type: InvocationType;
  /** False for what only adds to an invocation that was sighted already. */
  readonly begins: boolean;
  readonly keys: EventKeys;
  /** When it was read here. */
  readonly atUs: number;
}

/** Where the records of an invocation go. */
interface Owner {
  /** Whose it is, if that is known when it arrives. */
  readonly attempt: Attempt | undefined;
  /** As `Attempt.record`. */
  record(record: BackendRecord, delivery?: string): void;
}

/** The attempts that are enrolled. */
export interface Registry {
  /** Invocations that nobody owns. */
  readonly strays: number;
  add(attempt: Attempt): void;
  remove(attempt: Attempt): void;
  /** The attempt's connection was seen to have this id: what came with it already is its own. */
  learn(attempt: Attempt, connectionId: string): void;
  /** The owner of what was sighted; its attempt learns the connection's id. */
  find(sighting: Sighting): Owner;
}

/** Makes a registry without attempts. */
export function createRegistry(): Registry {
  const byNonce = new Map<string, Attempt>();
  const byConnection = new Map<string, Attempt>();
  const departed = createDeparted();
  let unclaimed: Stray[] = [];
  let strays = 0;

  // Events come in any order: what came before the connection's id was known is handed over now.
  // Not what is older than the attempt, because an id may be used again.
  const adopt = (attempt: Attempt, connectionId: string): void => {
    const mine = unclaimed.filter(
      (one) => one.connectionId === connectionId && one.atUs >= attempt.enrolledAtUs,
    );
    unclaimed = unclaimed.filter((one) => !mine.includes(one));
    for (const one of mine) one.handOver(attempt);
    strays -= mine.filter((one) => one.begins).length;
  };

  // Where a gateway gives one id to two connections, the later one has it.
  const learn = (attempt: Attempt, type: InvocationType, connectionId: string): void => {
    attempt.learn(type, connectionId);
    if (byConnection.get(connectionId) === attempt) return;
    byConnection.set(connectionId, attempt);
    adopt(attempt, connectionId);
  };

  const attemptOf = ({ nonce, connectionId, reasonNonces }: EventKeys): Attempt | undefined =>
    byNonce.get(nonce ?? '') ??
    byConnection.get(connectionId ?? '') ??
    reasonNonces.map((one) => byNonce.get(one)).find((attempt) => attempt !== undefined);

  const find = (given: Sighting): Owner => {
    const sighting = isAlien(given.keys) ? { ...given, keys: NO_KEYS } : given;
    const { type, keys } = sighting;
    const attempt = attemptOf(keys);
    if (attempt !== undefined) {
      if (keys.connectionId !== undefined) learn(attempt, type, keys.connectionId);
      return { attempt, record: (one, delivery) => attempt.record(one, delivery) };
    }
    const stray = createStray(sighting, departed.find(given.keys));
    if (sighting.begins) strays += 1;
    unclaimed = [...unclaimed.slice(1 - MAX_UNCLAIMED), stray];
    return stray;
  };

  // A nonce that nobody here drew, or that has had its time, names another attempt: whatever id comes
  // with it proves nothing.
  const isAlien = ({ nonce }: EventKeys): boolean =>
    nonce !== undefined && isNonce(nonce) && !byNonce.has(nonce);

  return {
    get strays() {
      return strays;
    },
    add: (attempt) => void byNonce.set(attempt.nonce, attempt),
    learn: (attempt, connectionId) => learn(attempt, 'CONNECT', connectionId),
    remove: (attempt) => {
      byNonce.delete(attempt.nonce);
      const ids = [...byConnection].flatMap(([id, owner]) => (owner === attempt ? [id] : []));
      for (const id of ids) byConnection.delete(id);
      departed.add(attempt, ids);
    },
    find,
  };
}

const NO_KEYS: EventKeys = { nonce: undefined, connectionId: undefined, reasonNonces: [] };

// More than come while one connection waits for its own CONNECT event.
const MAX_UNCLAIMED = 1000;

interface Stray extends Owner {
  readonly connectionId: string | undefined;
  readonly begins: boolean;
  readonly atUs: number;
  handOver(attempt: Attempt): void;
}

/** Attempts that were withdrawn, and what is still told of them. */
interface Departed {
  add(attempt: Attempt, connectionIds: readonly string[]): void;
  /** The one that is meant; it is remembered by the id that comes with it. */
  find(keys: EventKeys): Attempt | undefined;
}

// What comes later than this many others after its attempt comes too late for anything.
const MAX_DEPARTED = 5000;

function createDeparted(): Departed {
  const byNonce = new Map<string, Attempt>();
  const byConnection = new Map<string, Attempt>();
  const remember = (map: Map<string, Attempt>, key: string, attempt: Attempt): void => {
    map.delete(key);
    map.set(key, attempt);
    const [oldest] = map.keys();
    if (map.size > MAX_DEPARTED && oldest !== undefined) map.delete(oldest);
  };
  return {
    add: (attempt, ids) => {
      remember(byNonce, attempt.nonce, attempt);
      for (const id of ids) remember(byConnection, id, attempt);
    },
    find: ({ nonce, connectionId, reasonNonces }) => {
      const isNamed = nonce !== undefined && isNonce(nonce);
      const named = [...(isNamed ? [nonce] : []), ...reasonNonces];
      const found = named.map((one) => byNonce.get(one)).find((one) => one !== undefined);
      if (found !== undefined && connectionId !== undefined)
        remember(byConnection, connectionId, found);
      return found ?? (isNamed ? undefined : byConnection.get(connectionId ?? ''));
    },
  };
}

function createStray({ type, begins, keys, atUs }: Sighting, departed: Attempt | undefined): Stray {
  const records: (readonly [record: BackendRecord, delivery: string | undefined])[] = [];
  let adopter: Attempt | undefined;
  return {
    attempt: undefined,
    connectionId: keys.connectionId,
    begins,
    atUs,
    record: (one, delivery) => {
      departed?.record(one, delivery);
      if (adopter === undefined) records.push([one, delivery]);
      else adopter.record(one, delivery);
    },
    handOver: (attempt) => {
      adopter = attempt;
      // It was answered as without a plan, but a message's plan was meant for it and not the next.
      if (begins && type === 'MESSAGE') attempt.takePlan(type);
      for (const one of records) attempt.record(...one);
    },
  };
}
