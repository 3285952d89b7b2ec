// Microbenchmarks of what every connection pays: `npm run bench`, with --time 100 (ms for each) and --json. Compares
// like with like on one machine; the figures of two machines say nothing about each other.
import { parseArgs } from 'node:util';
import { Bench } from 'tinybench';
import { createRedactor } from '../dist/base/redact.js';
import { createDistribution } from '../dist/load/distribution.js';
import { schedule } from '../dist/load/schedule.js';
import { acceptFor } from '../dist/wire/accept-key.js';
import { createAnswerMemo } from '../dist/wire/answer-memo.js';
import { encodeFrame, textFrame } from '../dist/wire/frame.js';
import { createFrameDecoder } from '../dist/wire/frame-decoder.js';
import { createHeadParser } from '../dist/wire/http-head.js';
import { buildRequest } from '../dist/wire/upgrade-request.js';

const { values } = parseArgs({
  options: { time: { type: 'string', default: '500' }, json: { type: 'boolean', default: false } },
});

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = acceptFor(KEY);
const HEAD = Buffer.from(
  [
    'HTTP/1.1 101 Switching Protocols',
    'Date: Sun, 22 Nov 2026 20:26:41 GMT',
    'Connection: upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Accept: ${ACCEPT}`,
    '',
    '',
  ].join('\r\n'),
);
const SHORT = textFrame('{"action":"ping"}');
const MESSAGE = 'a'.repeat(1024);
const FRAME = encodeFrame({ ...textFrame(MESSAGE), masked: false });
const SHORT_FRAME = encodeFrame({ ...SHORT, masked: false });
const redactor = createRedactor();
redactor.register('TOKEN', 'a-secret-of-some-length');

const ASKED = { key: KEY, accept: ACCEPT, subprotocols: [] };
const memo = createAnswerMemo();
const distribution = createDistribution();
const TIMES = Uint32Array.from({ length: 1000 }, (_, at) => 300 + ((at * 7919) % 5000));
const PHASES = [{ kind: 'rate', name: 'steady', from: 1000, to: 1000, durationMs: 1000 }];
const RAMP = [{ kind: 'rate', name: 'ramp', from: 0, to: 2000, durationMs: 1000 }];

// What each is of, and how many of them one call makes.
const WORK = {
  'build an upgrade request': [
    1,
    () => buildRequest('wss://chat.example.com/v1', { headers: [], subprotocols: ['chat'] }),
  ],
  'parse the head of a 101': [1, () => createHeadParser().push(HEAD)],
  'judge a 101 by its memory': [1, () => memo.read(HEAD, ASKED)],
  'encode a masked frame of 17 bytes': [1, () => encodeFrame(SHORT)],
  'encode a masked frame of 1 KiB': [1, () => encodeFrame(textFrame(MESSAGE))],
  'decode a frame of 17 bytes': [1, () => createFrameDecoder({ masked: false }).push(SHORT_FRAME)],
  'decode a frame of 1 KiB': [1, () => createFrameDecoder({ masked: false }).push(FRAME)],
  'record a time in a histogram': [TIMES.length, () => distribution.add(TIMES)],
  'schedule an attempt, evenly': [
    1000,
    () => walk({ phases: PHASES, arrivals: 'even', seed: 's' }),
  ],
  'schedule an attempt, poisson': [
    1000,
    () => walk({ phases: PHASES, arrivals: 'poisson', seed: 's' }),
  ],
  'schedule an attempt of a ramp': [
    1000,
    () => walk({ phases: RAMP, arrivals: 'even', seed: 's' }),
  ],
  'redact 1 KiB of text': [1, () => redactor.text(MESSAGE)],
};

function walk(plan) {
  let last = 0;
  for (const { dueMs } of schedule(plan)) last = dueMs;
  return last;
}

// Calls in one sample: a single one is not much longer than looking at the clock.
const CALLS = 20;

const bench = new Bench({ time: Number(values.time), timestampProvider: 'hrtimeNow' });
// What comes out is kept, or a compiler might leave out what makes it.
let kept;
for (const [name, [made, call]] of Object.entries(WORK)) {
  bench.add(
    name,
    () => {
      const before = bench.now();
      for (let at = 0; at < CALLS; at += 1) kept = call();
      const took = bench.now() - before;
      return { overriddenDuration: took / CALLS / made, overriddenIterationCost: took };
    },
    { async: false },
  );
}
bench.runSync();
if (kept === undefined) throw new Error('nothing was called');

const rows = bench.tasks.map(({ name, result }) => {
  if (result.state !== 'completed') throw new Error(`${name}: ${result.error?.message}`);
  const { p50, p99, mean, rme, samplesCount } = result.latency;
  const [medianNs, p99Ns, meanNs] = [p50, p99, mean].map((ms) => Math.round(ms * 1e6));
  const marginPercent = Number(rme.toFixed(2));
  return { name, medianNs, p99Ns, meanNs, marginPercent, samples: samplesCount };
});
if (values.json) console.log(JSON.stringify(rows, null, 2));
else console.table(Object.fromEntries(rows.map(({ name, ...row }) => [name, row])));
