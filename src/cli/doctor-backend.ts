// Whether the second witness sees anything: the probe or the observer is asked for a sign of life, and a canary is sent.
import { ToolError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { drawNonce } from '../case/nonce.ts';
import { createCanarySender } from '../observe/canary.ts';
import type { Knocking } from '../run/knock.ts';
import { createLoadCanaries } from '../run/load-canaries.ts';
import { preflight } from '../run/preflight.ts';
import type { Station } from '../run/station.ts';
import type { Diagnosis } from './diagnosis.ts';
import { thrownDiagnosis } from './doctor-line.ts';

/** Examines the backend of a station; nothing where there is no witness. */
export async function examineBackend(
  run: Knocking & { readonly station: Station },
  roles: readonly string[],
): Promise<readonly Diagnosis[]> {
  const { target, backend } = run.station;
  if (backend === undefined) return [];
  const canary = target.observer?.canary;
  // Before anything else: without it nobody knows whose silence it is.
  const first = canary === undefined ? [] : [await examineCanary(run, canary)];
  if (first.some(({ state }) => state === 'fail')) return first;
  return [...first, await examineWitness(run, roles)];
}

async function examineWitness(
  run: Knocking & { readonly station: Station },
  roles: readonly string[],
): Promise<Diagnosis> {
  const check = run.station.observer === undefined ? 'probe' : 'observer';
  const {
    observer: problem,
    heard,
    delaysMs,
  } = await preflight({ ...run, roles, usesBackend: true });
  if (problem !== undefined) {
    const { message, hint } = problem;
    const advice = hint === undefined ? {} : { advice: hint };
    return { check, state: 'fail', found: message.replace(/\.$/, ''), ...advice };
  }
  if (heard === undefined)
    return {
      check,
      state: 'warn',
      found: 'not asked: no endpoint that can be reached tells its backend of a connection',
    };
  const slowest = delaysMs.length === 0 ? '' : `, ${Math.max(...delaysMs).toFixed(0)} ms behind`;
  return {
    check,
    state: 'ok',
    found: `tells of a connection to the endpoint "${heard}"${slowest}`,
  };
}

async function examineCanary(
  { station, clock, signal, seed }: Knocking & { readonly station: Station },
  command: Parameters<typeof createCanarySender>[0],
): Promise<Diagnosis> {
  const check = 'canary';
  const sender = createCanarySender(command, clock);
  const canaries = createLoadCanaries(sender, {
    clock,
    signal,
    nonce: drawNonce(seededRandom(`${seed}/canary/${clock.wallMs()}`)),
    book: { sent: () => {}, seen: () => {} },
  });
  station.backend?.divert({
    take: () => false,
    knows: () => false,
    planOf: () => undefined,
    canary: canaries.take,
  });
  try {
    await canaries.first();
    return { check, state: 'ok', found: 'an event of ours came through the observer' };
  } catch (thrown) {
    if (!(thrown instanceof ToolError)) throw thrown;
    return thrownDiagnosis(check, thrown, thrown.hint);
  } finally {
    station.backend?.divert(undefined);
  }
}
