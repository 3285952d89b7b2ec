// Loads whose every attempt is signed, sent by k6 to a gateway that validates signatures by code of its own.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { RunResult } from '../../src/result/run-result.ts';
import { runBin } from '../support/command.ts';
import { K6, NO_K6 } from './k6.ts';

const cwd = mkdtempSync(join(tmpdir(), 'ws-assay-k6-'));
afterAll(() => rmSync(cwd, { recursive: true }));

const LOAD = `title: Every attempt is signed
load:
  connect: { endpoint: iam, credentials: CREDENTIALS }
  phases: [{ arrivalRate: 10/s, duration: 2s }]
  openFor: 100ms
thresholds:
  answered: { count: 20, of: { handshake: { status: STATUS } } }
`;

it.skipIf(NO_K6 !== '').each([
  ['default', 101, { opened: 20, refused: {} }],
  ['without-permission', 403, { opened: 0, refused: { 403: 20 } }],
])(`the credentials %s get %i${NO_K6}`, async (credentials, status, counts) => {
  const text = LOAD.replace('CREDENTIALS', credentials).replace('STATUS', String(status));
  writeFileSync(join(cwd, 'signed.yaml'), text);
  const args = ['run', 'signed.yaml', '--engine', 'k6', '--out', 'out'];
  const { stderr } = await runBin(args, { cwd, env: { K6 } });
  expect(stderr).toContain('iam: the signature in headers; the URL is presigned\n');
  // No threshold asks for events: nothing is said of what the backend was told.
  expect(stderr).not.toContain(' told ');
  const saved = readFileSync(join(cwd, 'out/result.json'), 'utf8');
  const { cases } = JSON.parse(saved) as RunResult;
  expect(cases[0]?.load?.total).toMatchObject({ offered: 20, unsent: 0, ...counts });
  expect(saved).not.toMatch(/X-Amz-Signature=[0-9a-f]{64}/);
});
