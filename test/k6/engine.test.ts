// Loads that a real k6 sends, and results that it wrote.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { LoadResult } from '../../src/result/load-result.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { runAssay } from '../support/assay.ts';
import { runBin, start } from '../support/command.ts';
import { testIo } from '../support/io.ts';
import { startWsServer } from '../support/ws-server.ts';
import { K6, NO_K6 } from './k6.ts';

const work = mkdtempSync(join(tmpdir(), 'ws-assay-k6-'));
afterAll(() => rmSync(work, { recursive: true }));

const LOAD = `title: A rush
load:
  phases:
    - { name: ramp, arrivalRate: 20/s, rampTo: 60/s, duration: 2s }
    - { name: rush, arrivals: 20 }
    - { name: peak, arrivalRate: 50/s, duration: 1s }
  openFor: 200ms
  endings:
    - { share: 50%, close: { code: 1000 } }
    - { share: 50%, close: { code: 4001, reason: bye } }
thresholds:
  most-get-in: { share: { gte: 50% }, of: { handshake: { status: 101 } } }
  some-are-refused: { count: 30, of: { handshake: { status: 429 } } }
  quickly: { p99: { lte: 5s }, of: { elapsed: { from: connecting, to: opened } }, among: { handshake: { status: 101 } } }
`;

/** A server that refuses each fifth request with 429 and answers all others after 50 ms. */
async function server(): Promise<string> {
  let asked = 0;
  const { url } = await startWsServer({
    delayMs: 50,
    refuse: () => {
      asked += 1;
      return asked % 5 === 0 ? 429 : undefined;
    },
  });
  return url;
}

/** Runs the load with the built command against a server of its own. */
async function sent(more: readonly string[]): Promise<LoadResult> {
  const cwd = mkdtempSync(join(work, 'run-'));
  writeFileSync(join(cwd, 'rush.yaml'), LOAD);
  const args = ['run', 'rush.yaml', '--seed', 's', '--url', await server(), '--out', 'out'];
  const { stderr } = await runBin([...args, ...more], { cwd, env: { K6 } });
  expect(stderr).toContain('HTML');
  return loadOf(JSON.parse(readFileSync(join(cwd, 'out/result.json'), 'utf8')) as RunResult);
}

function loadOf(result: RunResult): LoadResult {
  const [load] = result.cases.flatMap((one) => one.load ?? []);
  if (load === undefined) throw new Error('no load');
  return load;
}

const COUNTS = {
  offered: 150,
  started: 150,
  unsent: 0,
  opened: 120,
  refused: { 429: 30 },
  failed: {},
  timedOut: 0,
  aborted: 0,
};

it.skipIf(NO_K6 !== '').each([
  ['one process', []],
  ['three segments', ['--segments', '3']],
])(`sends the schedule with k6 as the built-in engine does: %s${NO_K6}`, async (_, more) => {
  const a = await sent([]);
  const b = await sent(['--engine', 'k6', ...more]);
  expect([a.total, b.total]).toEqual([COUNTS, COUNTS]);
  expect(b.phases.map(({ name, offered }) => [name, offered])).toEqual(
    a.phases.map(({ name, offered }) => [name, offered]),
  );
  expect(b.ends).toEqual(a.ends);
  expect(b.generator.limits.filter((one) => !/late|event loop|core/.test(one))).toEqual([]);
  // Of all processes of k6 together; only Linux tells.
  const least = process.platform === 'linux' ? 50_000_000 : 0;
  expect(b.generator.peakRssBytes).toBeGreaterThanOrEqual(least);
  // The server answers after 50 ms, whoever asks.
  expect(b.latency['upgrade']?.minMs).toBeGreaterThan(49.9);
  expect(
    Math.abs((b.latency['upgrade']?.p50Ms ?? 0) - (a.latency['upgrade']?.p50Ms ?? 0)),
  ).toBeLessThan(25);
});

interface Export {
  readonly folder: string;
  readonly url: string;
  readonly exit: number | null;
}

/** Exports the load and has k6 run the script, as a person would. */
async function exportAndRun(name: string, args: readonly string[] = []): Promise<Export> {
  const url = await server();
  const folder = join(work, name);
  mkdirSync(folder);
  const io = testIo({
    argv: ['export', 'k6', 'rush.yaml', '--url', url, '--out', folder, '--seed', 's', ...args],
  });
  writeFileSync(join(io.cwd, 'rush.yaml'), LOAD);
  expect([await main(io), io.stderrText()]).toMatchObject([
    0,
    expect.stringContaining('150 attempts'),
  ]);
  // Beside the event loop: the server is in this process.
  const { spawn } = await import('node:child_process');
  const child = spawn(K6, ['run', '--quiet', '--out', 'json=r.ndjson', 'rush.k6.ts'], {
    cwd: folder,
    stdio: 'ignore',
  });
  const exit = await new Promise<number | null>((done) => child.on('exit', done));
  return { folder, url, exit };
}

