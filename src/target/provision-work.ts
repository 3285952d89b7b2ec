// Calls of a control plane that are waited for and named, and what they made, to be removed again.
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { ControlPlane } from './provision-sdk.ts';

/** How long a call may take. */
export interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** What is being set up. */
export interface Work {
  readonly plane: ControlPlane;
  readonly probe: { readonly url: string; readonly token: string };
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Of functions and integrations. */
  readonly timeoutMs: number;
  /** What was made, in its order, and how it is removed. */
  readonly made: {
    readonly what: string;
    readonly remove: (options: CallOptions) => Promise<unknown>;
  }[];
}

/** One call; what it is refused with begins with its name. A call that was sent is waited for: what it made is known, and removed. */
export async function call<T>(
  name: string,
  { signal }: Work,
  send: (options: CallOptions) => Promise<T>,
): Promise<T> {
  if (signal?.aborted === true) throw new Error(`${name} was not sent: the run was interrupted`);
  try {
    return await send({ abortSignal: AbortSignal.timeout(CALL_MS) });
  } catch (thrown) {
    const kind = thrown instanceof Error ? thrown.name : 'Error';
    throw new Error(`${name} was refused: ${kind}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

const CALL_MS = 30_000;

/** Removes the last thing first. Gives what is left, and why. */
export async function removeAll(made: Work['made']): Promise<readonly string[]> {
  const left: string[] = [];
  // For all of it: who waits for the end of a run does not wait for a hung control plane.
  const options = { abortSignal: AbortSignal.timeout(REMOVE_MS) };
  for (const { what, remove } of made.splice(0).toReversed()) {
    await remove(options).catch((thrown: unknown) => left.push(`${what}: ${messageOf(thrown)}`));
  }
  return left;
}

const REMOVE_MS = 10_000;
