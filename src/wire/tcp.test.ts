import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { connectTcp, formatAddress } from './tcp.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function listenOn(host: string, port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.on('error', () => {}));
  server.listen(port, host);
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  const address = server.address();
  return { server, port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}

async function open(addresses: readonly string[], port: number): Promise<Socket | Error> {
  const result = await connectTcp({ addresses, port }).socket;
  if (!(result instanceof Error)) cleanUps.push(() => result.destroy());
  return result;
}

function remoteOf(result: Socket | Error): string | undefined {
  return result instanceof Error ? `${result}` : result.remoteAddress;
}

// A listener that accepts nothing: once its queue is full, the kernel drops what comes (Linux).
const SWALLOW = `
import socket, sys
s = socket.socket(); s.bind(('127.0.0.2', 0)); s.listen(0)
print(s.getsockname()[1], flush=True); sys.stdin.read()`;

async function swallowingPort(): Promise<number> {
  const child = spawn('python3', ['-c', SWALLOW], { stdio: ['pipe', 'pipe', 'inherit'] });
  cleanUps.push(() => child.kill());
  const [bytes] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(bytes.toString());
  for (let filled = 0; filled < 4; filled += 1) {
    const socket = connect(port, '127.0.0.2').on('error', () => {});
    cleanUps.push(() => socket.destroy());
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  return port;
}

describe('connectTcp', () => {
  it('takes the first address that accepts', async () => {
    const { port } = await listenOn('127.0.0.1');
    await listenOn('127.0.0.3', port);
    expect(remoteOf(await open(['127.0.0.1', '127.0.0.3'], port))).toBe('127.0.0.1');
    expect(remoteOf(await open(['127.0.0.3', '127.0.0.1'], port))).toBe('127.0.0.3');
  });

  it('goes on to the next at once when one refuses', async () => {
    const { port } = await listenOn('127.0.0.1');
    const began = performance.now();
    expect(remoteOf(await open(['127.0.0.4', '127.0.0.5', '127.0.0.1'], port))).toBe('127.0.0.1');
    expect(performance.now() - began).toBeLessThan(240);
  });

  it('goes on to the next after a while when one swallows everything', async () => {
    const port = await swallowingPort();
    await listenOn('127.0.0.1', port);
    const began = performance.now();
    expect(remoteOf(await open(['127.0.0.2', '127.0.0.1'], port))).toBe('127.0.0.1');
    expect(performance.now() - began).toBeGreaterThan(240);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('fails as the last address failed', async () => {
    const { server, port } = await listenOn('127.0.0.1');
    server.close();
    await once(server, 'close');
    const result = await open(['127.0.0.4', '127.0.0.1'], port);
    expect(result).toMatchObject({ code: 'ECONNREFUSED', address: '127.0.0.1' });
  });

  it('fails for an argument that Node throws at', async () => {
    const attempt = connectTcp({ addresses: ['127.0.0.1'], port: 1, localAddress: 'nonsense' });
    expect(await attempt.socket).toMatchObject({ code: 'ERR_INVALID_IP_ADDRESS' });
  });

  it('connects to IPv6', async () => {
    const { port } = await listenOn('::1');
    expect(remoteOf(await open(['::1'], port))).toBe('::1');
    expect(formatAddress('::1', port)).toBe(`[::1]:${port}`);
  });

  it('leaves nothing open once cancelled', async () => {
    const { server, port } = await listenOn('127.0.0.1');
    const attempt = connectTcp({ addresses: ['127.0.0.1'], port });
    attempt.cancel();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const count = await new Promise((resolve) => server.getConnections((_, n) => resolve(n)));
    expect(count).toBe(0);
  });
});