async function importing(
  url: string,
  files: readonly string[],
): Promise<{ code: number; stderr: string; result(): RunResult }> {
  const io = testIo({
    argv: ['import', 'k6', ...files, '--scenario', 'rush.yaml', '--url', url, '--out', 'out'],
  });
  writeFileSync(join(io.cwd, 'rush.yaml'), LOAD);
  const code = await main(io);
  return {
    code,
    stderr: io.stderrText(),
    result: () => JSON.parse(readFileSync(join(io.cwd, 'out/result.json'), 'utf8')) as RunResult,
  };
}

it.skipIf(NO_K6 !== '')(
  `is inspected, run, and imported, whole, compressed and cut${NO_K6}`,
  async () => {
    const { folder, url, exit } = await exportAndRun('whole');
    expect(exit).toBe(0);
    const inspected = spawnSync(K6, ['inspect', 'rush.k6.ts'], { cwd: folder, encoding: 'utf8' });
    expect([
      inspected.status,
      Object.keys((JSON.parse(inspected.stdout) as { scenarios: object }).scenarios),
    ]).toEqual([0, ['p1-ramp', 'p2-rush', 'p3-peak']]);
    const file = join(folder, 'r.ndjson');
    const whole = await importing(url, [file]);
    const load = loadOf(whole.result());
    expect(load.total).toEqual(COUNTS);
    // Its clock was this machine's.
    expect(Math.abs(Date.parse(load.startedAt) - Date.now())).toBeLessThan(120_000);

    const bytes = readFileSync(file);
    writeFileSync(`${file}.gz`, gzipSync(bytes));
    const packed = await importing(url, [`${file}.gz`]);
    expect(loadOf(packed.result()).total).toEqual(COUNTS);

    const cut = join(folder, 'cut.ndjson');
    writeFileSync(cut, bytes.subarray(0, bytes.length / 2));
    const half = await importing(url, [cut]);
    expect(half.code).toBe(4);
    expect(loadOf(half.result()).generator.limits[0]).toBe(
      'cut.ndjson: it ends in the middle of a line: k6 was killed, or is still running',
    );
  },
);

// As Distributed Load Testing on AWS starts k6: that would be another load.
it.skipIf(NO_K6 !== '')(`sends nothing where its schedule was replaced${NO_K6}`, async () => {
  const { url, requests } = await startWsServer();
  const cwd = mkdtempSync(join(work, 'replaced-'));
  writeFileSync(join(cwd, 'rush.yaml'), LOAD);
  const io = testIo({ argv: ['export', 'k6', 'rush.yaml', '--url', url, '--out', '.'], cwd });
  expect(await main(io)).toBe(0);
  const args = ['run', '--quiet', '--vus', '2', '--duration', '1s', 'rush.k6.ts'];
  const { code, stderr } = await start([K6, ...args], { cwd }).done;
  // https://grafana.com/docs/k6/latest/misc/k6-exit-codes/
  expect([code, requests.length]).toEqual([108, 0]);
  expect(stderr).toContain('run it without --vus, --duration, --iterations, --stage');
});

it.skipIf(NO_K6 !== '')(`says what a file is that it cannot read${NO_K6}`, async () => {
  const { folder, url } = await exportAndRun('refused');
  const file = join(folder, 'r.ndjson');
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const text = readFileSync(file, 'utf8');
  const other = write(
    'other.ndjson',
    text.replaceAll(/"assay":"rush@\w+"/g, '"assay":"rush@000000000000"'),
  );
  const foreign = write('foreign.ndjson', text.replaceAll(/"assay":"rush@\w+",/g, ''));
  const summary = write('summary.json', '{"metrics":{}}');
  const answers = [];
  for (const files of [[other], [foreign], [summary], [file, other], ['nowhere.ndjson']]) {
    const { code, stderr } = await importing(url, files);
    answers.push([code, stderr.split('\n')[0]?.replaceAll(/@\w{12}/g, '@…')]);
  }
  expect(answers).toEqual([
    [
      2,
      'ws-assay: These results are of rush@…, and the scenario is rush@… now: its phases, endings or variables are others.',
    ],
    [
      2,
      'ws-assay: foreign.ndjson is of a script that ws-assay did not write: its attempts belong to no schedule.',
    ],
    [2, 'ws-assay: summary.json has no attempt to connect that k6 measured.'],
    [2, 'ws-assay: other.ndjson is of rush@…, and r.ndjson of rush@…: they are not one load.'],
    [2, 'ws-assay: There is no nowhere.ndjson.'],
  ]);
});

it.each([
  ['not there', '/nowhere/k6', /k6 cannot be started: spawn \/nowhere\/k6 ENOENT/],
  ['too old', 'old', /This k6 is too old: k6 v1\.5\.0/],
])('says when k6 is %s', async (_, k6, sentence) => {
  const old = join(work, 'old-k6');
  writeFileSync(old, '#!/bin/sh\necho "k6 v1.5.0 (go1.26.8, linux/amd64)"\n', { mode: 0o755 });
  const ran = await runAssay(['load/rush', '--engine', 'k6'], {
    env: { ...(process.env as Record<string, string>), K6: k6 === 'old' ? old : k6 },
  });
  expect([ran.code, ran.stderr]).toEqual([3, expect.stringMatching(sentence)]);
});
