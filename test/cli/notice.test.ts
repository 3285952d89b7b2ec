// What a run says beside its verdicts.
import { expect, test } from 'vitest';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

const RECORDS = `title: Only looked at
steps:
  - connect:
checks:
  seen: { record: [handshake.status] }
`;

const HOLDS = `title: Held too shortly to show anything
steps:
  - connect: { backend: { $connect: { hold: 100ms } } }
  - release: $connect
checks:
  opens: { handshake: { status: 101 } }
`;

test('a scenario of one’s own without a target says where it runs', async () => {
  const done = await inProcess(['run', 'mine.yaml'], { cwd: folderWith({ 'mine.yaml': HOLDS }) });
  expect(done.stderr).toContain(
    'Neither --url nor --target is given: this runs against the embedded reference gateway.',
  );
  expect(done.stderr).toContain('warning SCN_SHORT_HOLD');
  expect(done.code).toBe(0);
});

test('where nothing is decided, exit code 3 has its sentence', async () => {
  const done = await inProcess(['run', 'mine.yaml'], { cwd: folderWith({ 'mine.yaml': RECORDS }) });
  expect(done.stderr).toContain('NOTHING_DECIDED: No check was decided');
  expect(done.code).toBe(3);
});
