// Canaries through the observer of a target: what a sink lost is told from what a backend never said.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startLoggedLoad } from '../support/logged-load.ts';

// Where the generator has to wait for a processor nothing is decided, and rightly so.
const BUSY = { retry: 4 };

// A sink that loses everything while there is a file of this name.
const BLIND = 'blind';
const CANARY = `canary: [sh, -c, 'test -e ${BLIND} || cat >> events.ndjson']`;

test('what the backend never said is missing, also where canaries come through', BUSY, async () => {
  const { run, withheld } = await startLoggedLoad({ observer: CANARY });
  const { code, load, missing, verdict } = await run();
  expect([code, missing, verdict]).toEqual([1, withheld.length, 'failed']);
  const { sent = 0, seen } = load.delivery?.canaries ?? {};
  expect(sent).toBeGreaterThan(3);
  expect([seen, load.delivery?.gaps]).toEqual([sent, []]);
});

test('what was lost while canaries were lost proves nothing', BUSY, async () => {
  const blind = { from: 40, to: 80 };
  const files: string[] = [];
  const { cwd, run, withheld } = await startLoggedLoad({
    observer: CANARY,
    // The sink is lost for as long as forty connections end: the load has 40 a second.
    writes: (number) => {
      const file = files[0] ?? '';
      if (number === blind.from) writeFileSync(file, '');
      if (number === blind.to) rmSync(file, { force: true });
      return !existsSync(file);
    },
  });
  files.push(join(cwd, BLIND));
  const { code, load, missing, verdict } = await run();
  expect(withheld.length).toBeGreaterThan(20);
  expect([code, missing, verdict]).toEqual([3, 0, 'errored']);
  const indeterminate = load.delivery?.strata.reduce((sum, one) => sum + one.indeterminate, 0);
  expect(indeterminate).toBe(withheld.length);
  expect(load.delivery?.gaps).toEqual([
    {
      fromMs: expect.any(Number),
      toMs: expect.any(Number),
      why: expect.stringMatching(/^(a canary|2 canaries) did not come through$/),
    },
  ]);
});

test('nothing is sent where the first one does not come through', async () => {
  const { run } = await startLoggedLoad({
    observer: "canary: [sh, -c, 'echo no queue of that name >&2; exit 3']",
  });
  const { code, stderr, load, verdict } = await run();
  expect([code, load, verdict]).toEqual([3, undefined, 'errored']);
  expect(stderr).toContain(
    'The first canary did not come through: the command sh -c echo no queue of that name >&2; exit 3 ended with exit code 3; it said: no queue of that name.',
  );
});
