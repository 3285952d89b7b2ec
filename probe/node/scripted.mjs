// Scripted mode: the plan travels in the handshake, what happened goes to a sink (docs/probe-contract.md).
import { randomUUID } from 'node:crypto';
import { buildAnswer } from './answer.mjs';
import { complain, failClosed, ProbeError, reasonOf } from './fail.mjs';
import { judgePlan, NAMES, stepsOf } from './plan.mjs';
import { record } from './sink.mjs';
import { recall, remember } from './state.mjs';

/** Does as the plan of the invocation says, and records that it began and ended. Gives `{ return }` or `{ throw }`. */
export async function perform(type, event) {
  const begunMs = performance.now();
  const at = Date.now();
  const secret = checkSetUp();
  const connectionId = event?.requestContext?.connectionId;
  const remembered = type === 'DISCONNECT' ? recall(connectionId) : undefined;
  const plan = remembered ?? judgePlan(type, event, secret);
  const about = { connectionId, nonce: plan.nonce, invocationId: randomUUID(), runId: plan.runId };
  const requestId = event?.requestContext?.requestId;
  await record({ v: 1, type, phase: 'started', at, ...about, requestId, event });
  const { answer, problem } = await follow(type, event, plan, begunMs);
  await record({ v: 1, type, phase: 'ended', at: Date.now(), ...about, answer, problem });
  return answer;
}

function checkSetUp() {
  const { ASSAY_PROBE_URL: url, ASSAY_PROBE_SECRET: secret, ASSAY_PROBE_SINK: sink } = process.env;
  if (url) throw new ProbeError('not set up', 'ASSAY_PROBE_URL and a secret or sink are set');
  if (!secret || !sink) {
    throw new ProbeError('not set up', 'ASSAY_PROBE_SECRET or ASSAY_PROBE_SINK is not set');
  }
  return secret;
}

async function follow(type, event, plan, begunMs) {
  if (plan.refused !== undefined) {
    complain(`plan refused, ${type}: ${plan.refused}`);
    return { answer: refusal(type, event), problem: `plan refused: ${plan.refused}` };
  }
  try {
    const steps = stepsOf(plan.parameters);
    if (type === 'CONNECT') remember(event.requestContext.connectionId, plan);
    const step = steps[NAMES[type]];
    const answer = buildAnswer(type, event, step);
    await pause(step, begunMs);
    return { answer };
  } catch (error) {
    return { answer: failClosed(type, error), problem: `${error.what}: ${reasonOf(error)}` };
  }
}

function refusal(type, event) {
  if (type !== 'AUTHORIZER') return { return: { statusCode: 403 } };
  return buildAnswer(type, event, { effect: 'deny' });
}

// The host ends what hangs; something must be left to wait for, or a process would simply end.
async function pause(step, begunMs) {
  while (step.hang) await sleep(2 ** 30);
  await sleep((step.delay ?? 0) - (performance.now() - begunMs));
}

const sleep = (ms) => (ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined);
