// How many connections an endpoint holds: clients come evenly, stay, and say how they left. Kept by hand, for those who
// live in k6.
//   URL=wss://… k6 run hold.k6.ts
//   URL=… RATE=50 HOLD=60 DURATION=300 TOKEN=… k6 run hold.k6.ts
import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { attempt } from './assay.k6.ts';

const rate = Number(__ENV['RATE'] ?? 10);
const holdS = Number(__ENV['HOLD'] ?? 10);
const durationS = Number(__ENV['DURATION'] ?? 30);
const url = __ENV['URL'] ?? '';
const token = __ENV['TOKEN'];

export const options: Options = {
  scenarios: {
    hold: {
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: '1s',
      duration: `${durationS}s`,
      // One virtual user holds one connection.
      preAllocatedVUs: Math.ceil(rate * (holdS + 1)),
      maxVUs: Math.ceil(rate * (holdS + 10)),
      gracefulStop: `${holdS + 10}s`,
    },
  },
  thresholds: {
    dropped_iterations: ['count==0'],
    'ws_connecting{status:101}': ['p(99)<1000'],
    'ws_sessions{status:429}': ['count==0'],
  },
};

export default function (): void {
  attempt({
    number: exec.scenario.iterationInTest,
    url,
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    openForMs: holdS * 1000,
    close: { code: 1000, reason: 'bye' },
    timeoutMs: 10_000,
  });
}
