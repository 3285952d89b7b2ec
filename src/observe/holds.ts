// The invocations of one attempt that are being held, and who waits to hold or to release them.
import type { Invocation } from '../scenario/model.ts';
import type { Flight } from './flight.ts';
import { createNotice, type Notice } from './notice.ts';

/** Held invocations by kind. What the methods do is said in `Enrolment`. */
export interface Holds {
  /** An invocation of this kind is planned to be held. */
  expect(invocation: Invocation): void;
  /** Keeps track of a flight, held or not. */
  add(invocation: Invocation, flight: Flight): void;
  isHeld(invocation: Invocation): boolean;
  whenHeld(signal: AbortSignal): Promise<Invocation | undefined>;
  release(invocation: Invocation, signal: AbortSignal): Promise<boolean>;
  releaseAll(): void;
}

/** Holds nothing yet. */
export function createHolds(): Holds {
  const kinds = new Map<Invocation, Kind>();
  const held = createNotice<Invocation>();
  let open = false;
  const kindOf = (invocation: Invocation): Kind => {
    const kind = kinds.get(invocation) ?? createKind(invocation);
    kinds.set(invocation, kind);
    return kind;
  };
  return {
    expect: (invocation) => void kindOf(invocation),
    add: (invocation, flight) => {
      if (!flight.held) return;
      if (open) return flight.letGo(true);
      kindOf(invocation).add(flight);
      held.tell(invocation);
    },
    isHeld: (invocation) => kinds.get(invocation)?.isHeld() ?? false,
    whenHeld: (signal) => held.wait(signal),
    release: async (invocation, signal) => kinds.get(invocation)?.release(signal) ?? false,
    releaseAll: () => {
      open = true;
      for (const kind of kinds.values()) kind.releaseAll();
    },
  };
}

interface Kind {
  add(flight: Flight): void;
  isHeld(): boolean;
  release(signal: AbortSignal): Promise<boolean>;
  releaseAll(): void;
}

function createKind(invocation: Invocation): Kind {
  // Messages are released one by one. Of every other kind there should be only one; a second one is
  // the platform's mistake, which is let through so that it shows.
  const oneByOne = invocation === 'message';
  const flights = new Set<Flight>();
  const requests: Notice<Flight>[] = [];
  let unclaimed: Flight[] = [];
  let released = false;
  let lost = 0;

  const forget = (flight: Flight): void => {
    flights.delete(flight);
    if (!unclaimed.includes(flight)) return;
    unclaimed = unclaimed.filter((other) => other !== flight);
    lost += 1;
  };

  const add = (flight: Flight): void => {
    flights.add(flight);
    void flight.done.then(() => forget(flight));
    if (released) return flight.letGo(false);
    if (requests.length === 0) return void unclaimed.push(flight);
    for (const request of requests.splice(0, oneByOne ? 1 : requests.length)) request.tell(flight);
  };

  const claim = async (signal: AbortSignal): Promise<Flight | undefined> => {
    const claimed = unclaimed.splice(0, oneByOne ? 1 : unclaimed.length);
    for (const other of claimed.slice(1)) other.letGo(false);
    if (claimed[0] !== undefined) return claimed[0];
    const request = createNotice<Flight>();
    requests.push(request);
    const flight = await request.wait(signal);
    if (flight === undefined) requests.splice(requests.indexOf(request), 1);
    return flight;
  };

  const release = async (signal: AbortSignal): Promise<boolean> => {
    if (unclaimed.length === 0 && lost > 0) {
      lost -= 1;
      return true;
    }
    const flight = await claim(signal);
    if (flight === undefined) return false;
    released = !oneByOne;
    flight.letGo(false);
    return untilDone(flight, signal);
  };

  return {
    add,
    isHeld: () => flights.size > 0,
    release,
    releaseAll: () => {
      for (const flight of flights) flight.letGo(true);
    },
  };
}

async function untilDone(flight: Flight, signal: AbortSignal): Promise<boolean> {
  const notice = createNotice<true>();
  void flight.done.then(() => notice.tell(true));
  return (await notice.wait(signal)) ?? false;
}
