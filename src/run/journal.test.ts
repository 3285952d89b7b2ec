import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunEvent } from '../result/run-event.ts';
import { createJournal, parseJournal } from './journal.ts';

const STARTED: RunEvent = { event: 'case-started', id: 'a', atUs: 1 };
const PROBLEM: RunEvent = {
  event: 'problem',
  problem: { code: 'X', message: 'line\nbreak \u2028' },
};

test('what was appended is read back', () => {
  const path = newPath();
  const journal = createJournal(path);
  journal.append(STARTED);
  journal.append(PROBLEM);
  journal.close();
  expect(parseJournal(readFileSync(path, 'utf8'))).toEqual([STARTED, PROBLEM]);
});

test('every appended event is in the file at once, before anything is closed', () => {
  const path = newPath();
  const journal = createJournal(path);
  journal.append(STARTED);
  expect(parseJournal(readFileSync(path, 'utf8'))).toEqual([STARTED]);
  journal.close();
});

test('a torn tail is ignored wherever it was cut', () => {
  const whole = `${JSON.stringify(STARTED)}\n`;
  const torn = `${JSON.stringify(PROBLEM)}\n`;
  for (let cut = 1; cut < torn.length - 1; cut++) {
    expect(parseJournal(whole + torn.slice(0, cut))).toEqual([STARTED]);
  }
});

test('a journal never overwrites another one', () => {
  const path = newPath();
  createJournal(path).close();
  expect(() => createJournal(path)).toThrowError(
    expect.objectContaining({ code: 'REPORT_NOT_WRITABLE' }),
  );
});

function newPath(): string {
  return join(mkdtempSync(join(tmpdir(), 'assay-journal-')), 'journal.ndjson');
}
