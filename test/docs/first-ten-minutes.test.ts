// Every command of docs/first-ten-minutes.md, in a shell, one after the other, in one folder.
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BIN, start } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { PACKAGE_ROOT } from '../support/io.ts';
import { startWsServer } from '../support/ws-server.ts';
import { blocksOf } from './markdown.ts';

const FILE = 'docs/first-ten-minutes.md';
const HERE = 'ws://127.0.0.1:8080/';

function commands(): readonly string[] {
  const text = readFileSync(join(PACKAGE_ROOT, FILE), 'utf8');
  return blocksOf({ file: FILE, text })
    .filter(({ language }) => language === 'sh')
    .flatMap((block) => block.text.trim().split('\n'));
}

test('the commands of the first ten minutes do what the page says', async () => {
  const { url } = await startWsServer();
  const cwd = folderWith({ npx: `#!/bin/sh\nshift\nexec '${process.execPath}' '${BIN}' "$@"\n` });
  chmodSync(join(cwd, 'npx'), 0o755);
  const env = { PATH: `${cwd}:${process.env['PATH'] ?? ''}` };
  const codes: (readonly [string, number])[] = [];
  for (const line of commands()) {
    const { done } = start(['sh', '-c', `${line.replace(HERE, `${url}/`)} </dev/null`], {
      cwd,
      env,
    });
    codes.push([line.replace(/^npx ws-assay (\S+).*/, '$1'), (await done).code]);
  }
  expect(codes).toEqual([
    ['doctor', 0],
    ['init', 0],
    ['validate', 0],
    ['run', 0],
    // npm `ws` keeps to RFC 6455 where a MUST is concerned.
    ['run', 0],
  ]);
  expect(readFileSync(join(cwd, '.github/workflows/ws-assay.yml'), 'utf8')).toContain('npm ci');
});
