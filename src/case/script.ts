// What a scripted probe is told: the plans of a connection in its handshake, that of a message in it.
import type { Clock } from '../base/clock.ts';
import { type Parameter, planInMessage, scriptPlans } from '../probe/script.ts';
import type { ConnectSpec, SendSpec } from '../scenario/model.ts';
import type { Target } from '../target/model.ts';

/** What signing needs. */
interface Scripting {
  readonly target: Pick<Target, 'probe'>;
  readonly clock: Pick<Clock, 'wallMs'>;
}

/** The signed parameters of a handshake; none where the probe is not scripted. */
export function scriptFor(
  plans: ConnectSpec['backend'],
  { target: { probe }, clock }: Scripting,
): readonly Parameter[] {
  if (probe?.kind !== 'scripted') return [];
  return scriptPlans(plans, { secret: probe.secret, expiresAtS: expiry(clock) });
}

/** The message with its plan in it; as it stands where it has none, or the probe is not scripted. */
export function scriptedSend(send: Framed, { target: { probe }, clock }: Scripting): Framed {
  const { backend } = send;
  if (probe?.kind !== 'scripted' || backend === undefined || send.kind !== 'text') return send;
  const signing = { secret: probe.secret, expiresAtS: expiry(clock) };
  const script = scriptPlans({ message: backend }, signing);
  const text = 'text' in send.payload ? planInMessage(send.payload.text, script) : undefined;
  return text === undefined || script.length === 0 ? send : { ...send, payload: { text } };
}

type Framed = Exclude<SendSpec, { kind: 'bytes' }>;

// Longer than any case; a probe on a machine whose clock is a little off takes it all the same.
const VALID_S = 900;

function expiry(clock: Pick<Clock, 'wallMs'>): number {
  return Math.ceil(clock.wallMs() / 1000) + VALID_S;
}
