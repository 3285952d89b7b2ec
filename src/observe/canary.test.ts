import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { decodeEventRecords } from '../probe/event-record.ts';
import { createCanarySender } from './canary.ts';

const CLOCK = { wallMs: () => 1_795_382_399_000 };

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ws-assay-canary-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

test('the command gets a record as a line, in its folder, and the id by name', async () => {
  const directory = folder();
  const command = ['sh', '-c', 'cat > put; printf %s "$WS_ASSAY_CANARY" > id'];
  const sender = createCanarySender({ command, directory }, CLOCK);
  expect(await sender.put('canary-1')).toBeUndefined();
  const text = readFileSync(join(directory, 'put'), 'utf8');
  expect(text).toBe(
    '{"v":1,"type":"CANARY","phase":"started","at":1795382399000,"nonce":"canary-1"}\n',
  );
  expect(decodeEventRecords(text).ok).toBe(true);
  expect(readFileSync(join(directory, 'id'), 'utf8')).toBe('canary-1');
});

test.each([
  [
    'one that fails',
    ['sh', '-c', 'echo first >&2; echo no queue >&2; exit 3'],
    'ended with exit code 3; it said: no queue',
  ],
  ['one that says nothing', ['sh', '-c', 'exit 4'], 'ended with exit code 4'],
  ['one that reads nothing', ['true'], undefined],
  ['one that is not there', ['/nowhere/put'], expect.stringMatching(/^could not be run: .*ENOENT/)],
])('%s', async (_, command, told) => {
  const sender = createCanarySender({ command, directory: folder() }, CLOCK);
  expect(await sender.put('canary-1')).toEqual(told);
});
