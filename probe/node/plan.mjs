// What the plan of an invocation says, and whether it is one of ours (docs/probe-contract.md).
import { createHmac, timingSafeEqual } from 'node:crypto';
import { ProbeError } from './fail.mjs';

/** What came with the event: `{ nonce, runId, parameters }`, or `refused`, the reason why that plan is not followed. */
export function judgePlan(type, event, secret) {
  const pairs = type === 'MESSAGE' ? messagePairs(event) : handshakePairs(event ?? {});
  const nonce = pairs.find(([name, value]) => name === 'assay' && isText(value) && value)?.[1];
  const plan = pairs.filter(([name]) => name.startsWith('assay.'));
  const parameters = new Map(plan);
  const refused = plan.length === 0 ? undefined : refusedBecause(plan, parameters, secret);
  if (refused !== undefined) return { nonce, refused };
  return { nonce, parameters, runId: parameters.get('assay.run') };
}

function refusedBecause(plan, parameters, secret) {
  const given = parameters.get('assay.sig');
  if (given === undefined) return 'unsigned';
  const texts = plan.every(([name, value]) => /^[\x21-\x7e]+$/.test(name) && isText(value));
  if (!texts || parameters.size !== plan.length) return 'altered';
  if (!sameText(given, signatureOf(plan, secret))) return 'altered';
  const exp = parameters.get('assay.exp') ?? '';
  return /^[0-9]{1,12}$/.test(exp) && Date.now() <= Number(exp) * 1000 ? undefined : 'expired';
}

function signatureOf(plan, secret) {
  const signed = plan.filter(([name]) => name !== 'assay.sig');
  signed.sort(([one], [other]) => (one < other ? -1 : 1));
  return createHmac('sha256', secret).update(JSON.stringify(signed)).digest('base64url');
}

function sameText(one, other) {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const isText = (value) => typeof value === 'string';

function handshakePairs(event) {
  const all = { ...event.queryStringParameters, ...event.multiValueQueryStringParameters };
  const query = Object.entries(all).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, one]),
  );
  return [...query, ...new URLSearchParams(planHeader(event))];
}

function planHeader(event) {
  const [value] = [event.headers, event.multiValueHeaders].flatMap((headers) =>
    Object.entries(headers ?? {}).flatMap(([name, found]) =>
      name.toLowerCase() === 'x-assay-plan' ? [[found].flat().join('&')] : [],
    ),
  );
  return value ?? '';
}

function messagePairs({ body, isBase64Encoded }) {
  if (!isText(body)) return [];
  try {
    const text = isBase64Encoded === true ? Buffer.from(body, 'base64').toString('utf8') : body;
    const plan = JSON.parse(text)?.assay;
    return typeof plan === 'object' && !Array.isArray(plan) ? Object.entries(plan ?? {}) : [];
  } catch {
    return [];
  }
}

/** How plans call the types of invocations. */
export const NAMES = {
  AUTHORIZER: 'authorizer',
  CONNECT: 'connect',
  MESSAGE: 'message',
  DISCONNECT: 'disconnect',
};
const INTEGRATION_KEYS = ['status', 'body', 'subprotocol', 'header', 'echo'];
const AUTHORIZER_KEYS = ['effect', 'principalId', 'context', 'policy', 'usageIdentifierKey'];
const WHATEVER = (value) => value;
const VALUES = {
  delay: (value) => (/^[0-9]{1,6}$/.test(value) && value <= 900_000 ? Number(value) : undefined),
  hang: (value) => (value === '1' ? true : undefined),
  echo: (value) => (value === '1' ? true : undefined),
  status: (value) => (/^[0-9]{1,3}$/.test(value) ? Number(value) : undefined),
  effect: (value) => (['allow', 'deny'].includes(value) ? value : undefined),
  return: jsonOf,
  context: jsonOf,
  policy: jsonOf,
};

function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What each kind of invocation shall do. All of a plan is read at every invocation: one that this probe does not
 * understand shall not be followed in part.
 *
 * @throws {ProbeError} plan not understood
 */
export function stepsOf(parameters = new Map()) {
  const steps = { authorizer: {}, connect: {}, message: {}, disconnect: {} };
  for (const [name, text] of parameters) {
    if (['assay.exp', 'assay.sig', 'assay.run'].includes(name)) continue;
    const [, invocation, key, header] =
      /^assay\.([a-z]+)\.([A-Za-z]+)(?:\.(.+))?$/.exec(name) ?? [];
    const value = (Object.hasOwn(VALUES, key) ? VALUES[key] : WHATEVER)(text);
    if (!isKnown(invocation, key, header) || value === undefined)
      throw new ProbeError('plan not understood', name);
    const step = steps[invocation];
    if (header === undefined) step[key] = value;
    else step.headers = { ...step.headers, [header]: value };
  }
  for (const [name, step] of Object.entries(steps)) checkExclusive(name, step);
  return steps;
}

function isKnown(invocation, key, header) {
  const special = invocation === 'authorizer' ? AUTHORIZER_KEYS : INTEGRATION_KEYS;
  const known = Object.values(NAMES).includes(invocation);
  const keys = ['delay', 'hang', 'throw', 'return', ...special];
  return known && keys.includes(key) && (key === 'header') === (header !== undefined);
}

function checkExclusive(name, step) {
  const { delay, hang, throw: thrown, return: returned, ...others } = step;
  const answers = [thrown, returned, ...(Object.keys(others).length > 0 ? [others] : [])];
  const ways = answers.filter((way) => way !== undefined).length;
  if ((delay !== undefined && hang) || ways > 1)
    throw new ProbeError('plan not understood', `assay.${name} says two things at once`);
}
