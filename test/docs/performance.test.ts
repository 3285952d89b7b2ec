// docs/performance.md says what was measured, and nothing else.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../support/io.ts';

it('the page of figures is what the kept figures make', async () => {
  const script = join(PACKAGE_ROOT, 'bench/performance-page.mjs');
  await expect(promisify(execFile)(process.execPath, [script, '--check'])).resolves.toMatchObject({
    stderr: '',
  });
});
