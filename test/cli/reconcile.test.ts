// A load whose backend writes a log that is late: what is missing at the end of the run is found when the log is read again.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { LoadResult } from '../../src/result/load-result.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { runBin } from '../support/command.ts';

// Where the generator has to wait for a processor nothing is decided, and rightly so.
const BUSY = { retry: 4 };

test('what the log tells later was delivered, and on time by its own instant', BUSY, async () => {
  const { cwd, withheld, run, reconcile } = await backend();
  const before = await run();
  expect(withheld.length).toBeGreaterThan(8);
  expect([before.code, before.missing, before.verdict]).toEqual([1, withheld.length, 'failed']);
  const first = readFileSync(join(cwd, 'out/result.json'), 'utf8');

  const unchanged = await reconcile();
  expect([unchanged.code, unchanged.missing, unchanged.verdict]).toEqual([
    1,
    withheld.length,
    'failed',
  ]);

  for (const line of withheld) appendFileSync(join(cwd, 'events.ndjson'), line);
  const after = await reconcile();
  expect([after.code, after.missing, after.verdict]).toEqual([0, 0, 'passed']);
  expect(after.load.delivery?.strata.map(({ late }) => late)).toEqual([0, 0]);
  expect(after.load.reconciled).toEqual({
    at: expect.stringMatching(/^\d{4}-/),
    missingBefore: withheld.length,
    missing: 0,
  });
  expect(after.stderr).toContain(
    `late: ${withheld.length} $disconnect were missing when it ended, 0 are now\n`,
  );
  expect(readFileSync(join(cwd, 'out/result.json'), 'utf8')).toBe(first);
});

test('what happened too late is late, and told twice is told twice', BUSY, async () => {
  const { cwd, withheld, run, reconcile } = await backend();
  await run();
  for (const line of withheld) {
    const event = JSON.parse(line) as { at: number; invocationId: string };
    const late = { ...event, at: event.at + 10_000 };
    const again = { ...late, invocationId: `${event.invocationId}-again` };
    for (const one of [late, again])
      appendFileSync(join(cwd, 'events.ndjson'), `${JSON.stringify(one)}\n`);
  }
  const after = await reconcile();
  const sum = (key: 'late' | 'duplicated' | 'missing'): number =>
    after.load.delivery?.strata.reduce((total, stratum) => total + stratum[key], 0) ?? NaN;
  expect([sum('late'), sum('duplicated'), sum('missing')]).toEqual([
    withheld.length,
    withheld.length,
    0,
  ]);
  expect([after.code, after.verdict]).toEqual([1, 'failed']);
});

test.each([
  ['a folder that is not there', ['nowhere'], 'journal.ndjson: ENOENT', 2],
  ['a run without loads', ['empty'], 'There is no ', 2],
])('%s is said so', async (_, args, text, code) => {
  const cwd = mkdtempSync(join(tmpdir(), 'ws-assay-reconcile-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  await import('node:fs').then(({ mkdirSync }) => mkdirSync(join(cwd, 'empty')));
  writeFileSync(join(cwd, 'empty/journal.ndjson'), '');
  const ran = await runBin(['reconcile', ...args], { cwd });
  expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(text)]);
});

const SCENARIO = `title: Ends are told of
load:
  phases: [{ arrivalRate: 40/s, duration: 3s }]
  openFor: 100ms
  endings:
    - { share: 50%, close: { code: 1000 } }
    - { share: 50%, drop: fin }
thresholds:
  told: { share: { gte: 95% }, of: { events: { $disconnect: { count: { gte: 1 } } }, within: 2s } }
`;

/** A server that writes down what happens, but every tenth end. */
async function backend() {
  const cwd = mkdtempSync(join(tmpdir(), 'ws-assay-reconcile-'));
  const withheld: string[] = [];
  const log = join(cwd, 'events.ndjson');
  writeFileSync(log, '');
  const sockets = new WebSocketServer({ noServer: true });
  let connections = 0;
  const server = createServer().on('upgrade', (request, socket, head) => {
    const number = connections++;
    const assay = new URL(request.url ?? '/', 'http://x').searchParams.get('assay') ?? '';
    const line = (type: string): string => {
      const connectionId = `id-${number}`;
      const query = type === 'CONNECT' ? { queryStringParameters: { assay } } : {};
      const event = { ...query, requestContext: { connectionId } };
      const own = { connectionId, invocationId: `${type}-${number}`, event };
      return `${JSON.stringify({ v: 1, type, phase: 'started', at: Date.now(), ...own })}\n`;
    };
    appendFileSync(log, line('CONNECT'));
    sockets.handleUpgrade(request, socket, head, (open) => {
      open.on('close', () => {
        if (number % 10 === 9) withheld.push(line('DISCONNECT'));
        else appendFileSync(log, line('DISCONNECT'));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(cwd, { recursive: true });
  });
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(cwd, 'late.yaml'), SCENARIO);
  writeFileSync(
    join(cwd, 'target.yaml'),
    `title: A chat\nendpoints: { open: "ws://127.0.0.1:${port}/" }\nobserver: { file: events.ndjson }\n`,
  );
  const told = async (args: readonly string[], out: string) => {
    const { code, stderr } = await runBin([...args, '--target', 'target.yaml'], { cwd });
    const result = JSON.parse(readFileSync(join(cwd, out, 'result.json'), 'utf8')) as RunResult;
    const [one] = result.cases;
    const load = one?.load as LoadResult;
    const missing = load.delivery?.strata.reduce((sum, stratum) => sum + stratum.missing, 0);
    return { code, stderr, load, missing, verdict: one?.findings[0]?.verdict };
  };
  return {
    cwd,
    withheld,
    run: () => told(['run', 'late.yaml', '--out', 'out'], 'out'),
    reconcile: () => told(['reconcile', 'out'], 'out/reconciled'),
  };
}
