// k6 1.0 to 1.5, which have the module under another name: a script that is exported for them is run by one, and what it writes is read.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { main } from '../../src/cli/main.ts';
import type { LoadResult } from '../../src/result/load-result.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { start } from '../support/command.ts';
import { testIo } from '../support/io.ts';
import { startWsServer } from '../support/ws-server.ts';

const work = mkdtempSync(join(tmpdir(), 'ws-assay-k6-'));
afterAll(() => rmSync(work, { recursive: true }));

const BUILT = fileURLToPath(new URL('./build-1/k6', import.meta.url));
const K6_1 = process.env['K6_1'] ?? (existsSync(BUILT) ? BUILT : '');
const said = K6_1 === '' ? '' : String(spawnSync(K6_1, ['version']).stdout);
const [, VERSION = ''] = /\bv(1\.[0-5]\.\d+)/.exec(said) ?? [];
const NO_K6_1 =
  VERSION === ''
    ? ' (skipped: K6_1 is no k6 1.0 to 1.5; go build in test/k6/build-1 makes one)'
    : '';

const DOORS = `title: Doors
load:
  phases: [{ name: steady, arrivalRate: 30/s, duration: 2s }]
  openFor: 100ms
thresholds:
  few-are-refused: { count: { lte: 5 }, of: { handshake: { status: 429 } } }
  quickly: { p99: { lte: 5s }, of: { elapsed: { from: connecting, to: opened } } }
  most-get-in: { share: { gte: 50% }, of: { handshake: { status: 101 } } }
  no-second: { count: 0, of: { handshake: { status: 403 } } }
`;
const COUNTS = {
  offered: 60,
  started: 60,
  unsent: 0,
  opened: 48,
  refused: { 429: 12 },
  failed: {},
  timedOut: 0,
  aborted: 0,
};

async function imported(file: string, url: string): Promise<LoadResult | undefined> {
  const io = testIo({
    argv: ['import', 'k6', file, '--scenario', 'doors.yaml', '--url', url, '--out', 'out'],
  });
  writeFileSync(join(io.cwd, 'doors.yaml'), DOORS);
  await main(io);
  const text = readFileSync(join(io.cwd, 'out/result.json'), 'utf8');
  return (JSON.parse(text) as RunResult).cases[0]?.load;
}

it('what k6 1.0 wrote is read', async () => {
  const file = fileURLToPath(new URL('./fixture/k6-1.0.ndjson.gz', import.meta.url));
  const load = await imported(file, 'ws://127.0.0.1:1');
  expect([load?.total, load?.ends, load?.startedAt]).toEqual([
    COUNTS,
    { close: 48 },
    '2026-11-24T03:45:54.736Z',
  ]);
  expect(load?.latency['upgrade']?.minMs).toBeGreaterThan(50);
});

// Without a k6: what is not whole, and what is no result.
it('a file that is cut is read to where it ends, and that is said', async () => {
  const packed = readFileSync(new URL('./fixture/k6-1.0.ndjson.gz', import.meta.url));
  const whole = gunzipSync(packed);
  const files = {
    'cut.ndjson.gz': packed.subarray(0, packed.length / 2),
    'cut.ndjson': whole.subarray(0, whole.length / 2),
    'line.ndjson': whole.subarray(0, whole.lastIndexOf(10, -2) + 1),
  };
  const answers = [];
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(work, name), bytes);
    const load = await imported(join(work, name), 'ws://127.0.0.1:1');
    const { offered = 0 } = load?.total ?? {};
    const [first = ''] = load?.generator.limits ?? [];
    answers.push([name, offered > 20 && offered < 60, first]);
  }
  const middle = 'it ends in the middle of a line: k6 was killed, or is still running';
  expect(answers).toEqual([
    ['cut.ndjson.gz', true, `cut.ndjson.gz: ${middle}`],
    ['cut.ndjson', true, `cut.ndjson: ${middle}`],
    // What is missing between two lines shows by the schedule; here it was about something else.
    ['line.ndjson', false, expect.stringMatching(/ms late/)],
  ]);
});

it('says what it cannot read', async () => {
  writeFileSync(join(work, 'plain.ndjson.gz'), 'not of gzip');
  mkdirSync(join(work, 'folder.ndjson'), { recursive: true });
  const answers = [];
  for (const name of ['plain.ndjson.gz', 'folder.ndjson', 'nowhere.ndjson']) {
    const io = testIo({ argv: ['import', 'k6', name], cwd: work });
    answers.push([await main(io), io.stderrText().split('\n')[0]]);
  }
  expect(answers).toEqual([
    [2, 'ws-assay: plain.ndjson.gz cannot be read: incorrect header check.'],
    [2, 'ws-assay: folder.ndjson is not a file.'],
    [2, 'ws-assay: There is no nowhere.ndjson.'],
  ]);
});

