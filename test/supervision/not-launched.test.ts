// An endpoint that somebody else started: that it is gone can be seen, and the case after which it
// went is named, not the ones that come later.
import { expect, test } from 'vitest';
import { inProcess, start } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { freePort } from '../support/process.ts';

// The usual mistake: no listener for errors, so one malformed frame ends the process.
const SERVER = `
  import { WebSocketServer } from 'ws';
  new WebSocketServer({ host: '127.0.0.1', port: Number(process.env.PORT) }, () => console.log('ready'));
`;

test('the case after which an endpoint is gone has failed, and the rest was not run', async () => {
  const port = await freePort();
  const server = start([process.execPath, '--input-type=module', '-e', SERVER], {
    cwd: process.cwd(),
    env: { PORT: String(port) },
  });
  await server.printed('stdout', /ready/);
  const cwd = folderWith({});
  const ids = ['reserved-bits', 'reserved-opcode', 'unmasked-frame'];
  const done = await inProcess(
    [
      'run',
      ...ids.map((id) => `rfc6455-handshake/${id}`),
      '--url',
      `ws://127.0.0.1:${port}/`,
      '--reporter',
      'json',
    ],
    { cwd },
  );
  const result = JSON.parse(done.stdout);
  expect(result.cases).toMatchObject([
    {
      id: 'rfc6455-handshake/reserved-bits',
      findings: expect.arrayContaining([
        expect.objectContaining({ check: 'target-survives', verdict: 'failed' }),
      ]),
    },
  ]);
  expect(result.notRun).toEqual([
    'rfc6455-handshake/reserved-opcode',
    'rfc6455-handshake/unmasked-frame',
  ]);
  expect(result.problems).toMatchObject([{ code: 'TARGET_DIED' }]);
  expect(done.code).toBe(3);
});
