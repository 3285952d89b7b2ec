// One plain connection outside all cases, to see whether something stirs.
import { type Clock, settlesWithin } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import type { Redactor } from '../base/redact.ts';
import { openMember } from '../case/member.ts';
import { createRecorder } from '../case/recorder.ts';
import type { EvidenceRecord } from '../result/evidence.ts';
import type { ConnectSpec } from '../scenario/model.ts';
import type { Target } from '../target/model.ts';
import type { Station } from './station.ts';

/** What knocking needs of a run. */
export interface Knocking {
  readonly station: Pick<Station, 'target' | 'backend'>;
  readonly clock: Clock;
  readonly seed: string;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

/** What is waited for, and how long. `as` leads the name by which it is known to the backend. */
export interface Knock {
  readonly as: string;
  readonly withinMs: number;
  readonly sign: (record: EvidenceRecord) => boolean;
}

/** Connects to the endpoint of a role; true when the sign came in time. */
export async function knock(run: Knocking, role: string, wanted: Knock): Promise<boolean> {
  const { station, clock, redactor, signal } = run;
  const recorder = createRecorder(clock);
  const random = seededRandom(`${run.seed}/${wanted.as}`);
  const context = { ...station, clock, random, redactor, recorder, signal };
  const { as: connection, withinMs } = wanted;
  const connect = plainConnect(role, station.target);
  const member = openMember(context, { connection, connect, withinMs }, 0);
  const untilUs = clock.nowUs() + withinMs * 1000;
  const hasCome = (): boolean => recorder.snapshot().records.some(wanted.sign);
  while (!hasCome() && clock.nowUs() < untilUs && !signal.aborted) {
    await recorder.whenChanged(untilUs, signal);
  }
  const came = hasCome();
  if (member.connection.state === 'open') member.connection.close(1000, '', 500);
  await settlesWithin(clock, member.connection.closed, 500);
  member.connection.dispose();
  member.enrolment?.withdraw();
  return came;
}

/** A connection as a target's own clients make it. */
export function plainConnect(endpoint: string, target: Target): ConnectSpec {
  const known = target.endpoints[endpoint]?.credentials ?? {};
  return {
    endpoint,
    credentials: 'default' in known ? 'default' : 'none',
    subprotocols: [],
    extensions: undefined,
    headers: [],
    query: [],
    method: 'GET',
    path: undefined,
    raw: undefined,
    tls: undefined,
    backend: {},
    count: 1,
    atOnce: 1,
    untilSent: false,
  };
}
