// Servers that send as much as is taken: what the instrument says, how long it takes, and how much
// memory at its highest.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../src/result/run-result.ts';
import { runBin } from '../support/command.ts';
import { startHandServer } from '../support/hand-server.ts';
import { BODIES } from './server/body.ts';
import { CLOSINGS } from './server/closing.ts';
import { FRAMES } from './server/frame.ts';
import { HEADS } from './server/head.ts';
import { FILE, findingLines, scenario, WITHIN_MS } from './server/judged.ts';

/** None of them speaks TLS. */
const NO_PAIR = { cert: '', key: '' };

const BOMBS = Object.entries({ ...HEADS, ...BODIES, ...FRAMES, ...CLOSINGS }).filter(
  ([, { pours }]) => pours,
);

/** What the old generation may hold, in MiB; a run against a harmless server needs about half. */
const HEAP_MIB = 80;
/** What more than a harmless run the process may take at its highest, in MiB. */
const GROWTH_MIB = 96;

describe('a process that meets', () => {
  let harmlessMib = 0;

  test('no harm', async () => {
    const server = await startHandServer();
    harmlessMib = (await runBombed(server.url)).peakMib;
    server.stop();
    expect(harmlessMib).toBeGreaterThan(40);
  });

  test.each(BOMBS)('%s', async (_, { start, findings, code }) => {
    const { url, stop } = await start(NO_PAIR);
    const ran = await runBombed(url);
    stop();
    expect(findingLines(ran.result)).toEqual(findings);
    expect(ran.code).toBe(code);
    expect(ran.elapsedMs).toBeLessThan(WITHIN_MS);
    expect(ran.peakMib - harmlessMib).toBeLessThan(GROWTH_MIB);
  });
});

interface Bombed {
  readonly code: number;
  readonly result: RunResult;
  readonly elapsedMs: number;
  readonly peakMib: number;
}

/** Runs the built program with a small heap; its peak memory is written when it exits. */
async function runBombed(url: string): Promise<Bombed> {
  const cwd = mkdtempSync(join(tmpdir(), 'ws-assay-bomb-'));
  mkdirSync(join(cwd, 'scenarios/own'), { recursive: true });
  writeFileSync(join(cwd, FILE), scenario('10s', '10s'));
  const hook = join(cwd, 'hook.cjs');
  writeFileSync(hook, TELL_PEAK);
  const env = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB} --require=${hook}` };
  const startedMs = performance.now();
  const { code } = await runBin(['run', 'own/*', '--url', url, '--out', 'out'], { cwd, env });
  const elapsedMs = performance.now() - startedMs;
  // our own file, whose shape the report's tests check
  const result = JSON.parse(readFileSync(join(cwd, 'out/result.json'), 'utf8')) as RunResult;
  const peakMib = Number(readFileSync(join(cwd, 'peak'), 'utf8')) / 1024;
  rmSync(cwd, { recursive: true });
  return { code, result, elapsedMs, peakMib };
}

const TELL_PEAK = `process.on('exit', () => {
  require('node:fs').writeFileSync('peak', String(process.resourceUsage().maxRSS));
});`;
