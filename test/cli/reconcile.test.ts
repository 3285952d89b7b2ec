// A load whose backend writes a log that is late: what is missing at the end of the run is found when the log is read again.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runBin } from '../support/command.ts';
import { SCENARIO, startLoggedLoad } from '../support/logged-load.ts';

// Where the generator has to wait for a processor nothing is decided, and rightly so.
const BUSY = { retry: 4 };

test('what the log tells later was delivered, and on time by its own instant', BUSY, async () => {
  const { cwd, withheld, run, reconcile } = await startLoggedLoad();
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
  const { cwd, withheld, run, reconcile } = await startLoggedLoad();
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

test(
  'a log that lost what the run saw, and a scenario that is another one, are said so',
  BUSY,
  async () => {
    const { cwd, run, refused } = await startLoggedLoad();
    await run();
    const log = join(cwd, 'events.ndjson');
    const whole = readFileSync(log, 'utf8');
    const kept = whole.split('\n').slice(10).join('\n');
    writeFileSync(log, kept);
    expect(await refused()).toEqual([
      2,
      expect.stringMatching(
        /The log no longer holds [1-9]\d* of the \d+ events that the run saw of late:/,
      ),
    ]);
    writeFileSync(log, whole);
    const file = join(cwd, 'late.yaml');
    for (const [from, to] of [
      ['95%', '50%'],
      ['told:', 'heard:'],
      ['drop: fin', 'drop: reset'],
    ] as const) {
      writeFileSync(file, SCENARIO.replace(from, to));
      expect(await refused()).toEqual([
        2,
        expect.stringContaining('late is not what it was when it ran.\n'),
      ]);
    }
    writeFileSync(file, SCENARIO);
    const attempts = join(cwd, 'out/attempts.ndjson');
    const lines = readFileSync(attempts, 'utf8').split('\n');
    const cut = lines.filter((line) => !line.startsWith('["attempt",3,'));
    writeFileSync(attempts, cut.join('\n'));
    expect(await refused()).toEqual([
      2,
      expect.stringContaining('attempts.ndjson has 119 of the 120 attempts of late'),
    ]);
  },
);

test('secrets that the backend repeats are known again, and are in no report', BUSY, async () => {
  const { cwd, run, reconcile } = await startLoggedLoad({ secret: 'open-sesame' });
  await run();
  const { code, load } = await reconcile();
  expect([code, load.reconciled?.missing]).toEqual([1, load.reconciled?.missingBefore]);
  expect(load.reconciled?.missing).toBeGreaterThan(8);
  for (const name of ['attempts.ndjson', 'reconciled/result.json', 'reconciled/junit.xml'])
    expect(readFileSync(join(cwd, 'out', name), 'utf8')).not.toContain('open-sesame');
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
