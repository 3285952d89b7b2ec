// What a fault is, and how faults change events.
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Behaviour } from '../behaviour.ts';
import type { Connection } from '../connection.ts';
import type { ConnectionFacts } from '../event.ts';

/** One way for a gateway to be wrong, as a real bug would make it. */
export interface Fault {
  readonly name: string;
  /** What the gateway does wrong, in one sentence. */
  readonly description: string;
  /** The checks that must notice, as `scenario#check`. */
  readonly breaks: readonly string[];
  /** The checks that cannot be decided because of it: those of connections that are never made. */
  readonly prevents?: readonly string[];
  /** The decisions that become wrong. Called once for each gateway that has the fault. */
  readonly change: (correct: Behaviour) => Partial<Behaviour>;
}

/** The object without some of its keys. */
export function without(object: JsonObject, ...keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** The event with another requestContext. */
export function changeContext(
  event: JsonObject,
  change: (context: JsonObject) => JsonObject,
): JsonObject {
  const context = event['requestContext'];
  return { ...event, requestContext: change(isJsonObject(context) ? context : {}) };
}

/** The event with each header under the name that `rename` gives it; `undefined` drops it. */
export function renameHeaders(
  event: JsonObject,
  rename: (name: string) => string | undefined,
): JsonObject {
  const renamed = (map: Json | undefined): JsonObject =>
    Object.fromEntries(
      Object.entries(isJsonObject(map) ? map : {}).flatMap(([name, value]) => {
        const next = rename(name);
        return next === undefined ? [] : [[next, value]];
      }),
    );
  return {
    ...event,
    headers: renamed(event['headers']),
    multiValueHeaders: renamed(event['multiValueHeaders']),
  };
}

/** Something that looks like an open connection to those who ask by id. */
export function standIn(
  facts: ConnectionFacts,
  send: (text: string) => void = () => undefined,
): Connection {
  return {
    facts,
    isOpen: () => true,
    lastActiveAtMs: () => facts.connectedAtMs,
    send: (text) => {
      send(text);
      return true;
    },
    close: () => undefined,
  };
}
