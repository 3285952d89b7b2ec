// Which attempt of a load the backend was called for, and when: by the number in its nonce, then by the
// connection's id, which the first event with the nonce tells. What comes before its connection is
// known waits for it.

import { numberOfNonce } from '../load/nonce.ts';
import type { LoadSighting, LoadTap } from '../observe/backend.ts';
import type { EventKeys } from '../observe/correlate.ts';
import type { InvocationType } from '../result/evidence.ts';
import type { Invocation, Plan } from '../scenario/model.ts';

/** The backend's events of a load by attempt. */
export interface LoadEvents extends LoadTap {
  /** Instants on the runner's clock, ascending, by invocation; undefined where there were none. */
  of(number: number): Readonly<Partial<Record<Invocation, readonly number[]>>> | undefined;
  /** The id of its connection; resolves with undefined when it was not told in time. */
  idOf(number: number, withinMs: number): Promise<string | undefined>;
  /** Nothing more is asked about it. */
  forget(number: number): void;
  /** `$disconnect` seen since the last call. */
  takeDelivered(): number;
}

interface Seen {
  readonly atUs: Partial<Record<Invocation, number[]>>;
  readonly invocations: Set<string>;
  connectionId: string | undefined;
  readonly waiting: ((id: string) => void)[];
}

/** Starts listening. `prefix`: that of the load's nonces. */
export function createLoadEvents(
  prefix: string,
  {
    planOf,
    onEvent,
    onCanary,
  }: {
    readonly planOf: (invocation: Invocation) => Plan | undefined;
    /** Told of each event once its attempt is known. */
    readonly onEvent: (number: number, sighting: LoadSighting) => void;
    /** Told of each canary. */
    readonly onCanary?: (id: string) => void;
  },
): LoadEvents {
  const seen = new Map<number, Seen>();
  const byConnection = new Map<string, number>();
  const unclaimed = new Map<string, LoadSighting[]>();
  let fresh = 0;

  const seenOf = (number: number): Seen => {
    const known = seen.get(number);
    if (known !== undefined) return known;
    const made: Seen = {
      atUs: {},
      invocations: new Set(),
      connectionId: undefined,
      waiting: [],
    };
    seen.set(number, made);
    return made;
  };
  const numberOf = ({ nonce, connectionId, reasonNonces }: EventKeys): number | undefined => {
    const named = [nonce, ...reasonNonces].flatMap((one) => numberOfNonce(prefix, one ?? '') ?? []);
    return named[0] ?? byConnection.get(connectionId ?? '');
  };
  const note = (number: number, sighting: LoadSighting): void => {
    const { type, atUs, invocationId } = sighting;
    const one = seenOf(number);
    const key = `${type} ${invocationId}`;
    if (one.invocations.has(key)) return;
    one.invocations.add(key);
    onEvent(number, sighting);
    const invocation = INVOCATIONS[type];
    const all = one.atUs[invocation] ?? [];
    all.push(atUs);
    one.atUs[invocation] = all.toSorted((a, b) => a - b);
    if (type !== 'DISCONNECT') return;
    fresh += 1;
  };
  const learn = (number: number, id: string): void => {
    byConnection.set(id, number);
    const one = seenOf(number);
    one.connectionId = id;
    for (const tell of one.waiting.splice(0)) tell(id);
    const early = unclaimed.get(id) ?? [];
    unclaimed.delete(id);
    for (const sighting of early) note(number, sighting);
  };
  return {
    takeDelivered: () => {
      const taken = fresh;
      fresh = 0;
      return taken;
    },
    knows: (keys) => numberOf(keys) !== undefined,
    take: (sighting) => {
      const { keys } = sighting;
      const number = numberOf(keys);
      if (number === undefined) return wait(unclaimed, sighting);
      if (keys.connectionId !== undefined) learn(number, keys.connectionId);
      note(number, sighting);
      return true;
    },
    planOf: ({ type }) => planOf(INVOCATIONS[type]),
    canary: (id) => onCanary?.(id),
    of: (number) => seen.get(number)?.atUs,
    idOf: (number, withinMs) => idWithin(seenOf(number), withinMs),
    forget: (number) => {
      const one = seen.get(number);
      if (one?.connectionId !== undefined) byConnection.delete(one.connectionId);
      seen.delete(number);
    },
  };
}

/** How a scenario spells what an event is about. */
export const INVOCATIONS: Readonly<Record<InvocationType, Invocation>> = {
  AUTHORIZER: 'authorizer',
  CONNECT: '$connect',
  MESSAGE: 'message',
  DISCONNECT: '$disconnect',
};

// More than are on their way while one log line of a $connect is late.
const MAX_UNCLAIMED = 20_000;

/** An event with nothing but an id may be the load's; while one runs nothing else does. */
function wait(unclaimed: Map<string, LoadSighting[]>, sighting: LoadSighting): boolean {
  const { connectionId, nonce } = sighting.keys;
  if (connectionId === undefined || nonce !== undefined) return false;
  unclaimed.set(connectionId, [...(unclaimed.get(connectionId) ?? []), sighting]);
  const [oldest] = unclaimed.keys();
  if (unclaimed.size > MAX_UNCLAIMED && oldest !== undefined) unclaimed.delete(oldest);
  return true;
}

function idWithin(seen: Seen, withinMs: number): Promise<string | undefined> {
  if (seen.connectionId !== undefined) return Promise.resolve(seen.connectionId);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), withinMs);
    seen.waiting.push((id) => {
      clearTimeout(timer);
      resolve(id);
    });
  });
}
