// The figures of the load generator against their goals: `node bench/load/bench.mjs [cpu|rate|held|lateness|rounds]…`.
// Prints each ratio and exits with 1 when one is missed. Needs a C compiler. All on loopback; a machine that does
// something else meanwhile measures that.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { realClock } from '../../dist/base/clock.js';
import { runLoad } from '../../dist/load/run-load.js';

const run = promisify(execFile);
const HERE = import.meta.dirname;
const SOURCES = Array.from({ length: 8 }, (_, at) => `127.0.0.${at + 2}`);
const ROUNDS = 3;

const folder = await mkdtemp(join(tmpdir(), 'assay-bench-'));
for (const name of ['server', 'client']) {
  await run('cc', ['-O2', '-o', join(folder, name), join(HERE, `${name}.c`)]);
}

async function withServer(processes, use) {
  const server = spawn(join(folder, 'server'), [String(processes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const port = await new Promise((resolve) =>
      server.stdout.once('data', (text) => resolve(Number(String(text)))),
    );
    return await use(port);
  } finally {
    server.kill();
  }
}

function load(port, more) {
  const request = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n`;
  const plan = {
    endpoints: [{ share: 1, role: 'open', address: '127.0.0.1', port, request, subprotocols: [] }],
    phases: [{ kind: 'rate', name: 'steady', from: more.rate, to: more.rate, durationMs: more.ms }],
    arrivals: 'even',
    seed: 'bench',
    openForMs: 0,
    endings: [{ share: 1, kind: 'close', code: 1000 }],
    timeoutMs: 10_000,
    precise: false,
    workers: 1,
    sources: SOURCES,
    nonce: 'abcdefghijklmnopqrs',
    ...more.plan,
  };
  return runLoad(plan, {
    clock: realClock(),
    usage: () => ({ cpuSeconds: 0, rssBytes: 0 }),
    signal: new AbortController().signal,
    onAttempts: () => {},
    ...more.io,
  });
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
let missed = 0;

function judge(what, value, most, unit = '') {
  const isReached = value <= most;
  if (!isReached) missed += 1;
  console.log(
    `${isReached ? 'reached' : 'MISSED '} ${what}: ${value.toFixed(3)}${unit} (at most ${most}${unit})`,
  );
}

// CPU of 10 000 more attempts of a process that is warm: the difference of a long run and a short one.
async function warmCpu(port, rate) {
  const short = await load(port, { rate, ms: 2000 });
  const long = await load(port, { rate, ms: 6000 });
  const attempts = long.total.opened - short.total.opened;
  return ((long.generator.cpuSeconds - short.generator.cpuSeconds) / attempts) * 1e4;
}

async function wsCpu(port) {
  const { stdout } = await run(process.execPath, [
    join(HERE, 'ws-client.mjs'),
    String(port),
    '12000',
  ]);
  return Number(stdout);
}

const FIGURES = {
  cpu: () =>
    withServer(1, async (port) => {
      const rows = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const { stdout } = await run(join(folder, 'client'), [String(port), '40000']);
        rows.push({
          c: Number(stdout.split(' ')[0]),
          own: await warmCpu(port, 8000),
          ws: await wsCpu(port),
        });
      }
      console.table(rows);
      judge('CPU per attempt against C', median(rows.map(({ own, c }) => own / c)), 1.8);
      judge('CPU per attempt against ws', median(rows.map(({ own, ws }) => own / ws)), 0.4);
    }),
  rate: () =>
    withServer(1, async (port) => {
      const { total, generator } = await load(port, { rate: 14_000, ms: 6000 });
      console.log(
        JSON.stringify({ total, limits: generator.limits, p99: generator.lateness.p99Ms }),
      );
      judge(
        'attempts that did not open, of 14 000/s from one worker',
        total.offered - total.opened,
        0,
      );
    }),
  held: () =>
    withServer(6, async (port) => {
      const count = 100_000;
      const began = performance.now();
      let openedMs = Number.NaN;
      const stop = new AbortController();
      const result = await load(port, {
        rate: 16_000,
        ms: (count / 16_000) * 1000,
        plan: { workers: 6, openForMs: 60_000 },
        io: {
          signal: stop.signal,
          onSecond: ({ open }) => {
            if (open < count || !Number.isNaN(openedMs)) return;
            openedMs = performance.now() - began;
            stop.abort();
          },
        },
      });
      console.log(
        JSON.stringify({ peakOpen: result.peakOpen, rss: result.generator.peakRssBytes }),
      );
      judge('connections of 100 000 that were not held', count - result.peakOpen, 0);
      judge('seconds until all were open', openedMs / 1000, 10, ' s');
    }),
  memory: () =>
    withServer(1, async (port) => {
      const rss = async (rate) => {
        const { generator } = await load(port, { rate, ms: 3000, plan: { openForMs: 4000 } });
        return generator.peakRssBytes;
      };
      const few = await rss(500);
      judge(
        'KB for each held connection',
        ((await rss(6000)) - few) / (3 * 5500) / 1000,
        4.5,
        ' KB',
      );
    }),
  lateness: () =>
    withServer(1, async (port) => {
      for (const [precise, most] of [
        [false, 1.6],
        [true, 0.3],
      ]) {
        const all = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          const { seconds } = await load(port, { rate: 2000, ms: 4000, plan: { precise } });
          // Without the first second, in which the code is compiled.
          all.push(median(seconds.slice(1, -1).map(({ latenessP99Ms = 0 }) => latenessP99Ms)));
        }
        judge(
          `schedule error at 2000/s${precise ? ', precise' : ''}, p99`,
          median(all),
          most,
          ' ms',
        );
      }
    }),
  rounds: () =>
    withServer(1, async (port) => {
      const cpu = [];
      for (let round = 0; round < 3; round += 1) {
        const { generator } = await load(port, {
          rate: 6000,
          ms: 3000,
          plan: { endings: [{ share: 1, kind: 'fin' }] },
        });
        cpu.push(generator.cpuSeconds);
      }
      judge('the third run of three against the first', cpu[2] / cpu[0], 1.1);
    }),
};

const wanted = process.argv.slice(2);
try {
  for (const name of wanted.length === 0 ? Object.keys(FIGURES) : wanted) await FIGURES[name]();
} finally {
  await rm(folder, { recursive: true });
}
process.exitCode = missed === 0 ? 0 : 1;
