// What the backend was told of connections that k6 opened.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { LoadResult } from '../../src/result/load-result.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { runBin, start } from '../support/command.ts';
import { recordOf, startLogServer } from '../support/log-server.ts';
import { SCENARIO } from '../support/logged-load.ts';
import { K6, NO_K6 } from './k6.ts';

// 120 attempts; of each tenth end nothing is written before it is asked for.
async function backend(): Promise<{ readonly cwd: string; readonly withheld: readonly string[] }> {
  const cwd = mkdtempSync(join(tmpdir(), 'ws-assay-k6-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const withheld: string[] = [];
  const { url } = await startLogServer(join(cwd, 'events.ndjson'), (told, append) => {
    const line = { ...recordOf(told), invocationId: `${told.type}-${told.index}` };
    if (told.type === 'CONNECT' || told.index % 10 !== 9) append(line);
    else withheld.push(`${JSON.stringify(line)}\n`);
  });
  writeFileSync(join(cwd, 'late.yaml'), SCENARIO);
  writeFileSync(
    join(cwd, 'target.yaml'),
    `title: A chat\nendpoints: { open: "${url}" }\nobserver: { file: events.ndjson }\n`,
  );
  return { cwd, withheld };
}

function loadIn(cwd: string, out: string): LoadResult {
  const result = JSON.parse(readFileSync(join(cwd, out, 'result.json'), 'utf8')) as RunResult;
  return result.cases[0]?.load as LoadResult;
}

const sumOf = (load: LoadResult, key: 'ended' | 'onTime' | 'missing' | 'indeterminate'): number =>
  load.delivery?.strata.reduce((total, one) => total + one[key], 0) ?? Number.NaN;

it.skipIf(NO_K6 !== '')(`is counted while k6 runs, and again afterwards${NO_K6}`, async () => {
  const { cwd, withheld } = await backend();
  const target = ['--target', 'target.yaml'];
  const ran = await runBin(['run', 'late.yaml', ...target, '--engine', 'k6', '--out', 'out'], {
    cwd,
    env: { K6 },
  });
  expect(ran.stderr).toContain(
    'k6 cannot do all of it: FIN without a close frame of 50% of the connections: they close with 1000\n',
  );
  const load = loadIn(cwd, 'out');
  // Nothing is said of an ending that was not carried out.
  expect(load.delivery?.strata.map(({ ending }) => ending)).toEqual(['close']);
  expect([sumOf(load, 'ended'), sumOf(load, 'missing')]).toEqual([120, withheld.length]);
  for (const line of withheld) appendFileSync(join(cwd, 'events.ndjson'), line);
  await runBin(['reconcile', 'out', ...target], { cwd });
  const after = loadIn(cwd, 'out/reconciled');
  expect([sumOf(after, 'onTime'), sumOf(after, 'missing')]).toEqual([120, 0]);
});

it.skipIf(NO_K6 !== '')(
  `is read from the log after an import, and nothing is said before${NO_K6}`,
  async () => {
    const { cwd, withheld } = await backend();
    const target = ['--target', 'target.yaml'];
    await runBin(['export', 'k6', 'late.yaml', ...target, '--out', '.'], { cwd });
    await start([K6, 'run', '--quiet', '--out', 'json=r.ndjson', 'late.k6.ts'], { cwd }).done;
    const imported = await runBin(
      ['import', 'k6', 'r.ndjson', '--scenario', 'late.yaml', ...target, '--out', 'out'],
      { cwd },
    );
    // What was not seen was not tested.
    expect(imported.code).toBe(3);
    const before = loadIn(cwd, 'out');
    expect([sumOf(before, 'missing'), sumOf(before, 'indeterminate')]).toEqual([0, 120]);
    // An event may take so long: what is asked sooner is not missing yet.
    await setTimeout(10_000);
    await runBin(['reconcile', 'out', ...target], { cwd });
    const after = loadIn(cwd, 'out/reconciled');
    expect([sumOf(after, 'onTime'), sumOf(after, 'indeterminate')]).toEqual([
      120 - withheld.length,
      0,
    ]);
  },
);
