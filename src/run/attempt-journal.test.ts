import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createRedactor } from '../base/redact.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';
import { parseAttempts } from './attempt-file.ts';
import { type AttemptsHead, createAttemptJournal } from './attempt-journal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ws-assay-attempts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

const HEAD: AttemptsHead = {
  load: 'load/a',
  nonce: 'abcdefghijklm',
  startedAt: '2026-01-01T00:00:00.000Z',
  phases: ['ramp', 'peak'],
  endings: ['close', 'fin'],
  watchMs: 5000,
  boundMs: null,
};
const OPENED: LoadAttempt = {
  number: 7,
  phase: 1,
  endpoint: 0,
  ending: 1,
  outcome: 'opened',
  status: 101,
  subprotocol: 'chat',
  dueMs: 10,
  startMs: 10.125,
  connectedMs: 10.5,
  securedMs: Number.NaN,
  sentMs: 10.75,
  firstByteMs: 11,
  answeredMs: 11.25,
  closingMs: 1011.25,
  closedMs: 1012,
  closedBy: 'client',
  closedHow: 'fin',
  closeCode: 1006,
  endedByUs: true,
};
const UNSENT: LoadAttempt = {
  ...OPENED,
  number: 8,
  outcome: 'unsent',
  status: 0,
  subprotocol: undefined,
  startMs: Number.NaN,
  closedBy: undefined,
  closedHow: undefined,
  closeCode: undefined,
  endedByUs: false,
};

function journalAt(path: string, failures: string[] = []) {
  const redactor = createRedactor();
  redactor.register('token', 'Secret-Token-12345');
  return createAttemptJournal(path, { redactor, onFailure: (why) => failures.push(why) });
}

test('what is written is what is read, load by load', () => {
  const path = join(folder, 'attempts.ndjson');
  const journal = journalAt(path);
  const first = journal.begin(HEAD);
  first.event({ number: 7, type: 'CONNECT', atMs: 11, invocationId: 'i-1' });
  first.canary('canary-1', 10.98765);
  first.gap({ fromMs: 3, toMs: 4.00049, why: 'it was "away"' });
  first.take([OPENED, UNSENT]);
  const second = journal.begin({ ...HEAD, load: 'load/b', boundMs: 3 });
  second.event({ number: 0, type: 'DISCONNECT', atMs: 12.3456, invocationId: 'i-2' });
  second.flush();
  journal.close();
  expect(parseAttempts(readFileSync(path, 'utf8'))).toEqual([
    {
      head: expect.objectContaining(HEAD),
      attempts: [OPENED, UNSENT],
      events: [{ number: 7, type: 'CONNECT', atMs: 11, invocationId: 'i-1' }],
      canaries: [{ id: 'canary-1', atMs: 10.988 }],
      gaps: [{ fromMs: 3, toMs: 4, why: 'it was "away"' }],
    },
    {
      head: expect.objectContaining({ load: 'load/b', boundMs: 3 }),
      attempts: [],
      events: [{ number: 0, type: 'DISCONNECT', atMs: 12.346, invocationId: 'i-2' }],
      canaries: [],
      gaps: [],
    },
  ]);
});

test('without a load there is no file', () => {
  journalAt(join(folder, 'attempts.ndjson')).close();
  expect(() => readFileSync(join(folder, 'attempts.ndjson'))).toThrow('ENOENT');
});

test('a secret that an endpoint repeats does not get into it', () => {
  const path = join(folder, 'attempts.ndjson');
  const journal = journalAt(path);
  journal.begin(HEAD).take([{ ...OPENED, subprotocol: 'Secret-Token-12345' }]);
  journal.close();
  const text = readFileSync(path, 'utf8');
  expect(text).not.toContain('Secret-Token-12345');
  expect(parseAttempts(text)?.[0]?.attempts).toHaveLength(1);
});

test('what is acknowledged is there before the journal is closed, and events wait for no more than 500 others', () => {
  const path = join(folder, 'attempts.ndjson');
  const lines = journalAt(path).begin(HEAD);
  for (let number = 0; number < 501; number += 1)
    lines.event({ number, type: 'DISCONNECT', atMs: number, invocationId: `i-${number}` });
  expect(parseAttempts(readFileSync(path, 'utf8'))?.[0]?.events).toHaveLength(500);
  lines.take([OPENED]);
  const [load] = parseAttempts(readFileSync(path, 'utf8')) ?? [];
  expect([load?.events.length, load?.attempts.length]).toEqual([501, 1]);
});

test('a torn last line is what a kill leaves', () => {
  const path = join(folder, 'attempts.ndjson');
  journalAt(path).begin(HEAD).take([OPENED, UNSENT]);
  const text = readFileSync(path, 'utf8');
  expect(parseAttempts(text.slice(0, -20))?.[0]?.attempts).toEqual([OPENED]);
});

test('what cannot be written is said once, and nothing else is tried', () => {
  writeFileSync(join(folder, 'a-file'), '');
  const failures: string[] = [];
  const lines = journalAt(join(folder, 'a-file', 'attempts.ndjson'), failures).begin(HEAD);
  lines.take([OPENED]);
  lines.take([OPENED]);
  expect(failures).toEqual([expect.stringMatching(/^Cannot write .*attempts\.ndjson: ENOTDIR/)]);
});

test.each(['', '[]', '["attempt",1]', '{"v":1}', 'nothing of ours\n'])(
  '%j is no such file',
  (text) => {
    expect(parseAttempts(text)).toBeUndefined();
  },
);
