// A million points of k6, as it writes them of 155 000 attempts: read in a memory that does not grow with them.
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { startBin } from '../support/command.ts';
import { testIo } from '../support/io.ts';

const [RATE, SECONDS] = [2500, 62];
const ATTEMPTS = RATE * SECONDS;
const SCENARIO = `title: Many
load:
  phases: [{ name: steady, arrivalRate: ${RATE}/s, duration: ${SECONDS}s }]
  openFor: 50ms
thresholds:
  some-are-refused: { count: ${ATTEMPTS / 5}, of: { handshake: { status: 429 } } }
  quickly: { p99: { lte: 1s }, of: { elapsed: { from: connecting, to: opened } }, among: { handshake: { status: 101 } } }
`;
const MOST_CPU_S = 10;
const MOST_MIB = 400;
const NO_PROC =
  process.platform === 'linux' ? '' : ' (skipped: not Linux, which tells what a process used)';

it.skipIf(NO_PROC !== '')(`are imported in under 10 s of a processor${NO_PROC}`, async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'ws-assay-k6-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'many.yaml'), SCENARIO);
  const url = ['--url', 'ws://127.0.0.1:1'];
  const exporting = testIo({ argv: ['export', 'k6', 'many.yaml', ...url, '--out', '.'], cwd });
  expect(await main(exporting)).toBe(0);
  const points = writePoints(join(cwd, 'r.ndjson'), readFileSync(join(cwd, 'many.k6.ts'), 'utf8'));
  expect(points).toBeGreaterThan(1e6);
  const importing = startBin(
    ['import', 'k6', 'r.ndjson', '--scenario', 'many.yaml', ...url, '--out', 'out'],
    { cwd },
  );
  const used = watch(importing.child.pid ?? 0);
  await importing.done;
  const { cpuS, peakMiB } = used();
  const result = JSON.parse(readFileSync(join(cwd, 'out/result.json'), 'utf8')) as RunResult;
  const { total, generator } = result.cases[0]?.load ?? {};
  expect([total?.offered, total?.opened, total?.refused, generator?.limits]).toEqual([
    ATTEMPTS,
    (ATTEMPTS / 5) * 4,
    { 429: ATTEMPTS / 5 },
    [],
  ]);
  expect(result.cases[0]?.findings.map(({ verdict }) => verdict)).toEqual(['passed', 'passed']);
  expect(cpuS).toBeLessThan(MOST_CPU_S);
  expect(peakMiB).toBeLessThan(MOST_MIB);
});

/** Writes what k6 2.2 writes of each attempt, seven points; returns how many there are. */
function writePoints(path: string, script: string): number {
  const tagOf = (name: string): string =>
    new RegExp(`^ +${name}: '(.+)',$`, 'm').exec(script)?.[1] ?? '';
  const tags = `"assay":"${tagOf('assay')}","name":"connect","nonce":"${tagOf('nonce')}","phase":"steady","scenario":"p1-steady","seed":"${tagOf('seed')}"`;
  const at = Date.parse('2026-11-24T00:00:00Z');
  const file = openSync(path, 'w');
  let points = 0;
  let text = '';
  for (let n = 0; n < ATTEMPTS; n += 1) {
    const startMs = at + ((n + 1) * 1000) / RATE + 0.1;
    const opens = n % 5 !== 4;
    const tookMs = 1 + (n % 40) / 4;
    const begun = { n, x: 0, e: 0, at };
    const openMs = opens ? startMs + tookMs : 0;
    const endMs = opens ? openMs + 51 : startMs + tookMs;
    const done = {
      ...begun,
      startMs: Math.floor(startMs),
      openMs,
      closingMs: opens ? openMs + 50 : 0,
      error: opens ? '' : 'websocket: bad handshake',
      sent: 0,
      received: 0,
      pongs: 0,
      outcome: opens ? 'opened' : 'refused',
      code: opens ? 1000 : 0,
      endMs,
    };
    const status = `,"status":"${opens ? 101 : 429}"`;
    const line = (metric: string, ms: number, value: number, more: string, told: object): void => {
      points += 1;
      const time = `${new Date(ms).toISOString().slice(0, -1)}${String(Math.round((ms % 1) * 1e6)).padStart(6, '0')}Z`;
      text += `{"metric":"${metric}","type":"Point","data":{"time":"${time}","value":${value},"tags":{${tags}${more}},"metadata":{"assay":${JSON.stringify(JSON.stringify(told))}}}}\n`;
    };
    line('ws_sessions', startMs, 1, status, begun);
    line('ws_connecting', startMs, tookMs, status, begun);
    if (opens) line('ws_session_duration', endMs, endMs - startMs, status, begun);
    if (opens) line('ws_msgs_sent', endMs, 1, status, begun);
    line('assay_attempts', endMs, 1, '', done);
    line('iteration_duration', endMs, endMs - startMs, '', done);
    line('iterations', endMs, 1, '', done);
    if (n % 1000 === 999) {
      writeSync(file, text);
      text = '';
    }
  }
  closeSync(file);
  return points;
}

const LOOK_MS = 50;
const TICKS_PER_S = 100;

/** What a process has used up, as long as it was there. */
function watch(pid: number): () => { readonly cpuS: number; readonly peakMiB: number } {
  let used = { cpuS: Number.NaN, peakMiB: Number.NaN };
  const timer = setInterval(() => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      const ticks = Number(fields[11]) + Number(fields[12]);
      if (peak !== undefined) used = { cpuS: ticks / TICKS_PER_S, peakMiB: Number(peak) / 1024 };
    } catch {
      // It has ended.
    }
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    return used;
  };
}
