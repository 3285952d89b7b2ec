// One limiter of the reference gateway, found by both engines: what k6 measures must not make it another one.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startGateway } from '../../src/gateway.ts';
import type { Estimate, ThrottleResult } from '../../src/result/load-result.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { runBin } from '../support/command.ts';
import { K6, NO_K6 } from './k6.ts';

const HANDLER = new URL('../interop/server/connection-id.mjs', import.meta.url).pathname;
const [RATE, BURST] = [50, 30];
const LIMIT = `title: A limiter
throttle: { connect: {}, offer: 110/s, saturateFor: 3s }
thresholds:
  bucket: { estimate: token-bucket, of: throttle.kind }
`;

it.skipIf(NO_K6 !== '')(`both engines find the same token bucket, within 2 %${NO_K6}`, async () => {
  const url = await startLimited();
  const [own, k6] = [await found(url, []), await found(url, ['--engine', 'k6'])];
  expect([own.kind, k6.kind]).toEqual(['token-bucket', 'token-bucket']);
  expect(apart(own.rate, k6.rate)).toBeLessThan(0.02);
  expect(apart(own.burst, k6.burst)).toBeLessThan(0.02);
  expect(Math.abs((k6.rate?.value ?? 0) / RATE - 1)).toBeLessThan(0.02);
  expect(Math.abs((k6.burst?.value ?? 0) - BURST)).toBeLessThan(1);
});

async function startLimited(): Promise<string> {
  const gateway = await startGateway({
    Apis: {
      limited: {
        ApiId: 'limited',
        Routes: {
          $connect: { Target: 'integrations/id' },
          $default: { Target: 'integrations/id' },
        },
        Integrations: { id: { Handler: `${HANDLER}#handler` } },
        Stages: {
          prod: {
            RouteSettings: {
              $connect: { ThrottlingRateLimit: RATE, ThrottlingBurstLimit: BURST },
            },
          },
        },
      },
    },
  });
  onTestFinished(() => gateway.close());
  return gateway.apis['limited']?.url ?? '';
}

// Whether the machine was too busy to decide by it is another question.
async function found(url: string, more: readonly string[]): Promise<ThrottleResult> {
  const cwd = mkdtempSync(join(tmpdir(), 'ws-assay-k6-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'limit.yaml'), LIMIT);
  const args = ['run', 'limit.yaml', '--url', url, '--out', 'out', ...more];
  const { stderr } = await runBin(args, { cwd, env: { K6 } });
  const text = readFileSync(join(cwd, 'out/result.json'), 'utf8');
  const throttle = (JSON.parse(text) as RunResult).cases[0]?.load?.throttle;
  if (throttle === undefined) throw new Error(stderr);
  return throttle;
}

/** As a share of the first. */
function apart(one: Estimate | undefined, other: Estimate | undefined): number {
  return Math.abs((other?.value ?? Number.NaN) / (one?.value ?? Number.NaN) - 1);
}
