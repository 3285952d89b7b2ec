// One connection of a case, or one member of a group: the wire connection, its enrolment with the
// backend, and the bookkeeping that ties both to the case's evidence.
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Redactor } from '../base/redact.ts';
import type { Enrolment } from '../observe/attempt.ts';
import type { Backend } from '../observe/backend.ts';
import type { ConnectSpec, Plan } from '../scenario/model.ts';
import type { Target } from '../target/model.ts';
import { routeOf } from '../target/route.ts';
import { type Connection, openConnection } from '../wire/connection.ts';
import type { TlsOptions } from '../wire/dial.ts';
import { registerCredentials } from './credentials.ts';
import { learnId } from './learn-id.ts';
import { drawNonce } from './nonce.ts';
import { plansFor } from './plans.ts';
import { ofConnection, type Recorder } from './recorder.ts';
import { buildRequest } from './request.ts';
import { scriptFor } from './script.ts';
import { registerDeviation, signAttempt } from './sign.ts';

/** What every part of a case may use. */
export interface CaseContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly redactor: Redactor;
  readonly target: Target;
  readonly backend: Backend | undefined;
  readonly recorder: Recorder;
  /** Aborts when the run is interrupted or the target died. */
  readonly signal: AbortSignal;
}

/** A held message on its way: when it was sent, and for how long it is held. */
export interface HeldMessage {
  readonly sentAtUs: number;
  readonly plan: Plan;
}

/** One connection under way or open. */
export interface Member {
  readonly name: string;
  readonly index: number;
  readonly nonce: string;
  /** The role that it is of. */
  readonly endpoint: string;
  readonly connection: Connection;
  readonly enrolment: Enrolment | undefined;
  /** What its backend was told to do. */
  readonly plans: ConnectSpec['backend'];
  /** Messages that a scripted probe holds, the oldest first. */
  readonly heldMessages: HeldMessage[];
}

/** Enrols an attempt with the backend and starts connecting. */
export function openMember(
  context: CaseContext,
  step: { readonly connection: string; readonly connect: ConnectSpec; readonly withinMs: number },
  index: number,
): Member {
  const { clock, random, redactor, target, recorder } = context;
  const nonce = drawNonce(random);
  const place = ofConnection(step.connection, index);
  const plans = plansFor(step.connect, target);
  const enrolment = context.backend?.enrol({
    nonce,
    plans,
    onRecord: (record) => recorder.add({ ...record, ...place }),
    onLate: (record) => recorder.add({ ...record, ...place }),
  });
  if (enrolment !== undefined) recorder.addEnrolment(place, enrolment);
  const script = scriptFor(plans, { target, clock });
  const unsigned = buildRequest(step.connect, target, { nonce, script });
  const request = signAttempt(unsigned, step.connect, { target, wallMs: clock.wallMs() });
  registerDeviation(redactor, step.connect.sign);
  registerCredentials(redactor, { ...request, authorizer: plans.authorizer });
  const connection = openConnection({
    url: request.url,
    clock,
    redactor,
    request: {
      method: step.connect.method,
      target: request.target,
      headers: request.headers,
      subprotocols: step.connect.subprotocols,
      ...(step.connect.extensions === undefined ? {} : { extensions: step.connect.extensions }),
      ...(request.raw === undefined ? {} : { raw: request.raw }),
    },
    deadlines: { totalMs: step.withinMs },
    tls: tlsOptions(target, step.connect),
    route: routeOf(target.network),
    onRecord: (record) => {
      recorder.add({ ...record, ...place });
      learnId(record, target.correlate, enrolment);
    },
  });
  const { endpoint } = step.connect;
  const own = { name: step.connection, index, nonce, endpoint };
  return { ...own, connection, enrolment, plans, heldMessages: [] };
}

function tlsOptions(target: Target, spec: ConnectSpec): TlsOptions {
  const { version, alpn = [] } = spec.tls === false ? {} : (spec.tls ?? {});
  return {
    ...target.network,
    ...(version === undefined ? {} : { version }),
    ...(alpn.length === 0 ? {} : { alpn }),
  };
}
