// A port for a target that we start. Outside the ephemeral range of every common system, so that
// an outgoing connection of ours cannot take it between the look and the launch.
import { createServer } from 'node:net';
import type { Random } from '../base/random.ts';

/** Finds a free TCP port on the loopback address, between 20000 and 31999. */
export async function findFreePort(random: Random): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = 20_000 + random.integer(12_000);
    if (await isFree(port)) return port;
  }
  throw new RangeError('no free port between 20000 and 31999');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
