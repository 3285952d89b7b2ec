// TCP and TLS: ends and silence at each phase, and the wrong protocol on a port.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startHandServer } from '../../support/hand-server.ts';
import {
  drips,
  type Misbehaviour,
  onBytes,
  onConnect,
  row,
  says,
  unopened,
  unreachable,
} from './misbehaviour.ts';

const NO_101 = 'HTTP/1.1 101 Switching Protocols\r\n';
const reset = (socket: Socket): void => void setTimeout(() => socket.resetAndDestroy(), 50);
const asTls =
  (start: Misbehaviour['start']): Misbehaviour['start'] =>
  async (pair) => {
    const server = await start(pair);
    return { url: server.url.replace('ws:', 'wss:'), stop: () => server.stop() };
  };
const ALERT = Buffer.from('1503030002022a', 'hex');
const HELLO_BEGUN = Buffer.from('160303007a0200007603', 'hex');

/** By what the server does. */
export const TRANSPORTS: Readonly<Record<string, Misbehaviour>> = {
  'FIN as soon as TCP stands': row(
    unopened(
      'there was no answer: the server closed the connection',
      'the server began to close with FIN',
    ),
    1,
    onConnect((socket) => void socket.end()),
  ),
  'RST as soon as TCP stands': row(
    unopened('there was no answer: read ECONNRESET', 'the server began to close with RST'),
    1,
    onConnect(reset),
  ),
  'FIN after the request': row(
    unopened(
      'there was no answer: the server closed the connection',
      'the server began to close with FIN',
    ),
    1,
    onBytes((socket) => void socket.end()),
  ),
  'RST after the request': row(
    unopened('there was no answer: read ECONNRESET', 'the server began to close with RST'),
    1,
    onBytes((socket) => socket.resetAndDestroy()),
  ),
  'FIN within the head': row(
    unopened(
      'there was no answer: the server closed the connection after "HTTP/1.1 101 Switching Protocols\\\\u{d}\\\\u{a}"',
      'the server began to close with FIN',
    ),
    1,
    onBytes((socket) => void socket.end(NO_101)),
  ),
  'RST within the head': row(
    unopened(
      'there was no answer: read ECONNRESET after "HTTP/1.1 101 Switching Protocols\\\\u{d}\\\\u{a}"',
      'the server began to close with RST',
    ),
    1,
    onBytes((socket) => {
      socket.write(NO_101);
      reset(socket);
    }),
  ),
  'silence, never reading': row(
    unopened('there was no answer: no answer came in time', 'the client began to close with RST'),
    1,
    onConnect((socket) => void socket.pause()),
  ),
  'silence after the request': row(
    unopened('there was no answer: no answer came in time', 'the client began to close with RST'),
    1,
    onConnect((socket) => void socket.resume()),
  ),
  'silence within the head': row(
    unopened(
      'there was no answer: the answer was not complete in time',
      'the client began to close with RST',
    ),
    1,
    says(NO_101),
  ),
  'an interim answer, then FIN': row(
    unopened(
      'there was no answer: the server closed the connection',
      'the server began to close with FIN',
    ),
    1,
    onBytes((socket) => void socket.end('HTTP/1.1 103 Early Hints\r\n\r\n')),
  ),
  'ws:// to a port with TLS': row(
    unopened(
      'there was no answer: the server closed the connection',
      'the server began to close with FIN',
    ),
    1,
    async (pair) => {
      const server = await startHandServer({}, pair);
      return { url: server.url.replace('wss:', 'ws:'), stop: () => server.stop() };
    },
  ),
  'wss:// to a port without TLS': row(
    unreachable(
      'wss://@/ did not complete TLS: wrong version number (ERR_SSL_WRONG_VERSION_NUMBER).',
    ),
    3,
    asTls(onBytes((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
  ),
  'wss:// to SSH': row(
    unreachable(
      'wss://@/ did not complete TLS: wrong version number (ERR_SSL_WRONG_VERSION_NUMBER).',
    ),
    3,
    asTls(onConnect((socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n'))),
  ),
  'an alert within the TLS handshake': row(
    unreachable(
      'wss://@/ did not complete TLS: sslv3 alert bad certificate (ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE).',
    ),
    3,
    asTls(onBytes((socket) => void socket.end(ALERT))),
  ),
  'FIN within the TLS handshake': row(
    unreachable(
      'wss://@/ did not complete TLS: Client network socket disconnected before secure TLS connection was established (ECONNRESET).',
    ),
    3,
    asTls(onBytes((socket) => void socket.end(HELLO_BEGUN))),
  ),
  'RST within the TLS handshake': row(
    unreachable('wss://@/ did not complete TLS: read ECONNRESET (ECONNRESET).'),
    3,
    asTls(
      onBytes((socket) => {
        socket.write(HELLO_BEGUN);
        reset(socket);
      }),
    ),
  ),
  'rubbish within the TLS handshake': row(
    unreachable('wss://@/ did not complete TLS: length mismatch (ERR_SSL_LENGTH_MISMATCH).'),
    3,
    asTls(
      onBytes((socket) => void socket.write(Buffer.concat([HELLO_BEGUN, Buffer.alloc(200, 0xff)]))),
    ),
  ),
  'TLS that drips': row(
    unreachable('wss://@/ did not complete TLS: no answer within T (TIMEOUT).'),
    3,
    asTls(
      onBytes((socket) => {
        socket.write(Buffer.from('1603034000', 'hex'));
        drips(() => 0)(socket);
      }),
    ),
  ),
  'a TLS record after which nothing comes': row(
    unreachable('wss://@/ did not complete TLS: no answer within T (TIMEOUT).'),
    3,
    asTls(says(HELLO_BEGUN)),
  ),
  'a certificate that nobody trusts': row(
    unreachable(
      'wss://@/ did not complete TLS: unable to verify the first certificate (UNABLE_TO_VERIFY_LEAF_SIGNATURE).',
    ),
    3,
    (pair) => startHandServer({}, pair),
  ),
  'an accept queue that is full': row(
    unreachable('ws://@/ cannot be reached: no connection within T (TIMEOUT).'),
    3,
    startFull,
  ),
};

// Connections that nobody accepts: a listener that is paused, with a queue for one.
async function startFull(): Promise<{ url: string; stop: () => void }> {
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, ['-e', FULL], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const stop = (): void => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
  };
  return { url: `ws://127.0.0.1:${port}/`, stop };
}

const FULL = `
  const { writeSync } = require('node:fs');
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120000);
  });
`;
