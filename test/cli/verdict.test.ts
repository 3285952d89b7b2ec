// Verdicts that were wrong once, each from a run of the command.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { deviations, runAssay, verdictLines } from '../support/assay.ts';
import { portOf } from '../support/process.ts';

test('an endpoint at which nothing is invoked does not make the probe a silent one', async () => {
  const ran = await runAssay(['connect/no-connect-route']);
  expect(verdictLines(ran.result())).toEqual([
    'passed no-connect-route#opens',
    'passed no-connect-route#default-not-called',
  ]);
  expect(ran.code).toBe(0);
});

test('an endpoint that refuses the right credential does not make the probe a silent one', async () => {
  const ran = await runAssay(['api-key/accepted', '--fault', 'api-key-from-another-header']);
  expect(deviations(ran.result())).toEqual(['failed accepted#opens']);
  expect(ran.code).toBe(1);
});

test('what invokes nobody takes up no plan', async () => {
  const ran = await runAssay(['plan.yaml'], {
    files: {
      'plan.yaml': `title: The plan of a message is that message's
steps:
  - connect:
  - send: { ping: x }
  - send: { pong: x }
  - send: { frames: [{ opcode: ping, payload: x }] }
  - send: { text: hello, backend: { delay: 300ms } }
  - wait: message.ended
checks:
  delayed: { elapsed: { from: message.started, to: message.ended, gte: 300ms } }
`,
    },
  });
  expect(verdictLines(ran.result())).toEqual(['passed plan#delayed']);
});

test('a connection that never opened was not ended by the frame that could not be sent', async () => {
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  let count = 0;
  server.on('upgrade', (request, socket, head) => {
    count += 1;
    if (count % 2 === 0) socket.end('HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\n');
    // What the check sends is an error to this server, and no more than that.
    else sockets.handleUpgrade(request, socket, head, (client) => client.on('error', () => {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${portOf(server)}/`;
  const ran = await runAssay(['rfc6455-handshake/reserved-opcode', '--url', url]);
  server.close();
  expect(verdictLines(ran.result())).toEqual([
    'failed reserved-opcode#connection-ends',
    'recorded reserved-opcode#as-seen',
  ]);
  expect(ran.code).toBe(1);
});
