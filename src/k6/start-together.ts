// Processes of k6 that shall begin at one instant: each is started paused, and told over its REST interface.
// https://grafana.com/docs/k6/latest/reference/k6-rest-api/
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { K6Process } from './process.ts';

/** Starts so many and resolves when all have been told to begin, or one has ended before. */
export async function startTogether(
  count: number,
  start: (index: number, address: string) => K6Process,
): Promise<readonly K6Process[]> {
  const ports = await freePorts(count);
  const processes = ports.map((port, index) => start(index, `127.0.0.1:${port}`));
  await Promise.all(ports.map((port, index) => untilPaused(port, processes[index])));
  await Promise.all(ports.map((port) => resume(port).catch(() => undefined)));
  return processes;
}

const LOOKS = 600;
const LOOK_MS = 50;

interface Status {
  readonly data?: { readonly attributes?: { readonly paused?: boolean; readonly status?: number } };
}

// Its state when all virtual users are there.
const INITIALISED = 4;

async function untilPaused(port: number, process: K6Process | undefined): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    if (process?.hasEnded === true) return;
    const status = await statusOf(port).catch(() => undefined);
    const { status: state = 0 } = status?.data?.attributes ?? {};
    if (state >= INITIALISED) return;
    await sleep(LOOK_MS);
  }
}

async function statusOf(port: number): Promise<Status> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/status`);
  return (await answer.json()) as Status;
}

async function resume(port: number): Promise<void> {
  await fetch(`http://127.0.0.1:${port}/v1/status`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      data: { type: 'status', id: 'default', attributes: { paused: false } },
    }),
  });
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(
    servers.map((one) => new Promise<void>((resolve) => one.once('listening', () => resolve()))),
  );
  const ports = servers.map((one) => {
    const address = one.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((one) => new Promise<void>((done) => one.close(() => done()))));
  return ports;
}
