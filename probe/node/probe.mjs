// The probe: the integration and the authorizer of a WebSocket API under remote control.
// It decides nothing: it reports the event it was given and does as it is told (docs/probe-contract.md).
// No dependencies, Node >= 18; deploy this one file. Environment, read at each invocation:
// ASSAY_PROBE_URL where the runner listens, ASSAY_PROBE_TOKEN what it lets in.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

/** The integration of `$connect`, `$disconnect` and every message route. */
export async function handler(event, context) {
  return invoke(typeOf(event), event, context);
}

/** The REQUEST authorizer of `$connect`. */
export async function authorizer(event, context) {
  return invoke('AUTHORIZER', event, context);
}

const CONNECT_WITHIN_MS = 2000;
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
  const answer = await ask(type, event, context).catch((error) => failClosed(type, error));
  if (typeof answer.throw === 'string') throw new Error(answer.throw);
  return answer.return;
}

async function ask(type, event, context) {
  const { ASSAY_PROBE_URL: url, ASSAY_PROBE_TOKEN: token } = process.env;
  if (!url || !token) throw new Error('ASSAY_PROBE_URL or ASSAY_PROBE_TOKEN is not set');
  const invocation = {
    v: 1,
    type,
    invocationId: randomUUID(),
    remainingMs: context?.getRemainingTimeInMillis?.(),
    event,
  };
  const { status, text } = await post(
    `${url.replace(/\/+$/, '')}/v1/invocations`,
    token,
    invocation,
  );
  if (status !== 200) throw new Error(`the runner answered ${status}`);
  const answer = JSON.parse(text);
  if (answer?.v === 1 && (typeof answer.throw === 'string' || 'return' in answer)) return answer;
  throw new Error('the runner answered something else than version 1 of the contract');
}

// Nobody is there to say what to do. A forgotten probe is neither an open door (the authorizer
// throws) nor a green test (599 is a status that no scenario asks for).
function failClosed(type, error) {
  process.stderr.write(`ws-assay probe: runner away, ${type} fails closed: ${reason(error)}\n`);
  if (type === 'AUTHORIZER') return { throw: 'probe: runner away' };
  return { return: { statusCode: type === 'CONNECT' ? 599 : 200 } };
}

function reason(error) {
  const text = [error?.code, error?.message].filter(Boolean).join(' ') || 'no reason given';
  return text.replace(/\s+/g, ' ');
}

// A connection of its own for each invocation (`agent: false`): a pooled one that the runner closes
// at the wrong moment would look like a runner that is away. Never retried; once connected there is
// no time-out, because the answer may be held as long as the runner likes.
function post(url, token, invocation) {
  const body = Buffer.from(JSON.stringify(invocation));
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': body.length,
  };
  return new Promise((resolve, reject) => {
    const { request } = url.startsWith('https:') ? https : http;
    const sent = request(url, { method: 'POST', agent: false, headers }, (response) => {
      readAll(response).then((text) => resolve({ status: response.statusCode, text }), reject);
    });
    sent.on('error', reject);
    sent.on('socket', (socket) => limitConnecting(socket, url));
    sent.end(body);
  });
}

function limitConnecting(socket, url) {
  const late = () => socket.destroy(new Error(`not connected within ${CONNECT_WITHIN_MS} ms`));
  const timer = setTimeout(late, CONNECT_WITHIN_MS);
  const stop = () => clearTimeout(timer);
  socket.once(url.startsWith('https:') ? 'secureConnect' : 'connect', stop);
  socket.once('close', stop);
}

async function readAll(response) {
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
