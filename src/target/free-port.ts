// Ports for a target that we start. Outside the ephemeral range of every common system, so that
// an outgoing connection of ours cannot take one between the look and the launch.
import { createServer, type Server } from 'node:net';
import type { Random } from '../base/random.ts';

/**
 * Finds that many free TCP ports on the loopback address, between 20000 and 31999, no two alike. All
 * are kept until the last is found; whoever binds first has them then.
 */
export async function findFreePorts(count: number, random: Random): Promise<readonly number[]> {
  const kept = new Map<number, Server>();
  try {
    for (let draw = 0; draw < DRAWS && kept.size < count; draw++) {
      const port = LOWEST + random.integer(RANGE);
      const server = kept.has(port) ? undefined : await bind(port);
      if (server !== undefined) kept.set(port, server);
    }
  } finally {
    await Promise.all([...kept.values()].map(close));
  }
  if (kept.size < count) throw new RangeError(`no ${count} free ports between 20000 and 31999`);
  return [...kept.keys()];
}

/** True when nobody listens there now. */
export async function isFreePort(port: number): Promise<boolean> {
  const server = await bind(port);
  if (server === undefined) return false;
  await close(server);
  return true;
}

const LOWEST = 20_000;
const RANGE = 12_000;
const DRAWS = 2000;

function bind(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
