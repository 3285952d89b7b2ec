// Throttles from the command to the report, against limiters in a process of their own that nobody here was told about.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RunResult } from '../../src/result/run-result.ts';
import { runBin, start } from '../support/command.ts';
import { PACKAGE_ROOT } from '../support/io.ts';

// Where the generator has to wait for a processor nothing is decided, and rightly so.
const BUSY = { retry: 3 };
const LIMITER = join(PACKAGE_ROOT, 'bench/load/limiter.mjs');

test(
  'a token bucket is found, its rate and its burst, and what was declared is judged',
  BUSY,
  async () => {
    const ran = await throttled({ kind: 'token-bucket', rate: 50, burst: 30, jitterMs: 0 }, [
      'bucket: { estimate: token-bucket, of: throttle.kind }',
      'rate: { estimate: { is: 50/s, tolerance: 5% }, of: throttle.rate }',
      'burst: { estimate: { is: 30, tolerance: 15% }, of: throttle.burst }',
      'no-such-rate: { estimate: { is: 60/s, tolerance: 5% }, of: throttle.rate }',
    ]);
    expect(ran.verdicts).toEqual({
      bucket: 'passed',
      rate: 'passed',
      burst: 'passed',
      'no-such-rate': 'failed',
    });
    expect(ran.code).toBe(1);
  },
);

test('a fixed window is not taken for a bucket', BUSY, async () => {
  const ran = await throttled({ kind: 'fixed-window', burst: 40, windowMs: 1000, jitterMs: 0 }, [
    'bucket: { estimate: token-bucket, of: throttle.kind }',
    'window: { estimate: fixed-window, of: throttle.kind }',
  ]);
  expect(ran.verdicts).toEqual({ bucket: 'failed', window: 'passed' });
});

test('of an endpoint without a limit none is estimated', BUSY, async () => {
  const ran = await throttled({ kind: 'none', jitterMs: 0 }, [
    'none: { estimate: none, of: throttle.kind }',
    'rate: { estimate: { is: 50/s, tolerance: 5% }, of: throttle.rate }',
  ]);
  expect(ran.verdicts['none']).toBe('passed');
  expect(ran.verdicts['rate']).not.toBe('passed');
});

async function throttled(setting: object, thresholds: readonly string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'ws-assay-throttle-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const { child } = start([process.execPath, LIMITER, JSON.stringify(setting)], { cwd });
  const port = await new Promise<number>((resolve) => {
    child.stdout?.once('data', (text) => resolve(Number(String(text))));
  });
  const head = 'title: A limiter\nthrottle: { connect: {}, offer: 110/s, saturateFor: 4s }\n';
  writeFileSync(
    join(cwd, 'limit.yaml'),
    `${head}thresholds:\n${thresholds.map((line) => `  ${line}\n`).join('')}`,
  );
  const url = `ws://127.0.0.1:${port}`;
  const { code } = await runBin(['run', 'limit.yaml', '--url', url, '--out', 'out'], { cwd });
  child.stdin?.end();
  const result = JSON.parse(readFileSync(join(cwd, 'out/result.json'), 'utf8')) as RunResult;
  const findings = result.cases.flatMap((one) => one.findings);
  return {
    code,
    verdicts: Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict])),
  };
}
