import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { findFreePorts, isFreePort } from './free-port.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function take(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
}

test('a port that is drawn twice is given once', async () => {
  const drawn = [7, 7, 7, 8, 8, 9];
  const random = { ...seededRandom('ports'), integer: () => drawn.shift() ?? 0 };
  expect(await findFreePorts(3, random)).toEqual([20_007, 20_008, 20_009]);
});

test('a port that is taken is not given, and is seen to be taken', async () => {
  const [port = 0] = await findFreePorts(1, seededRandom(`taken-${process.pid}`));
  expect(await isFreePort(port)).toBe(true);
  await take(port);
  expect(await isFreePort(port)).toBe(false);
  const drawn = [port - 20_000, port === 20_000 ? 1 : 0];
  const random = { ...seededRandom('ports'), integer: () => drawn.shift() ?? 2 };
  expect(await findFreePorts(1, random)).not.toContain(port);
});

test('where none is free that is an error, soon', async () => {
  const [port = 0] = await findFreePorts(1, seededRandom(`none-${process.pid}`));
  await take(port);
  const random = { ...seededRandom('ports'), integer: () => port - 20_000 };
  await expect(findFreePorts(2, random)).rejects.toThrow('no 2 free ports');
});
