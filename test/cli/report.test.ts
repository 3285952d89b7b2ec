// `ws-assay report`: every report again from what a run saved, or one sentence why not.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { runAssay } from '../support/assay.ts';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

const NAMES = ['report.html', 'junit.xml', 'summary.md', 'result.json', 'journal.ndjson'];
let saved: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  const ran = await runAssay(['connect/refuses-with-400', '--fault', 'refuses-with-403-always']);
  saved = Object.fromEntries(
    NAMES.map((name) => [name, ran.files[`out/${name}`]?.toString('utf8') ?? '']),
  );
});

function savedIn(names: readonly string[]): string {
  return folderWith(Object.fromEntries(names.map((name) => [`run/${name}`, saved[name] ?? ''])));
}

it.each([
  ['a folder', NAMES, 'run'],
  ['result.json alone', ['result.json'], 'run/result.json'],
  ['a folder that only has the journal', ['journal.ndjson'], 'run'],
  ['the journal', ['journal.ndjson'], 'run/journal.ndjson'],
])('makes the same reports from %s', async (_, names, given) => {
  const cwd = savedIn(names);
  const done = await inProcess(['report', given, '--out', 'again'], { cwd });
  expect(done).toMatchObject({ code: 1, stdout: '' });
  expect(done.stderr).toContain('Failed: 1 of 1 decided checks failed.');
  expect(readdirSync(join(cwd, 'again')).toSorted()).toEqual([
    'junit.xml',
    'report.html',
    'result.json',
    'summary.md',
  ]);
  for (const name of ['report.html', 'summary.md', 'result.json']) {
    expect(readFileSync(join(cwd, 'again', name), 'utf8')).toBe(saved[name]);
  }
});

it('ignores a torn last line of the journal', async () => {
  const cwd = savedIn(['journal.ndjson']);
  const path = join(cwd, 'run/journal.ndjson');
  const journal = readFileSync(path, 'utf8');
  writeFileSync(path, journal.slice(0, journal.lastIndexOf('{"event":"run-ended"') + 9));
  const done = await inProcess(['report', 'run'], { cwd });
  expect(done.code).toBe(130);
  expect(done.stderr).toContain('without finishing its journal');
});

it.each([
  ['nothing', {}, 'none', 'There is no '],
  ['an empty folder', { 'run/x.txt': '' }, 'run', 'holds neither result.json nor journal.ndjson'],
  [
    'a truncated result',
    { 'r.json': '{"schemaVersion": 1, "tool": {' },
    'r.json',
    'not complete JSON',
  ],
  ['an empty file', { 'r.json': '' }, 'r.json', 'r.json'],
  ['another JSON', { 'r.json': '{"name":"x"}' }, 'r.json', 'not a ws-assay result'],
  [
    'a result of a later version',
    { 'r.json': '{"schemaVersion":99,"tool":{"name":"ws-assay","version":"9.0.0"}}' },
    'r.json',
    '99',
  ],
  ['an empty journal', { 'j.ndjson': '' }, 'j.ndjson', 'not the journal of a run'],
  ['another NDJSON', { 'j.ndjson': '{"a":1}\n' }, 'j.ndjson', 'not the journal of a run'],
])('refuses %s in one sentence with exit code 2', async (_, files, given, message) => {
  const done = await inProcess(['report', given], { cwd: folderWith(files) });
  expect(done).toMatchObject({ code: 2, stdout: '' });
  expect(done.stderr).toContain(message);
  expect(done.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
});
