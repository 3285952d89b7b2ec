// A look at one endpoint's backend when the cases have been run: does anything tell of it still?
import { seededRandom } from '../base/random.ts';
import { plainConnect } from './knock.ts';
import { makeTrip, type Travelling } from './trip.ts';

/** What one more connection has shown. */
export interface Look {
  /** An event of it reached the runner. */
  readonly heard: boolean;
  /** It was let in, or was answered as only the probe can have answered it. */
  readonly admitted: boolean;
}

/** How long an event is waited for, in milliseconds. */
export const LOOK_MS = 15_000;

/** Makes a plain connection to the endpoint of a role and waits for an event of it. */
export async function lookAt(run: Travelling, role: string): Promise<Look> {
  const { target } = run.station;
  const { records, status } = await makeTrip(run, plainConnect(role, target), {
    random: seededRandom(`${run.seed}/look/${role}`),
    patienceMs: LOOK_MS,
    // Nothing may have been invoked at all.
    refusedMs: Math.max(REFUSED_MS, target.settleMs),
  });
  const answer = records.find((record) => record.kind === 'response');
  const answered = answer?.kind === 'response' ? answer : undefined;
  return {
    heard: records.some(({ kind }) => kind === 'invocation'),
    admitted:
      answered?.opened === true || (status !== undefined && answered?.head.status === status),
  };
}

const REFUSED_MS = 2000;
