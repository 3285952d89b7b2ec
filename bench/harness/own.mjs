// Loads of the generator itself, as `ws-assay run` has them carried out, and what they cost once they are warm.
import { realClock } from '../../dist/base/clock.js';
import { runLoad } from '../../dist/load/run-load.js';
import { startWorkerProcess } from '../../dist/load/start-worker.js';

/** Own addresses, as a run against this machine takes. */
export const SOURCES = Array.from({ length: 8 }, (_, at) => `127.0.0.${at + 2}`);

/** A plan: `rate` a second for `ms`, each connection closed at once; `more` overrides. */
export function planOf(port, { rate, ms, path = '/', ...more }) {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n`;
  return {
    endpoints: [{ share: 1, role: 'open', address: '127.0.0.1', port, request, subprotocols: [] }],
    phases: [{ kind: 'rate', name: 'steady', from: rate, to: rate, durationMs: ms }],
    arrivals: 'even',
    seed: 'bench',
    openForMs: 0,
    endings: [{ share: 1, kind: 'close', code: 1000 }],
    timeoutMs: 10_000,
    precise: false,
    workers: 1,
    sources: SOURCES,
    nonce: 'abcdefghijklmnopqrs',
    ...more,
  };
}

/** Runs it; attempts are told one by one, as where deliveries are watched. `onTick`: what a worker said. */
export function load(plan, { onTick = () => {}, ...io } = {}) {
  const startWorker = (listener) =>
    startWorkerProcess({
      ...listener,
      heard: (report) => {
        if (report.kind === 'tick') onTick(report.tick);
        listener.heard(report);
      },
    });
  return runLoad(
    plan,
    {
      clock: realClock(),
      usage: () => ({ cpuSeconds: 0, rssBytes: 0 }),
      signal: new AbortController().signal,
      onAttempts: () => {},
      ...io,
    },
    { startWorker },
  );
}

// Seconds until the code is compiled.
const COLD_SECONDS = 3;

/**
 * CPU seconds for each 10 000 attempts of a run that is warm: of its worker, and of the coordinator that adds up what
 * the worker tells and hears of each attempt.
 */
export async function warmCpu(plan) {
  let attempts = 0;
  let before;
  let after;
  const result = await load(plan, {
    onTick: ({ second, counts, health }) => {
      for (const { started } of Object.values(counts)) attempts += started;
      const { user, system } = process.cpuUsage();
      const now = { attempts, worker: health.cpuSeconds, coordinator: (user + system) / 1e6 };
      if (second === COLD_SECONDS - 1) before = now;
      after = now;
    },
  });
  const per = (name) => ((after[name] - before[name]) / (after.attempts - before.attempts)) * 1e4;
  return {
    worker: per('worker'),
    coordinator: per('coordinator'),
    unopened: result.total.offered - result.total.opened,
  };
}
