// The real handler in a worker thread, the real listener, a real hold.
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Clock, realClock } from '../base/clock.ts';
import { createRedactor } from '../base/redact.ts';
import { PROBE_HOSTS } from '../probe/fixture/probe-hosts.ts';
import { type ProbeListener, startProbeListener } from '../probe/listener.ts';
import type { Plan } from '../scenario/model.ts';
import { type Backend, createBackend } from './backend.ts';
import type { BackendRecord } from './flight.ts';

const NONCE = 'k3v7qn2m5xw4c6bz7r2tjd5hfa';
const EVENT = {
  queryStringParameters: { assay: NONCE },
  requestContext: { eventType: 'CONNECT', connectionId: 'id-1' },
};
const HELD: Plan = {
  when: { kind: 'hold', ms: 150 },
  answer: { kind: 'integration', status: 403, headers: {}, body: undefined, echo: false },
};

let clock: Clock;
let listener: ProbeListener;
let backend: Backend;
let records: BackendRecord[];
let env: Readonly<Record<string, string>>;

beforeEach(async () => {
  clock = realClock();
  listener = await startProbeListener({ clock });
  backend = createBackend(listener, {
    correlate: { kind: 'query' },
    clock,
    redactor: createRedactor(),
  });
  records = [];
  env = { ASSAY_PROBE_URL: listener.url, ASSAY_PROBE_TOKEN: listener.token };
});
afterEach(() => listener.close());

const enrol = (): ReturnType<Backend['enrol']> =>
  backend.enrol({ nonce: NONCE, plans: { $connect: HELD }, onRecord: (one) => records.push(one) });
const never = (): AbortSignal => new AbortController().signal;

it.each(PROBE_HOSTS)('holds $name and lets it go', async (host) => {
  const enrolment = enrol();
  const held = enrolment.whenHeld(never());
  let returnedAtUs = 0;
  const run = host.run({ name: 'handler', event: EVENT, env }).then((outcome) => {
    returnedAtUs = clock.nowUs();
    return outcome;
  });
  expect(await held).toBe('$connect');
  expect(await enrolment.release('$connect', never())).toBe(true);
  expect(await run).toEqual({ outcome: { returned: { statusCode: 403 } }, stderr: '' });
  expect(records.map((one) => one.phase)).toEqual(['started', 'released', 'ended']);
  const [started = 0, released = 0, ended = 0] = records.map((one) => one.atUs);
  expect(released - started).toBeGreaterThanOrEqual(150_000);
  expect(ended).toBeGreaterThanOrEqual(released);
  expect(returnedAtUs).toBeGreaterThanOrEqual(released);
});

it('records as abandoned what a gateway ends while it is held', async () => {
  const enrolment = enrol();
  const held = enrolment.whenHeld(never());
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const worker = new Worker(path('../probe/fixture/run-probe.mjs'), {
    workerData: { module: path('../../probe/node/probe.mjs'), name: 'handler', event: EVENT },
    env,
  });
  await held;
  await worker.terminate();
  await expect.poll(() => records.map((one) => one.phase)).toEqual(['started', 'abandoned']);
  expect(enrolment.isHeld('$connect')).toBe(false);
});
