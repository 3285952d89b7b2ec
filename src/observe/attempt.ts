// One attempt to connect as the backend sees it: its plans, its invocations on their way, who waits
// for one of them to be held or let go, and the records of it.
import type { Clock } from '../base/clock.ts';
import type { InvocationType } from '../result/evidence.ts';
import type { Invocation, Plan } from '../scenario/model.ts';
import type { BackendRecord, Flight } from './flight.ts';
import { createHolds } from './holds.ts';
import { createNotice } from './notice.ts';

/** What is announced. */
export interface AttemptSpec {
  readonly nonce: string;
  readonly plans: Partial<Record<'authorizer' | '$connect' | '$disconnect', Plan>>;
  /** Called once for each record, in the turn in which it happened. */
  readonly onRecord: (record: BackendRecord) => void;
  /** Called for what comes when it is withdrawn already. */
  readonly onLate?: ((record: BackendRecord) => void) | undefined;
}

/** The case driver's side of an attempt. */
export interface Enrolment {
  /** Learned from any event; that of the CONNECT event where several differ. */
  readonly connectionId: string | undefined;
  /**
   * The backend's events could be told to be its own: something of it is known there. Where it is
   * not, that none came says nothing.
   */
  readonly isRecognisable: boolean;
  /** The endpoint itself has told the connection's id. */
  learnConnectionId(connectionId: string): void;
  /** The nonce is on its way in a close frame. */
  announce(): void;
  /** Resolves when it is known, or with undefined when the signal aborts or the attempt is withdrawn. */
  whenConnectionId(signal: AbortSignal): Promise<string | undefined>;
  /** The plan of the next MESSAGE of this connection, first in, first out; undefined: no plan. */
  planMessage(plan: Plan | undefined): void;
  /** True while an invocation of that kind is being held. */
  isHeld(invocation: Invocation): boolean;
  /** The kind of the next one to be held from now on; undefined when the signal aborts. */
  whenHeld(signal: AbortSignal): Promise<Invocation | undefined>;
  /**
   * Lets the held one go, but not before it was held for its `hold`, waiting for it to come if need
   * be. Of messages the oldest one; of the other kinds all, and what comes later is held for its
   * `hold` and no longer. True when its answer was written or its caller has gone (recorded as
   * `abandoned`); false when the signal aborts first or nothing of that kind was to be held.
   */
  release(invocation: Invocation, signal: AbortSignal): Promise<boolean>;
  /**
   * Lets everything that is held go at once, and no later one be held. A `delay` runs its course, a
   * `hang` never answers. Later events still reach `onRecord`.
   */
  releaseAll(): void;
  /** Lets go what is held and records nothing more; later events are strays, and told to `onLate`. */
  withdraw(): void;
}

/** The backend's side of it. */
export interface Attempt {
  readonly nonce: string;
  readonly enrolledAtUs: number;
  readonly enrolment: Enrolment;
  /** The plan of the next invocation of this type; takes that of a message off its list. */
  takePlan(type: InvocationType): Plan | undefined;
  /** Keeps track of a flight whose plan came from `takePlan`. */
  track(type: InvocationType, flight: Flight): void;
  learn(type: InvocationType, connectionId: string): void;
  /** `delivery` tells two runs of one `invocationId` apart, where that is no run's alone. */
  record(record: BackendRecord, delivery?: string): void;
}

/** How scenarios spell an invocation type. */
function invocationOf(type: InvocationType): Invocation {
  return SPELLINGS[type];
}

const SPELLINGS: Readonly<Record<InvocationType, Invocation>> = {
  AUTHORIZER: 'authorizer',
  CONNECT: '$connect',
  MESSAGE: 'message',
  DISCONNECT: '$disconnect',
};

/** What an attempt needs of those who keep it. */
export interface AttemptKeeper {
  readonly clock: Clock;
  /** It is so from the start. */
  readonly recognisable: boolean;
  readonly onIdLearned: (connectionId: string) => void;
  /** Called once, when it is to be forgotten. */
  readonly onWithdraw: () => void;
}

/** Makes an attempt. */
export function createAttempt(spec: AttemptSpec, keeper: AttemptKeeper): Attempt {
  const holds = createHolds();
  const identity = createIdentity();
  const messagePlans: (Plan | undefined)[] = [];
  const deliveries = new Map<string, string[]>();
  let withdrawn = false;
  let { recognisable } = keeper;
  for (const invocation of ['authorizer', '$connect', '$disconnect'] as const) {
    if (spec.plans[invocation]?.when.kind === 'hold') holds.expect(invocation);
  }

  const takePlan = (type: InvocationType): Plan | undefined => {
    const invocation = invocationOf(type);
    return invocation === 'message' ? messagePlans.shift() : spec.plans[invocation];
  };
  // The same phase of the same run of a handler is the sink's duplicate, or a proxy's; a second run is
  // the platform's, and gets an id of its own where it has none.
  const record = (one: BackendRecord, delivery = ''): void => {
    const key = `${one.type} ${one.phase} ${one.invocationId}`;
    const known = deliveries.get(key) ?? [];
    if (known.includes(delivery)) return;
    deliveries.set(key, [...known, delivery]);
    const again = known.length === 0 ? '' : `#${known.length + 1}`;
    const told = { ...one, invocationId: `${one.invocationId}${again}` };
    if (withdrawn) spec.onLate?.(told);
    else spec.onRecord(told);
  };
  const enrolment: Enrolment = {
    get connectionId() {
      return identity.connectionId;
    },
    get isRecognisable() {
      return recognisable || identity.connectionId !== undefined;
    },
    learnConnectionId: (connectionId) => {
      if (!withdrawn) keeper.onIdLearned(connectionId);
    },
    announce: () => {
      recognisable = true;
    },
    whenConnectionId: (signal) => identity.whenKnown(signal),
    planMessage: (plan) => {
      messagePlans.push(plan);
      if (plan?.when.kind === 'hold') holds.expect('message');
    },
    isHeld: (invocation) => holds.isHeld(invocation),
    whenHeld: (signal) => holds.whenHeld(signal),
    release: (invocation, signal) => holds.release(invocation, signal),
    releaseAll: () => holds.releaseAll(),
    withdraw: () => {
      if (withdrawn) return;
      withdrawn = true;
      holds.releaseAll();
      identity.giveUp();
      keeper.onWithdraw();
    },
  };
  return {
    nonce: spec.nonce,
    enrolledAtUs: keeper.clock.nowUs(),
    enrolment,
    takePlan,
    track: (type, flight) => holds.add(invocationOf(type), flight),
    learn: (type, connectionId) => identity.learn(type, connectionId),
    record,
  };
}

interface Identity {
  readonly connectionId: string | undefined;
  whenKnown(signal: AbortSignal): Promise<string | undefined>;
  learn(type: InvocationType, connectionId: string): void;
  giveUp(): void;
}

function createIdentity(): Identity {
  const known = createNotice<string>();
  let connectionId: string | undefined;
  let fromConnect = false;
  let over = false;
  return {
    get connectionId() {
      return connectionId;
    },
    whenKnown: async (signal) => (over ? connectionId : (connectionId ?? known.wait(signal))),
    learn: (type, learned) => {
      if (connectionId !== undefined && (fromConnect || type !== 'CONNECT')) return;
      connectionId = learned;
      fromConnect = type === 'CONNECT';
      known.tell(learned);
    },
    giveUp: () => {
      over = true;
      known.tell(undefined);
    },
  };
}
