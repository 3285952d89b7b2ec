// A load that is cut off: by an interrupt, by the death of a worker, by SIGKILL. What was seen until then is not lost.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunResult } from '../../src/result/run-result.ts';
import { parseAttempts } from '../../src/run/attempt-file.ts';
import { inProcess, type Started, startBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { startWsServer } from '../support/ws-server.ts';

const SCENARIO = `title: Takes its time
load:
  phases: [{ arrivalRate: 50/s, duration: 60s }]
  openFor: 300ms
thresholds:
  opens: { share: { gte: 90% }, of: { handshake: { status: 101 } } }
`;

interface CutOff {
  readonly cwd: string;
  readonly run: Started;
  readonly requests: readonly unknown[];
}

/** A load that has gone on for two seconds. */
async function midLoad(): Promise<CutOff> {
  const { url, requests } = await startWsServer();
  const cwd = folderWith({ 'rush.yaml': SCENARIO });
  const args = ['run', 'rush.yaml', '--url', url, '--out', 'out', '--reporter', 'ndjson'];
  const run = startBin([...args, '--workers', '2', '--tier', 'slow'], { cwd });
  await run.printed('stdout', /"load-second".*\n.*"load-second".*\n.*"load-second"/);
  return { cwd, run, requests };
}

function resultIn(cwd: string): RunResult {
  return JSON.parse(readFileSync(join(cwd, 'out/result.json'), 'utf8')) as RunResult;
}

/** How many attempts the file of a run tells of. */
function written(cwd: string): number {
  const text = readFileSync(join(cwd, 'out/attempts.ndjson'), 'utf8');
  return parseAttempts(text)?.[0]?.attempts.length ?? 0;
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s: what is open is closed, and every attempt is in the reports',
  async (signal) => {
    const { cwd, run, requests } = await midLoad();
    run.child.kill(signal);
    const { code, stderr } = await run.done;
    expect(code).toBe(130);
    expect(stderr).toContain(`${signal}: finishing; once more ends at once.`);
    const result = resultIn(cwd);
    expect(result).toMatchObject({ interrupted: true, exitCode: 130 });
    const load = result.cases[0]?.load;
    expect(load?.endedEarly).toBe('interrupted');
    expect(load?.total.started).toBeGreaterThan(100);
    expect(load?.total.started).toBe(requests.length);
    expect([load?.total.opened, load?.total.failed]).toEqual([requests.length, {}]);
    expect(written(cwd)).toBe(requests.length);
    const files = readdirSync(join(cwd, 'out'));
    expect(files).toEqual(expect.arrayContaining(['junit.xml', 'report.html', 'summary.md']));
  },
);

test('a worker that is killed is named, the others go on to their end, and nothing passes', async () => {
  const { cwd, run } = await midLoad();
  const [worker = 0] = workersOf(run.child.pid ?? 0);
  process.kill(worker, 'SIGKILL');
  const { code } = await run.done;
  const result = resultIn(cwd);
  const load = result.cases[0]?.load;
  expect(load?.endedEarly).toBe('a worker was lost');
  expect(load?.generator.limits.join('\n')).toMatch(/worker [12]: it ended with SIGKILL/);
  expect(load?.total.opened).toBeGreaterThan(100);
  expect([code, result.counts.passed, result.counts.failed]).toEqual([4, 0, 0]);
  expect(result.cases[0]?.findings[0]?.verdict).toBe('inconclusive');
});

test('SIGKILL: the seconds of the load and its attempts are there', async () => {
  const { cwd, run } = await midLoad();
  const workers = workersOf(run.child.pid ?? 0);
  run.child.kill('SIGKILL');
  await run.done;
  expect(written(cwd)).toBeGreaterThan(50);
  const remade = await inProcess(['report', 'out'], { cwd });
  expect(remade.code).toBe(130);
  expect(resultIn(cwd).problems).toMatchObject([
    { code: 'RUN_UNFINISHED' },
    { code: 'LOAD_CUT', message: expect.stringMatching(/^rush was cut off after \d+ s: /) },
  ]);
  // Without their coordinator they end by themselves.
  await expect.poll(() => workers.filter(isRunning), { timeout: 5000 }).toEqual([]);
});

function workersOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text.split(' ').map(Number);
}

function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
