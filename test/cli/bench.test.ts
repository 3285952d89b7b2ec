// `ws-assay bench` against servers of which something is known.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BenchFigureName, BenchResult } from '../../src/result/bench-result.ts';
import { createAuthority, issueCertificate } from '../support/certificate.ts';
import { BIN, inProcess, runBin, start, startBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { startHandServer } from '../support/hand-server.ts';
import { freePort } from '../support/process.ts';
import { startWsServer } from '../support/ws-server.ts';

async function bench(args: readonly string[], cwd = folderWith()) {
  const done = await runBin(['bench', ...args, '--reporter', 'json'], { cwd });
  const result = done.stdout === '' ? undefined : (JSON.parse(done.stdout) as BenchResult);
  const endpoint = result?.endpoints[0];
  const figure = (name: BenchFigureName) => endpoint?.figures.find((one) => one.name === name);
  return { ...done, result, endpoint, figure };
}

const LOOPS = ['--no-sweep', '--time', '400ms'];

// A machine that stands still for a second leaves fewer samples than a conclusion needs.
const BUSY = { retry: 4 };

describe('one after the other', () => {
  it('times every phase of a server that waits for 20 ms, and is not below that', async () => {
    const { url } = await startWsServer({ delayMs: 20 });
    const ran = await bench([url, ...LOOPS, '--time', '1s']);
    expect(ran.code).toBe(0);
    for (const name of ['upgrade', 'open', 'close', 'message'] as const) {
      const { meanMs = 0, p50Ms = 0, minMs = 0 } = ran.figure(name)?.times ?? {};
      expect(minMs).toBeGreaterThanOrEqual(20);
      expect(meanMs).toBeGreaterThanOrEqual(20);
      expect(p50Ms).toBeGreaterThanOrEqual(20);
      // Of a busy machine the quickest is what says most.
      expect(minMs).toBeLessThan(26);
      expect(p50Ms).toBeLessThan(60);
    }
    expect(ran.figure('tcp')?.times?.minMs).toBeLessThan(10);
    expect(ran.figure('tls')).toBeUndefined();
    const { attempts, failed, times } = ran.figure('close') ?? {};
    expect(failed).toEqual({});
    expect(times?.count).toBe(attempts);
  });

  it('times TLS, verified and not', async () => {
    const authority = await createAuthority();
    const tls = await issueCertificate(authority, 'bench.test');
    const { url } = await startWsServer({ tls });
    const cwd = folderWith({ 'ca.pem': authority.cert });
    const trusted = await bench([url, ...LOOPS, '--ca', join(cwd, 'ca.pem')], cwd);
    expect(trusted.code).toBe(0);
    expect(trusted.endpoint).toMatchObject({ insecure: false });
    expect(trusted.figure('tls')?.times?.count).toBe(trusted.figure('tls')?.attempts);
    const insecure = await bench([url, ...LOOPS, '--insecure']);
    expect(insecure.endpoint).toMatchObject({ insecure: true });
    const distrusted = await bench([url, ...LOOPS]);
    expect(distrusted.code).toBe(3);
    expect(distrusted.figure('tcp')?.times).toBeDefined();
    expect(distrusted.figure('tls')?.attempts).toBeGreaterThan(0);
    expect(Object.keys(distrusted.figure('tls')?.failed ?? {})).toEqual([
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE (tls)',
    ]);
  });

  it('counts refusals by status, and has no figure of what never went well', async () => {
    const { url, requests } = await startWsServer({ refuse: () => 403 });
    const ran = await bench([url, ...LOOPS]);
    expect(ran.code).toBe(3);
    const attempts = ran.figure('tcp')?.times?.count ?? 0;
    expect(attempts).toBeGreaterThan(3);
    // Nothing but failures came, so it was left alone.
    expect(attempts).toBeLessThanOrEqual(20);
    expect(requests).toHaveLength(attempts);
    expect(ran.figure('upgrade')).toEqual({
      name: 'upgrade',
      attempts,
      failed: { 'status 403': attempts },
    });
    expect(ran.endpoint?.problem).toBe('the answer was 403 Refused');
  });

  it('shows what is refused now and then beside what opened', BUSY, async () => {
    let count = 0;
    const { url } = await startWsServer({
      refuse: () => ((count += 1) % 3 === 0 ? 429 : undefined),
    });
    const ran = await bench([url, ...LOOPS, '--at-most', '300', '--time', '30s', '--no-message']);
    expect(ran.code).toBe(0);
    const { times, failed = {} } = ran.figure('open') ?? {};
    expect(times?.count).toBe(200);
    // The warm-up's failures are counted, too.
    expect(failed['status 429']).toBeGreaterThanOrEqual(100);
  });

  it('says in one sentence that nobody listens', async () => {
    const port = await freePort();
    const done = await runBin(['bench', `ws://127.0.0.1:${port}`], { cwd: folderWith() });
    expect(done.code).toBe(3);
    const [, sentence, ...rest] = done.stderr.trimEnd().split('\n');
    expect(sentence).toMatch(
      /^ws-assay: ws:\/\/127\.0\.0\.1:\d+ could not be measured: connect ECONNREFUSED 127\.0\.0\.1:\d+\.$/,
    );
    expect(rest).toEqual([]);
  });

  it('says that a server never answers the close frame', async () => {
    const server = await startHandServer({ frame: (frame) => frame.opcode === 8 });
    const args = [server.url, ...LOOPS, '--timeout', '700ms', '--no-message'];
    const ran = await bench(args).finally(() => server.stop());
    expect(ran.code).toBe(3);
    expect(ran.figure('open')?.times).toBeDefined();
    expect(ran.figure('close')?.times).toBeUndefined();
    expect(Object.keys(ran.figure('close')?.failed ?? {})).toEqual(['no closing handshake']);
  });
});

describe('the first message', () => {
  it.each([
    [{}, [], 'the answer to {"action":"ping"}'],
    [{ greeting: 'hello' }, [], 'what the endpoint sends unasked'],
    [{ echoes: false }, [], 'the pong to a ping (nothing answered {"action":"ping"})'],
    [{}, ['--message', 'hi'], 'the answer to --message'],
    [
      { greeting: 'hello' },
      ['--message', 'hi'],
      'the answer to --message, after 1 that came unasked',
    ],
    [{}, ['--no-message'], 'not measured (--no-message)'],
  ] as const)('%j %j: %s', async (setting, args, said) => {
    const { url } = await startWsServer(setting);
    const ran = await bench([url, ...LOOPS, '--time', '100ms', ...args]);
    expect(ran.code).toBe(0);
    expect(ran.endpoint?.message).toBe(said);
    expect(ran.figure('message')?.times === undefined).toBe(args[0] === '--no-message');
  });

  it('that was asked for and never comes is an error', async () => {
    const { url } = await startWsServer({ echoes: false });
    const args = ['--timeout', '500ms', '--time', '200ms', '--message', 'hi'];
    const ran = await bench([url, '--no-sweep', ...args]);
    expect(ran.code).toBe(3);
    expect(Object.keys(ran.figure('message')?.failed ?? {})).toEqual(['no message']);
    expect(ran.figure('open')?.times).toBeDefined();
  });
});

describe('--compare', () => {
  it('shows which endpoint is slower, and where', BUSY, async () => {
    const [fast, slow] = [await startWsServer(), await startWsServer({ delayMs: 20 })];
    const ran = await bench([fast.url, '--compare', slow.url, ...LOOPS, '--time', '1s']);
    expect(ran.code).toBe(0);
    const verdicts = Object.fromEntries(
      (ran.result?.ratios ?? []).map(({ name, verdict }) => [name, verdict]),
    );
    expect(verdicts).toMatchObject({ upgrade: 'slower', open: 'slower', message: 'slower' });
    const other = await bench([slow.url, '--compare', fast.url, ...LOOPS, '--time', '1s']);
    expect(other.result?.ratios.find(({ name }) => name === 'open')?.verdict).toBe('faster');
  });

  it('shows no difference between equals', BUSY, async () => {
    const [one, other] = [
      await startWsServer({ delayMs: 20 }),
      await startWsServer({ delayMs: 20 }),
    ];
    const ran = await bench([one.url, '--compare', other.url, ...LOOPS, '--time', '1s']);
    const shown = (ran.result?.ratios ?? []).filter(({ name }) => name !== 'tcp');
    expect(shown.map(({ verdict }) => verdict)).toEqual(
      Array.from({ length: 4 }, () => 'no difference shown'),
    );
  });
});

describe('rates', () => {
  const QUICK = ['--time', '100ms', '--no-message', '--stage', '1s'];

  // On a busy machine it may be inconclusive, as it says itself.
  it('finds where a server begins to refuse', { retry: 2 }, async () => {
    const { url } = await startWsServer({ refuse: bucketOf(120, 12) });
    const ran = await bench([url, ...QUICK, '--at-most', '20']);
    expect(ran.code).toBe(0);
    const { outcome, ratePerS, because, p99LimitMs } = ran.endpoint?.sweep ?? {};
    expect({ outcome, p99LimitMs }).toEqual({ outcome: 'found', p99LimitMs: 50 });
    expect(ratePerS).toBeGreaterThanOrEqual(85);
    // In a second and a half, with what warms up, the burst lets 8/s more pass.
    expect(ratePerS).toBeLessThanOrEqual(130);
    expect(because).toMatch(/^it keeps \d+\/s; at \d+\/s not all opened: \d+ status 429 of \d+$/);
  });

  it('says that the ceiling was kept, and never goes beyond it', async () => {
    const { url, requests } = await startWsServer();
    const ran = await bench([url, ...QUICK, '--at-most', '5', '--max-rate', '80/s']);
    expect(ran.code).toBe(0);
    expect(ran.endpoint?.sweep).toMatchObject({ outcome: 'ceiling', ratePerS: 80 });
    const offered = ran.endpoint?.sweep?.stages.map(({ attempts, opened }) => [attempts, opened]);
    expect(offered?.at(-1)).toEqual([100, 100]);
    expect(requests.length).toBeLessThan(2 * 5 + 5 * 150);
  });

  it('a limit that no connection is quick enough for', async () => {
    const { url } = await startWsServer({ delayMs: 20 });
    const ran = await bench([url, ...QUICK, '--at-most', '5', '--p99', '10ms']);
    expect(ran.endpoint?.sweep?.outcome).toBe('none');
    expect(ran.endpoint?.sweep?.because).toMatch(
      /^no rate can be kept: half of the single connections took 2\d\.\d ms or longer$/,
    );
    expect(ran.code).toBe(0);
  });

  it('is inconclusive where this machine is the bottleneck, with the figure', async () => {
    const { url } = await startWsServer();
    const options = [...QUICK, '--at-most', '5', '--workers', '1', '--reporter', 'json'];
    // 150 descriptors hold fifty connections.
    const command = `ulimit -n 150 && exec "${process.execPath}" "${BIN}" bench ${url} ${options.join(' ')}`;
    const done = await start(['sh', '-c', command], { cwd: folderWith() }).done;
    expect(done.code).toBe(4);
    const sweep = (JSON.parse(done.stdout) as BenchResult).endpoints[0]?.sweep;
    expect(sweep).toMatchObject({ outcome: 'inconclusive', ratePerS: 50 });
    expect(sweep?.because).toMatch(
      /^inconclusive: at \d+\/s the generator was the bottleneck: up to \d+ connections are open at a time, and 1 worker of 150 descriptors can hold 50: raise ulimit -n, .*; 50\/s was kept$/,
    );
  });

  it('an interrupt keeps the figures and what was kept so far', async () => {
    const { url } = await startWsServer();
    const args = ['bench', url, ...QUICK, '--stage', '5s', '--reporter', 'json'];
    const run = startBin(args, { cwd: folderWith() });
    await run.printed('stderr', /offering 50\/s/);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const sentMs = performance.now();
    run.child.kill('SIGINT');
    const done = await run.done;
    expect(done.code).toBe(130);
    expect(performance.now() - sentMs).toBeLessThan(5000);
    const { endpoints, interrupted } = JSON.parse(done.stdout) as BenchResult;
    expect(interrupted).toBe(true);
    expect(endpoints[0]?.sweep?.outcome).toBe('interrupted');
    expect(endpoints[0]?.figures[0]?.times).toBeDefined();
  });
});

// Refuses what finds it empty.
function bucketOf(perSecond: number, burst: number): () => number | undefined {
  let tokens = burst;
  let lastMs = performance.now();
  return () => {
    const nowMs = performance.now();
    tokens = Math.min(burst, tokens + ((nowMs - lastMs) * perSecond) / 1000);
    lastMs = nowMs;
    if (tokens < 1) return 429;
    tokens -= 1;
    return undefined;
  };
}

it('sends headers and subprotocols, and repeats no secret', async () => {
  const { url, requests } = await startWsServer();
  const secret = 'a-token-that-nobody-may-see';
  const args = [`${url}/?token=${secret}`, ...LOOPS, '--time', '50ms', '--subprotocol', 'chat'];
  const ran = await bench([...args, '--header', `Authorization: Bearer ${secret}`]);
  expect(ran.code).toBe(0);
  expect(requests[0]?.headers).toMatchObject({
    authorization: `Bearer ${secret}`,
    'sec-websocket-protocol': 'chat',
  });
  expect(`${ran.stdout}${ran.stderr}`).not.toContain(secret);
});

it('prints a table for people on stderr, and nothing on stdout', async () => {
  const { url } = await startWsServer();
  const done = await runBin(['bench', url, ...LOOPS], { cwd: folderWith() });
  expect(done.stdout).toBe('');
  const words = done.stderr.split('\n').map((line) => line.trim().split(/ {2,}/)[0]);
  expect(words).toEqual(
    expect.arrayContaining([
      'TCP connect',
      'upgrade',
      'connect (TCP to 101)',
      'connect + close',
      'connect + first message',
    ]),
  );
});

it('an interrupt prints what was measured until then', async () => {
  const { url } = await startWsServer();
  const run = startBin(['bench', url, '--time', '30s', '--reporter', 'json'], {
    cwd: folderWith(),
  });
  await run.printed('stderr', /one after the other/);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  run.child.kill('SIGINT');
  const done = await run.done;
  expect(done.code).toBe(130);
  const result = JSON.parse(done.stdout) as BenchResult;
  expect(result).toMatchObject({ interrupted: true, exitCode: 130 });
  const open = result.endpoints[0]?.figures.find(({ name }) => name === 'open');
  expect(open?.times?.count).toBeGreaterThan(10);
  expect(open?.failed).toEqual({});
});

describe('what is wrong is said in one sentence, and nothing is sent', () => {
  it.each([
    [[], 'missing required argument'],
    [['http-is-none'], 'the URL has no scheme'],
    [['ws://127.0.0.1:9', '--time', '0s'], 'Write a duration from 10ms to 10m'],
    [['ws://127.0.0.1:9', '--time', '11m'], 'Write a duration from 10ms to 10m'],
    [['ws://127.0.0.1:9', '--time', '2'], 'Write a duration from 10ms to 10m'],
    [['ws://127.0.0.1:9', '--time', '-1s'], 'Write a duration from 10ms to 10m'],
    [['ws://127.0.0.1:9', '--timeout', '2h'], 'Write a duration from 10ms to 1m'],
    [['ws://127.0.0.1:9', '--at-most', '0'], 'Write a whole number from 1 to 100000'],
    [['ws://127.0.0.1:9', '--at-most', '1.5'], 'Write a whole number from 1 to 100000'],
    [['ws://127.0.0.1:9', '--at-most', '1e9'], 'Write a whole number from 1 to 100000'],
    [['ws://127.0.0.1:9', '--max-rate', '20001/s'], 'Write a rate from 1/s to 20000/s'],
    [['ws://127.0.0.1:9', '--max-rate', '0/s'], 'Write a rate from 1/s to 20000/s'],
    [['ws://127.0.0.1:9', '--max-rate', '100'], 'Write a rate from 1/s to 20000/s'],
    [['ws://127.0.0.1:9', '--stage', '2m'], 'Write a duration from 200ms to 1m'],
    [['ws://127.0.0.1:9', '--p99', '0ms'], 'Write a duration from 1ms to 1m'],
    [['ws://127.0.0.1:9', '--workers', '0'], 'Write a whole number from 1 to 10000'],
    [['ws://127.0.0.1:9', '--reporter', 'xml'], 'Allowed choices are console, json'],
    [['ws://127.0.0.1:9', '--header', 'no colon'], 'A --header is not of the form Name: value.'],
    [['ws://127.0.0.1:9', '--no-such'], "unknown option '--no-such'"],
    [['ws://127.0.0.1:9', 'ws://127.0.0.1:9'], 'too many arguments'],
    [['ws://127.0.0.1:9', '--compare', 'ftp://x'], 'TGT_BAD_URL'],
    [['ws://192.0.2.1:9'], '--allow-host 192.0.2.1 says that you may put it under load'],
    [['ws://127.0.0.1:9', '--compare', 'ws://192.0.2.1:9'], '--allow-host 192.0.2.1'],
    [['ws://192.0.2.1:9', '--allow-host', '192.0.2.2'], '--allow-host 192.0.2.1'],
    [['ws://127.0.0.1:9', '--proxy', 'http://127.0.0.1:1'], 'use --no-proxy'],
  ] as const)('%j', async (args, said) => {
    const done = await inProcess(['bench', ...args], { cwd: folderWith() });
    expect(done.code).toBe(2);
    expect(done.stderr).toContain(said);
    expect(done.stdout).toBe('');
  });

  it('a name without an address could not be tested', async () => {
    const done = await inProcess(['bench', 'ws://no-such-host.invalid'], { cwd: folderWith() });
    expect(done.code).toBe(3);
    expect(done.stderr).toMatch(/^ws-assay: no-such-host\.invalid has no address: .*\.\n$/);
  });
});
