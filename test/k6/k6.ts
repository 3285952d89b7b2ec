// The k6 that tests run: named by K6, built beside this file (.ci/run does that), or on the PATH.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BUILT = fileURLToPath(new URL('./build/k6', import.meta.url));

/** Where it is. */
export const K6 = process.env['K6'] ?? (existsSync(BUILT) ? BUILT : 'k6');

/** Why there is none, as the end of a test's name; empty where there is one. */
export const NO_K6 =
  spawnSync(K6, ['version']).status === 0
    ? ''
    : ' (skipped: there is no k6; go build in test/k6/build makes one)';
