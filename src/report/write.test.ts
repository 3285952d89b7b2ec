import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GREEN_RUN, HOSTILE_RUN } from './fixture/run-result.ts';
import { parseRunResult } from './json.ts';
import { writeReports } from './write.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ws-assay-report-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('writes four reports into a new directory and leaves nothing else there', async () => {
  const out = join(directory, 'reports', 'run');
  const paths = await writeReports(HOSTILE_RUN, out, { junitDialect: 'xunit-strict' });
  expect(paths).toEqual({
    json: join(out, 'result.json'),
    junit: join(out, 'junit.xml'),
    html: join(out, 'report.html'),
    markdown: join(out, 'summary.md'),
  });
  expect((await readdir(out)).toSorted()).toEqual([
    'junit.xml',
    'report.html',
    'result.json',
    'summary.md',
  ]);
  expect(parseRunResult(await readFile(paths.json, 'utf8'))).toEqual({
    kind: 'result',
    result: HOSTILE_RUN,
  });
  expect(await readFile(paths.junit, 'utf8')).not.toContain(' file=');
});

test('failed checks point at the HTML report', async () => {
  const { junit, html } = await writeReports(HOSTILE_RUN, directory);
  expect(await readFile(junit, 'utf8')).toContain(`\n[[ATTACHMENT|${html}]]\n`);
});

test('replaces an older report, and a link instead of what it points at', async () => {
  const elsewhere = join(directory, 'elsewhere');
  await writeFile(elsewhere, 'untouched');
  await symlink(elsewhere, join(directory, 'result.json'));
  await writeReports(HOSTILE_RUN, directory);
  await writeReports(GREEN_RUN, directory);
  expect(await readFile(elsewhere, 'utf8')).toBe('untouched');
  expect(JSON.parse(await readFile(join(directory, 'result.json'), 'utf8'))).toMatchObject({
    exitCode: 0,
  });
});

test('says where it cannot write', async () => {
  const file = join(directory, 'file');
  await writeFile(file, '');
  await expect(writeReports(GREEN_RUN, join(file, 'reports'))).rejects.toMatchObject({
    code: 'REPORT_NOT_WRITABLE',
    message: `Cannot write ${join(file, 'reports')}: ENOTDIR.`,
    hint: 'Choose a directory that can be written, with --out <directory>.',
  });
});

test('leaves no temporary file behind when it fails', async () => {
  await mkdir(join(directory, 'report.html'));
  await expect(writeReports(GREEN_RUN, directory)).rejects.toMatchObject({
    code: 'REPORT_NOT_WRITABLE',
  });
  expect((await readdir(directory)).toSorted()).toEqual([
    'junit.xml',
    'report.html',
    'result.json',
  ]);
});
