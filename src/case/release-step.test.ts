import { expect, it } from 'vitest';
import { realClock } from '../base/clock.ts';
import type { CaseContext, Member } from './member.ts';
import { driveRelease } from './release-step.ts';

const SETTLE_MS = 10;
const ARRIVES_MS = 80;

it('waits for a $disconnect that comes later than the target settles', async () => {
  await expect(release('$disconnect', 'opened')).resolves.toEqual({ kind: 'done' });
});

it.each([
  ['$connect', 'opened'],
  ['$connect', 'refused'],
  ['$disconnect', 'refused'],
] as const)(
  'does not wait for the %s of a connection that was %s and has ended',
  async (invocation, outcome) => {
    await expect(release(invocation, outcome)).resolves.toMatchObject({ kind: 'impossible' });
  },
);

/** Releases an invocation of a connection that has ended; it comes 80 ms after that. */
async function release(
  invocation: '$connect' | '$disconnect',
  outcome: 'opened' | 'refused',
): ReturnType<typeof driveRelease> {
  const clock = realClock();
  const connection = {
    closed: Promise.resolve(),
    answered: Promise.resolve({ outcome }),
    resumeDeadline: () => undefined,
  };
  const enrolment = {
    isHeld: () => false,
    release: async (_: string, signal: AbortSignal) => {
      await clock.sleep(ARRIVES_MS, signal);
      return !signal.aborted;
    },
  };
  const context = { clock, target: { settleMs: SETTLE_MS }, signal: new AbortController().signal };
  return driveRelease(context as unknown as CaseContext, { invocation, withinMs: 5000 }, {
    connection,
    enrolment,
  } as unknown as Member);
}
