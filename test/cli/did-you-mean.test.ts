// A word that is nearly right is answered with the one that was meant: commands, options, values, ids.
import { expect, test } from 'vitest';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

test.each([
  ['rnu', 'run'],
  ['baseline updat', 'update'],
  ['export k7', 'k6'],
  ['run --targt reference', '--target'],
  ['run --fail-on mst', 'must'],
  ['run --reporter jnuit', 'junit'],
  ['run --target referense', 'reference'],
  ['doctor --target referense', 'reference'],
  ['run aws-apigatway', 'aws-apigateway'],
  ['run aws-apigateway --profile managment', 'management'],
  ['run connect/throw', 'connect/throws'],
  ['list connect/throw', 'connect/throws'],
  ['explain connect/throw', 'connect/throws'],
  ['explain connect/throws#status-503', 'connect/throws#status-502'],
  ['explain connect.integration.throw-502', 'connect.integration.throws-502'],
  ['run --fault open-before-integration', 'opens-before-integration'],
  ['selftest open-before-integration', 'opens-before-integration'],
  ['gateway --fault open-before-integration', 'opens-before-integration'],
])('ws-assay %s', async (line, meant) => {
  const { code, stdout, stderr } = await inProcess(line.split(' '), { cwd: folderWith() });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`Did you mean ${meant}?`);
});

test('nothing is suggested where nothing is near', async () => {
  const { code, stderr } = await inProcess(['run', '--target', 'quite-another'], {
    cwd: folderWith(),
  });
  expect(code).toBe(2);
  expect(stderr).not.toContain('Did you mean');
});
