// When a launched target is ready: a port that accepts, a URL that answers, a line that it prints.
import { get } from 'node:http';
import { connect } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { Readiness } from './model.ts';

/** What waiting needs. */
interface Waiting {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly lineSeen: Promise<void>;
}

/** Resolves when it is ready, or the signal aborts. */
export async function whenReady(
  ready: Readiness,
  { clock, signal, lineSeen }: Waiting,
): Promise<void> {
  if (ready.kind === 'line') return lineSeen;
  while (!signal.aborted) {
    if (await isUp(ready)) return;
    await clock.sleep(POLL_MS, signal);
  }
}

/** True when it answers now. */
export function isUp(ready: Exclude<Readiness, { readonly kind: 'line' }>): Promise<boolean> {
  return ready.kind === 'tcp' ? acceptsTcp(ready.address) : answersHttp(ready.url);
}

const POLL_MS = 25;

function acceptsTcp(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) });
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

function answersHttp(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: 1000 }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 500);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}
