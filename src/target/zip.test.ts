import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { zipOf } from './zip.ts';

const hasPython = (() => {
  try {
    execFileSync('python3', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

it.skipIf(!hasPython)('is read by another implementation (python3 zipfile)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-zip-'));
  try {
    const file = join(folder, 'a.zip');
    const content = Buffer.from('é\n'.repeat(3000));
    writeFileSync(
      file,
      zipOf([
        { name: 'a.mjs', content },
        { name: 'folder/b', content: Buffer.alloc(0) },
      ]),
    );
    const script = `import zipfile, json, sys
z = zipfile.ZipFile(sys.argv[1])
print(json.dumps([z.testzip(), [[i.filename, i.file_size, oct(i.external_attr >> 16)] for i in z.infolist()], z.read("a.mjs").decode()]))`;
    const read: unknown = JSON.parse(execFileSync('python3', ['-c', script, file]).toString());
    expect(read).toEqual([
      null,
      [
        ['a.mjs', 9000, '0o100644'],
        ['folder/b', 0, '0o100644'],
      ],
      content.toString(),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('gives the same bytes for the same files', () => {
  const entries = [{ name: 'a', content: Buffer.from('x') }];
  expect(zipOf(entries).equals(zipOf(entries))).toBe(true);
});