it.each([
  ['an empty file', ''],
  ['bytes', '\u0000\u0001\u0002{"metric'],
  ['another text', 'Requests/sec: 12\nLatency: 3ms\n'],
])('is no result of k6: %s', async (_, text) => {
  writeFileSync(join(work, 'strange.ndjson'), text);
  const io = testIo({ argv: ['import', 'k6', join(work, 'strange.ndjson')] });
  expect([await main(io), io.stderrText().split('\n')[0]]).toEqual([
    2,
    'ws-assay: strange.ndjson has no attempt to connect that k6 measured.',
  ]);
});

it.skipIf(NO_K6_1 !== '').each([
  ['opened, refused and closed', []],
  ['with a header', ['--header', 'x-who: me']],
])(`k6 1.0 to 1.5 sends what is exported for it: %s${NO_K6_1}`, async (_, more) => {
  let asked = 0;
  const { url, requests } = await startWsServer({
    delayMs: 50,
    refuse: () => {
      asked += 1;
      return asked % 5 === 0 ? 429 : undefined;
    },
  });
  const io = testIo({
    argv: [
      'export',
      'k6',
      'doors.yaml',
      '--url',
      url,
      '--out',
      '.',
      '--k6-version',
      VERSION,
      ...more,
    ],
    cwd: work,
  });
  writeFileSync(join(work, 'doors.yaml'), DOORS);
  expect([await main(io), io.stderrText()]).toEqual([0, expect.stringContaining('60 attempts')]);
  for (const name of ['doors.k6.ts', 'assay.k6.ts']) {
    const text = readFileSync(join(work, name), 'utf8');
    expect(text).not.toMatch(/'k6\/websockets'/);
  }
  const args = ['run', '--quiet', '--out', 'json=r.ndjson', 'doors.k6.ts'];
  const ran = await start([K6_1, ...args], { cwd: work }).done;
  // 99: a threshold was crossed, as it should be.
  expect([ran.code, ran.stderr.replaceAll(/^.*thresholds on metrics.*\n?/gm, '')]).toEqual([
    99,
    '',
  ]);
  const load = await imported(join(work, 'r.ndjson'), url);
  expect([load?.total, load?.ends]).toEqual([COUNTS, { close: 48 }]);
  expect(requests.map(({ headers }) => headers['x-who'])).toEqual(
    requests.map(() => (more.length > 0 ? 'me' : undefined)),
  );
});

// What 1.0 to 1.4 do not tell is not made up: https://github.com/grafana/k6/pull/5376
it.skipIf(NO_K6_1 !== '')(
  `tells how a server ends connections as far as k6 does${NO_K6_1}`,
  async () => {
    let asked = 0;
    const { url } = await startEndingServer((socket, client) => {
      const how = asked++ % 4;
      if (how === 0) client.close(1001);
      else if (how === 1) client.close(4000, 'x');
      else if (how === 2) socket.end();
      else socket.resetAndDestroy();
    });
    const argv = [
      'export',
      'k6',
      'doors.yaml',
      '--url',
      url,
      '--out',
      '.',
      '--k6-version',
      VERSION,
    ];
    writeFileSync(join(work, 'doors.yaml'), DOORS);
    expect(await main(testIo({ argv, cwd: work }))).toBe(0);
    await start([K6_1, 'run', '--quiet', '--out', 'json=ends.ndjson', 'doors.k6.ts'], { cwd: work })
      .done;
    const load = await imported(join(work, 'ends.ndjson'), url);
    expect([load?.total.opened, load?.ends]).toEqual([
      60,
      VERSION.startsWith('1.5')
        ? { 'server close-frame': 30, 'server fin': 15, 'server reset': 15 }
        : { 'server close-frame': 15, 'server fin': 15, 'server not told how': 30 },
    ]);
  },
);

/** Opens all, and ends each 30 ms later. */
async function startEndingServer(
  end: (socket: Socket, client: WebSocket) => void,
): Promise<{ url: string }> {
  const server = createServer();
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket: Socket, head) => {
    socket.on('error', () => {});
    webSockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => {});
      setTimeout(() => end(socket, client), 30);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // of a TCP server
  return { url: `ws://127.0.0.1:${port}` };
}
