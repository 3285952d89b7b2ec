// npm's `ws` as a server inside the test's process.
import { once } from 'node:events';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { portOf, type Running } from '../support/process.ts';

/** Starts it; a server without a listener for errors would end with the first wrong frame. */
export async function startWs(
  greet: (connection: WebSocket) => void = () => {},
  options: ServerOptions = {},
): Promise<Running> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  server.on('connection', (connection: WebSocket) => {
    connection.on('error', () => {});
    greet(connection);
  });
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: portOf(server), stop };
}
