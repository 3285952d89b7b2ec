// Remote mode: the runner says what to do (docs/probe-contract.md).
import { randomUUID } from 'node:crypto';
import { ProbeError, reasonOf } from './fail.mjs';
import { post } from './post.mjs';

/** Reports the invocation, once, and gives the runner's answer when it comes: `{ return }` or `{ throw }`. */
export async function ask(type, event, context) {
  try {
    return await askRunner(type, event, context);
  } catch (error) {
    throw new ProbeError('runner away', reasonOf(error));
  }
}

async function askRunner(type, event, context) {
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
