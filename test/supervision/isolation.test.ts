// Who runs beside whom, seen by a server that bears no company.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { deviations, type Ran, runAssay } from '../support/assay.ts';
import { portOf } from '../support/process.ts';

/** Refuses an upgrade if it would not be alone where it or another one asks to be. */
interface Shy {
  readonly server: Server;
  readonly url: string;
  /** Paths in the order in which they came. */
  readonly paths: string[];
}

let shy: Shy;

beforeEach(async () => {
  shy = await startShy();
});

afterEach(() => {
  shy.server.closeAllConnections();
  shy.server.close();
});

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const RESTING = Object.fromEntries(NAMES.map((name) => [name, 'shared']));

test('a target that bears one case at a time gets one at a time', async () => {
  const ran = await runCases(RESTING, { concurrency: 1, path: 'alone' });
  expect(deviations(ran.result())).toEqual([]);
  expect(shy.paths).toHaveLength(NAMES.length);
});

test('and the server would have noticed two', async () => {
  const ran = await runCases(RESTING, { concurrency: 4, path: 'alone' });
  expect(deviations(ran.result())).not.toEqual([]);
});

test('--concurrency 1 is the same for a target that says nothing of it', async () => {
  const ran = await runCases(RESTING, {
    concurrency: 4,
    path: 'alone',
    args: ['--concurrency', '1'],
  });
  expect(deviations(ran.result())).toEqual([]);
});

test('an exclusive case has nothing beside it', async () => {
  const ran = await runCases({ ...RESTING, b: 'exclusive', d: 'exclusive' }, { concurrency: 6 });
  expect(deviations(ran.result())).toEqual([]);
  // The others were side by side: otherwise this would show nothing.
  expect(most(shy)).toBeGreaterThan(1);
});

test('destructive cases come last, one by one, whatever their names', async () => {
  const ran = await runCases(
    { ...RESTING, a: 'destructive', b: 'exclusive', f: 'destructive' },
    { concurrency: 6 },
  );
  expect(deviations(ran.result())).toEqual([]);
  expect(shy.paths.slice(-3)).toEqual(['/exclusive', '/destructive', '/destructive']);
});

const together = new WeakMap<Shy, number>();

function most(of: Shy): number {
  return together.get(of) ?? 0;
}

async function startShy(): Promise<Shy> {
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer();
  const open = new Set<string>();
  const paths: string[] = [];
  let count = 0;
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    const path = request.url ?? '';
    paths.push(path);
    const wantsNobody = [path, ...open].some((one) => one.split('?')[0] !== '/shared');
    if (wantsNobody && open.size > 0) {
      socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const key = `${path}?${count++}`;
    open.add(key);
    together.set(made, Math.max(most(made), open.size));
    socket.once('close', () => open.delete(key)).on('error', () => {});
    sockets.handleUpgrade(request, socket, head, (client) => client.on('error', () => {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const made: Shy = { server, url: `ws://127.0.0.1:${portOf(server)}`, paths };
  return made;
}

/** Cases that open, rest, and leave the connection open: it is the runner that has to close it. */
function runCases(
  isolations: Readonly<Record<string, string>>,
  way: {
    readonly concurrency: number;
    readonly path?: string;
    readonly args?: readonly string[];
  },
): Promise<Ran> {
  const scenarios = Object.entries(isolations).map(([name, isolation]) => [
    `${name}.yaml`,
    `title: ${name}
isolation: ${isolation}
steps: [{ connect: { path: "/${way.path ?? isolation}" } }, { idle: 150ms }]
checks: { opens: { handshake: { status: 101 } } }
`,
  ]);
  const target = `endpoints: { open: "${shy.url}/" }\nconcurrency: ${way.concurrency}\n`;
  const names = Object.keys(isolations).map((name) => `${name}.yaml`);
  return runAssay([...names, '--target', 'shy', ...(way.args ?? [])], {
    files: { ...Object.fromEntries(scenarios), 'targets/shy/target.yaml': target },
  });
}
