// docs/kill-matrix.md is written by a self-test that takes long. Here it is held against what the
// faults name and what the suites check now, so that nobody forgets to write it again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFaultBench } from '../../src/cli/fault-bench.ts';
import { FAULTS } from '../../src/gateway/faults.ts';
import { renderMatrix } from '../../src/mutant/matrix.ts';
import { PACKAGE_ROOT, testIo } from '../support/io.ts';

const page = readFileSync(join(PACKAGE_ROOT, 'docs/kill-matrix.md'), 'utf8');

test('the page lists the faults of now with what they name (npm run matrix)', () => {
  const rows = FAULTS.map((fault) => ({
    name: fault.name,
    description: fault.description,
    breaks: fault.breaks,
    prevents: fault.prevents ?? [],
    isExact: true,
  }));
  expect([renderMatrix(rows, true), renderMatrix(rows, false)]).toContain(page);
});

test('the page lists every check of the suites that can fail, and no other', async () => {
  const { plan } = await openFaultBench(testIo({ argv: ['selftest'] }), 'seed');
  const able = plan.runnable.flatMap(({ scenario, checks }) =>
    checks
      .filter((check) => check.condition.kind !== 'record' && plan.levelOf(check) !== 'may')
      .map(({ id }) => `${scenario}#${id}`),
  );
  const table = page.slice(page.indexOf('## Checks'));
  const listed = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, check]) => check);
  expect(listed).toEqual([...new Set(able)].toSorted());
});
