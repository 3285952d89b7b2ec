// `run --only-failed` and `run --wait-for-target`: what a build does the second time, and before the first.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { freePort } from '../support/process.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** Answers every upgrade with what `statusOf` says of its path. */
async function listen(port: number, statusOf: (path: string) => number): Promise<void> {
  server = createServer((_, response) => response.writeHead(404).end());
  server.on('upgrade', ({ url = '' }, socket) => {
    socket.end(`HTTP/1.1 ${statusOf(url)} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

const AXES = `title: Rooms are closed
axes: { room: { red: red, green: green, blue: blue } }
steps: [{ connect: { path: "/\${room}" } }]
checks: { closed: { handshake: { status: 403 } } }
`;

it('runs again what failed, and nothing else', async () => {
  const cwd = folderWith({ 'room.yaml': AXES });
  const port = await freePort();
  const open = new Set(['/red', '/blue']);
  await listen(port, (path) => (open.has(path.replace(/\?.*/, '')) ? 404 : 403));
  const run = (...more: readonly string[]) =>
    inProcess(['run', 'room.yaml', '--url', `ws://127.0.0.1:${port}/`, ...more], { cwd });
  expect((await run('--out', 'first')).code).toBe(1);

  const planned = await run('--only-failed', 'first', '--dry-run');
  expect(planned.stdout).toContain('2 cases, 2 checks');
  open.delete('/red');
  const second = await run('--only-failed', 'first/result.json', '--out', 'second');
  expect([second.code, second.stderr]).toEqual([
    1,
    expect.stringContaining('decided 2 of 2 checks in 2 cases'),
  ]);
  open.delete('/blue');
  const third = await run('--only-failed', 'second', '--out', 'third');
  expect([third.code, third.stderr]).toEqual([
    0,
    expect.stringContaining('decided 1 of 1 check in 1 case'),
  ]);
  const fourth = await run('--only-failed', 'third');
  expect([fourth.code, fourth.stderr]).toEqual([
    2,
    expect.stringMatching(/Nothing failed in .*third\/result\.json\. Nothing was run\./),
  ]);
});

it('names what failed and is not selected now', async () => {
  const cwd = folderWith({ 'room.yaml': AXES, 'other.yaml': AXES });
  const url = ['--url', `ws://127.0.0.1:${await freePort()}/`];
  await inProcess(['run', 'room.yaml', ...url, '--out', 'first'], { cwd });
  const some = ['run', 'room.yaml[room=red]', ...url, '--only-failed', 'first'];
  const part = await inProcess([...some, '--dry-run'], { cwd });
  expect([part.code, part.stderr]).toEqual([
    0,
    expect.stringMatching(
      /^2 cases of those that failed in .* are not selected now: room\[room=green\], room\[room=blue\]\n$/,
    ),
  ]);
  const none = await inProcess(['run', 'other.yaml', ...url, '--only-failed', 'first'], { cwd });
  expect([none.code, none.stderr]).toEqual([
    2,
    expect.stringContaining('is selected now. Nothing was run.'),
  ]);
});

it('waits until something answers, and not for what only accepts or says 503', async () => {
  const cwd = folderWith({ 'room.yaml': AXES });
  const port = await freePort();
  let isReady = false;
  setTimeout(() => void listen(port, () => (isReady ? 403 : 503)), 700);
  setTimeout(() => {
    isReady = true;
  }, 2000);
  const args = ['run', 'room.yaml', '--url', `ws://127.0.0.1:${port}/`];
  const { code, stderr } = await inProcess([...args, '--wait-for-target', '60s'], { cwd });
  expect(stderr).toMatch(
    /^waiting 1m at most for ws:\/\/127\.0\.0\.1:\d+\/: connect ECONNREFUSED/m,
  );
  expect(stderr.match(/^waiting/gm)).toHaveLength(1);
  expect(stderr).toContain('3 passed');
  expect(code).toBe(0);
});

it.each([
  ['nobody listens', undefined, 'connect ECONNREFUSED'],
  ['it says 503', 503, 'it answers 503.'],
])('gives up when %s, without a verdict', async (_, status, reason) => {
  const cwd = folderWith({ 'room.yaml': AXES });
  const port = await freePort();
  if (status !== undefined) await listen(port, () => status);
  const args = ['run', 'room.yaml', '--url', `ws://127.0.0.1:${port}/`];
  const { code, stderr } = await inProcess([...args, '--wait-for-target', '1s'], { cwd });
  expect(stderr).toContain(
    `TARGET_UNREACHABLE: ws://127.0.0.1:${port}/ did not answer within 1s: ${reason}`,
  );
  expect(stderr).toContain('decided 0 of 0 checks in 0 cases');
  expect(code).toBe(3);
});

it.each(['0s', '60', '50% of 10s'])('does not wait %s', async (text) => {
  const { code, stderr } = await inProcess(['run', '--wait-for-target', text], {
    cwd: folderWith(),
  });
  expect(stderr).toContain('Write a number and ms, s, m or h: 60s.');
  expect(code).toBe(2);
});
