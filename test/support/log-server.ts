// A WebSocket server whose backend writes a log of event records, in the way a test wants it to.
import { appendFileSync, writeFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { startHandServer } from './hand-server.ts';

/** What the backend has to say. */
export interface Told {
  readonly type: 'CONNECT' | 'DISCONNECT';
  readonly nonce: string;
  readonly connectionId: string;
  /** The request asked for an upgrade. */
  readonly isOpen: boolean;
  /** How many connections were opened before. */
  readonly index: number;
}

/** How it says it. Called when it has happened; `append` writes an object as one line. */
export type Tell = (told: Told, append: (line: object) => void) => void;

/** Says what has happened at once, as an event record. */
function tellAtOnce(told: Told, append: (line: object) => void): void {
  append(recordOf(told));
}

/** The record of what was told. */
export function recordOf({ type, nonce, connectionId }: Told, at = Date.now()): object {
  return { v: 1, type, at, connectionId, ...(type === 'CONNECT' && { nonce }) };
}

let ids = 0;

/** Starts it; it is stopped when the test is over. The log is emptied. */
export async function startLogServer(
  log: string,
  tell: Tell = tellAtOnce,
): Promise<{ readonly url: string; readonly stop: () => void }> {
  writeFileSync(log, '');
  let isOver = false;
  const append = (line: object): void => {
    if (!isOver) appendFileSync(log, `${JSON.stringify(line)}\n`);
  };
  let index = 0;
  const server = await startHandServer({
    answered: (socket, { target, headers }) => {
      const [, nonce = ''] = /[?&]assay=([a-z2-7]{26})/.exec(target) ?? [];
      ids += 1;
      const isOpen = headers['upgrade'] !== undefined;
      const own = { isOpen, nonce, connectionId: `id-${ids}`, index };
      index += 1;
      tell({ ...own, type: 'CONNECT' }, append);
      socket.once('close', () => tell({ ...own, type: 'DISCONNECT' }, append));
    },
  });
  onTestFinished(() => {
    isOver = true;
    server.stop();
  });
  return { url: server.url, stop: () => server.stop() };
}
