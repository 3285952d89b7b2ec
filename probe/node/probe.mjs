// The probe: the integration and the authorizer of a WebSocket API under remote control.
// It decides nothing: it reports the event it was given and does as it is told (docs/probe-contract.md).
// No dependencies, Node >= 18; deploy the .mjs files of this folder. Environment, read at each invocation:
// remote mode    ASSAY_PROBE_URL where the runner listens, ASSAY_PROBE_TOKEN what it lets in
// scripted mode  ASSAY_PROBE_SECRET what plans are signed with, ASSAY_PROBE_SINK where events go (file:PATH, or
//                http:// and https:// with ASSAY_PROBE_TOKEN), ASSAY_PROBE_STATE a folder for plans of $disconnect
import { failClosed } from './fail.mjs';
import { ask } from './remote.mjs';
import { perform } from './scripted.mjs';

/** The integration of `$connect`, `$disconnect` and every message route. */
export async function handler(event, context) {
  return invoke(typeOf(event), event, context);
}

/** The REQUEST authorizer of `$connect`. */
export async function authorizer(event, context) {
  return invoke('AUTHORIZER', event, context);
}

const EVENT_TYPES = ['CONNECT', 'MESSAGE', 'DISCONNECT'];

function typeOf(event) {
  const { eventType, routeKey } = event?.requestContext ?? {};
  if (EVENT_TYPES.includes(eventType)) return eventType;
  if (routeKey === '$connect') return 'CONNECT';
  if (routeKey === '$disconnect') return 'DISCONNECT';
  if (typeof routeKey === 'string') return 'MESSAGE';
  throw new Error('probe: not an event of a WebSocket API');
}

async function invoke(type, event, context) {
  const { ASSAY_PROBE_SECRET, ASSAY_PROBE_SINK } = process.env;
  const act = ASSAY_PROBE_SECRET || ASSAY_PROBE_SINK ? perform : ask;
  const answer = await act(type, event, context).catch((error) => failClosed(type, error));
  if (typeof answer.throw === 'string') throw new Error(answer.throw);
  return answer.return;
}
