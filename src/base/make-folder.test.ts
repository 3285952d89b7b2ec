import { existsSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

const base = mkdtempSync(join(tmpdir(), 'assay-folder-'));

test('makes what is missing, and leaves what is there', () => {
  makeFolder(join(base, 'a/b/c'));
  expect(statSync(join(base, 'a/b/c')).isDirectory()).toBe(true);
  writeFileSync(join(base, 'a/b/c/file'), '');
  makeFolder(join(base, 'a/b/c'));
  makeFolder(join(base, 'a/b/d'));
  expect(existsSync(join(base, 'a/b/c/file'))).toBe(true);
});

test.each([
  ['a file', 'file', 'EEXIST'],
  ['something below a file', 'file/below', 'ENOTDIR'],
])('%s is no folder', (_, path, code) => {
  writeFileSync(join(base, 'file'), '');
  expect(() => makeFolder(join(base, path))).toThrowError(expect.objectContaining({ code }));
});

test.skipIf(!existsSync('/proc/self'))('does not try for ever where nothing can be made', () => {
  expect(() => makeFolder('/proc/nowhere/at/all')).toThrowError(
    expect.objectContaining({ code: 'ENOENT' }),
  );
});

test.skipIf(process.getuid?.() === 0)('says when it may not', () => {
  const locked = join(base, 'locked');
  mkdirSync(locked, { mode: 0o500 });
  expect(() => makeFolder(join(locked, 'x'))).toThrowError(
    expect.objectContaining({ code: 'EACCES' }),
  );
});
