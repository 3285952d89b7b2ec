// What a user reads of an answer that came too late, and of one without a body.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { findingOf, runAssay, verdictLines } from '../support/assay.ts';
import { portOf } from '../support/process.ts';

/** Refuses /no with an empty 403; answers each message 300 ms after it came. */
async function startSlowServer(): Promise<string> {
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith('/no') === true) {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('message', () => setTimeout(() => client.send('late'), 300));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `ws://127.0.0.1:${portOf(server)}/`;
}

it('tells by how much a message came too late, although its check had failed before', async () => {
  const scenario = `title: The answer comes at once
steps:
  - connect:
  - send: { text: hi }
checks:
  soon: { received: { count: 1 }, within: 50ms }
  some-time: { received: { count: 1 }, within: 2s }
`;
  const url = await startSlowServer();
  const ran = await runAssay(['a.yaml', '--url', url], { files: { 'a.yaml': scenario } });
  expect(verdictLines(ran.result())).toEqual(['failed a#soon', 'passed a#some-time']);
  expect(findingOf(ran.result(), 'a#soon').message).toMatch(
    /^no message came; a message came \d{2,}(\.\d)? ms too late/,
  );
});

it('an empty body is the empty text, and is not there', async () => {
  const scenario = `title: A refusal says nothing
steps:
  - connect: { path: /no }
checks:
  empty: { handshake: { status: 403, body: "" } }
  absent: { handshake: { body: { absent: true } } }
  there: { handshake: { body: { absent: false } } }
`;
  const url = await startSlowServer();
  const ran = await runAssay(['a.yaml', '--url', url], { files: { 'a.yaml': scenario } });
  expect(verdictLines(ran.result())).toEqual([
    'passed a#empty',
    'passed a#absent',
    'failed a#there',
  ]);
});
