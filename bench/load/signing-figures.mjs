// What a signature costs an attempt, and what it does to the schedule.
import { median, watched } from '../harness/machine.mjs';
import { load, planOf, warmCpu } from '../harness/own.mjs';
import { withServer } from '../harness/server.mjs';

const RATE = 2000;
const SECONDS = 8;
const BY = {
  keys: {
    accessKeyId: 'ASIAEXAMPLEEXAMPLE01',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    // As long as those of AWS.
    sessionToken: 'FwoGZXIvYXdzE+/='.repeat(50),
  },
  region: 'eu-west-1',
  service: 'execute-api',
};

function signedPlan(port, place, more) {
  const { endpoints, ...plan } = planOf(port, { rate: RATE, ms: SECONDS * 1000, ...more });
  const host = `127.0.0.1:${port}`;
  const own =
    place === 'query'
      ? ''
      : `X-Amz-Date: {x-amz-date}\r\nX-Amz-Security-Token: ${BY.keys.sessionToken}\r\nAuthorization: {authorization}\r\n`;
  const request = `GET {signed-target} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n${own}\r\n`;
  const sign = {
    method: 'GET',
    target: '/prod?assay={nonce}',
    headers: [['host', host]],
    by: { ...BY, place, ...(place === 'query' ? { expires: 60 } : {}) },
    offsetMs: 0,
  };
  return { ...plan, endpoints: [{ ...endpoints[0], request, sign }] };
}

/** The same arrivals unsigned, signed in the header, and presigned. */
export function signingFigures({ figures, programOf, rounds }) {
  return withServer([programOf('server')], async (port) => {
    const plans = {
      plain: planOf(port, { rate: RATE, ms: SECONDS * 1000 }),
      header: signedPlan(port, 'header'),
      query: signedPlan(port, 'query'),
    };
    const burst = [
      { kind: 'pause', name: 'pause', durationMs: 500 },
      { kind: 'burst', name: 'burst', arrivals: 1000 },
    ];
    const bursts = {
      plain: { ...plans.plain, phases: burst },
      query: { ...plans.query, phases: burst },
    };
    const detail = [];
    const shares = [];
    for (let round = 0; round < rounds; round += 1) {
      const one = await watched(async () => {
        const cost = {};
        for (const [name, plan] of Object.entries(plans)) {
          const { worker, unopened } = await warmCpu(plan);
          if (unopened > 0) throw new Error(`${unopened} attempts did not open`);
          cost[name] = worker * 100;
        }
        const late = {};
        for (const [name, plan] of Object.entries(bursts)) {
          late[name] = (await load(plan)).generator.lateness.p99Ms;
        }
        return { cost, late };
      });
      detail.push(one.value);
      shares.push(one);
    }
    for (const place of ['header', 'query']) {
      figures.tell(`sign-${place}`, {
        what: `CPU of the worker for each attempt that is signed in its ${place}, above one that is not`,
        value: median(detail.map(({ cost }) => cost[place] - cost.plain)),
        unit: ' µs',
        shares,
        detail,
      });
    }
    figures.tell('sign-late', {
      what: 'lateness p99 of 1000 presigned attempts at one instant, above that of unsigned ones',
      value: median(detail.map(({ late }) => late.query - late.plain)),
      unit: ' ms',
      shares,
    });
  });
}
