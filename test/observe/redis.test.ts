// A backend that writes its events to a Redis stream, with a real redis-server that is killed while a load comes and goes: what
// nobody could see is not known, what was really lost stays lost, and what the store has kept is counted when it is back.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NO_REDIS, type RedisServer, startRedis } from '../../src/observe/fixture/redis-server.ts';
import type { DeliveryStratum } from '../../src/result/load-result.ts';
import type { CaseResult, RunResult } from '../../src/result/run-result.ts';
import { runAssay, verdictLines } from '../support/assay.ts';
import { runBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { recordOf, startLogServer, type Told } from '../support/log-server.ts';

// Where the generator has to wait for a processor nothing is decided, and rightly so.
const BUSY = { retry: 3, timeout: 90_000 };

const VISIT = `title: A visit
steps:
  - connect:
  - close: { code: 1000 }
checks:
  opens: { handshake: { status: 101 } }
  told-once: { events: { $connect: 1, $disconnect: 1, message: 0 } }
`;
const CHURN = `title: Ends are told of
load:
  phases: [{ arrivalRate: 40/s, duration: 5s }]
  openFor: 100ms
  endings:
    - { share: 50%, close: { code: 1000 } }
    - { share: 50%, drop: fin }
thresholds:
  told: { share: { gte: 95% }, of: { events: { $disconnect: { count: { gte: 1 } } }, within: 1s } }
`;

async function redisServer(): Promise<RedisServer> {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  return redis;
}

/** A chat whose backend does as it is told when something happens. */
async function chat(tell: (told: Told, record: object) => void): Promise<string> {
  const log = join(folderWith(), 'unused.log');
  const { url } = await startLogServer(log, (told) =>
    tell(told, { ...recordOf(told), invocationId: `${told.type}-${told.index}` }),
  );
  return url;
}

const targetOn = (url: string, redis: string, more = ''): string =>
  `title: A chat\nurl: ${url}\nobserver: { redis: { url: "${redis}", stream: "chat:events" }${more} }\n`;

/** Waits for a store that is away, until the test is over. */
function put({ client }: RedisServer, record: object): void {
  client.xadd('chat:events', '*', 'event', JSON.stringify(record)).catch(() => undefined);
}

interface Counted {
  readonly code: number;
  readonly one: CaseResult;
  readonly sum: (key: 'ended' | 'onTime' | 'missing' | 'indeterminate') => number;
  readonly strata: readonly DeliveryStratum[];
}

/** `run` carries the load out, `reconcile` counts it again. */
function churnOn(target: string, churn = CHURN) {
  const cwd = mkdtempSync(join(tmpdir(), 'ws-assay-churn-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'churn.yaml'), churn);
  writeFileSync(join(cwd, 'target.yaml'), target);
  const counted = async (args: readonly string[], out: string): Promise<Counted> => {
    const { code } = await runBin([...args, '--target', 'target.yaml'], { cwd });
    const result = JSON.parse(readFileSync(join(cwd, out, 'result.json'), 'utf8')) as RunResult;
    const [one] = result.cases;
    if (one === undefined) throw new Error('there is no case');
    const strata = one.load?.delivery?.strata ?? [];
    return { code, one, strata, sum: (key) => strata.reduce((all, each) => all + each[key], 0) };
  };
  return {
    run: () => counted(['run', 'churn.yaml', '--out', 'out'], 'out'),
    reconcile: () => counted(['reconcile', 'out'], 'out/reconciled'),
    refused: async () => {
      const { code, stderr } = await runBin(['reconcile', 'out', '--target', 'target.yaml'], {
        cwd,
      });
      return [code, stderr] as const;
    },
  };
}

describe.skipIf(NO_REDIS !== undefined)(`a backend seen through Redis ${NO_REDIS ?? ''}`, () => {
  it('is judged by its stream, entries with a record and entries with fields', async () => {
    const redis = await redisServer();
    const url = await chat((told, record) => {
      put(redis, record);
      const kind = told.type === 'CONNECT' ? 'joined' : 'left';
      const fields = ['kind', kind, 'time', `${Date.now()}`, 'conn', told.connectionId];
      void redis.client.xadd('chat:flat', '*', ...fields, 'nonce', told.nonce);
    });
    const whole = targetOn(url, redis.url);
    const map =
      'map: { type: { path: kind, values: { joined: CONNECT, left: DISCONNECT } }, at: time, connectionId: conn, nonce: nonce }';
    const flat = targetOn(url, redis.url, `, ${map}`).replace('chat:events', 'chat:flat');
    for (const target of [whole, flat]) {
      const files = { 'visit.yaml': VISIT, 'target.yaml': target };
      const ran = await runAssay(['visit.yaml', '--target', 'target.yaml'], { files });
      expect([ran.code, ran.result().problems, verdictLines(ran.result())]).toEqual([
        0,
        [],
        ['passed visit#opens', 'passed visit#told-once'],
      ]);
    }
  }, 60_000);

  it('has no absence and no presence judged while the store is away', async () => {
    const redis = await redisServer();
    const url = await chat((told, record) => {
      // The look before the run has four connections; the first case is the fifth.
      if (told.index === 4 && told.type === 'DISCONNECT') void redis.signal('SIGKILL');
      put(redis, record);
    });
    const target = `${targetOn(url, redis.url)}concurrency: 1\n`;
    const files = { 'visit.yaml': VISIT, 'target.yaml': target };
    const ran = await runAssay(['visit.yaml', '--target', 'target.yaml'], { files });
    expect(verdictLines(ran.result())).toEqual(['passed visit#opens', 'errored visit#told-once']);
    expect(ran.result().cases[0]?.findings[1]?.reason).toBe('OBSERVER_FAILED');
    expect(ran.result().problems).toMatchObject([
      {
        code: 'OBSERVER_FAILED',
        message: expect.stringMatching(/^The stream chat:events of redis:\S+ could not be read: /),
      },
    ]);
    expect(ran.code).toBe(3);
  }, 60_000);

  it('is not judged by what was not seen before that was known: the last case of a run', async () => {
    const redis = await redisServer();
    const url = await chat((told, record) => {
      if (told.index === 4 && told.type === 'CONNECT') void redis.signal('SIGSTOP');
      put(redis, record);
    });
    const files = {
      'visit.yaml': VISIT.replace('message: 0 }', 'message: 0 }, within: 200ms'),
      'target.yaml': `${targetOn(url, redis.url)}settle: 100ms\n`,
    };
    const ran = await runAssay(['visit.yaml', '--target', 'target.yaml'], { files });
    expect(verdictLines(ran.result())).toEqual(['passed visit#opens', 'errored visit#told-once']);
    expect(ran.result().problems.map(({ code }) => code)).toEqual(['OBSERVER_FAILED']);
    expect(ran.code).toBe(3);
  }, 60_000);

  it(
    'is not known to have lost what came when the store was killed; what the store kept is counted when it is back',
    BUSY,
    async () => {
      const redis = await redisServer();
      const from = 100;
      const url = await chat((told, record) => {
        if (told.index === from && told.type === 'CONNECT') void redis.signal('SIGKILL');
        // It waits for its store.
        put(redis, record);
      });
      const { run, reconcile, refused } = churnOn(targetOn(url, redis.url));
      const before = await run();
      expect(before.sum('ended')).toBe(200);
      expect(before.sum('missing')).toBe(0);
      expect(before.sum('indeterminate')).toBeGreaterThan(80);
      expect(before.sum('onTime')).toBe(200 - before.sum('indeterminate'));
      expect([before.code, before.one.findings[0]?.verdict]).toEqual([3, 'errored']);
      expect(before.one.load?.delivery?.gaps).toEqual([
        {
          fromMs: expect.any(Number),
          toMs: expect.any(Number),
          why: expect.stringMatching(/^the stream chat:events of redis:\S+ could not be read: /),
        },
      ]);
      // From none of the unknown to all of them: the truth, which is 1, is within.
      for (const { onTimeShare, onTime, ended } of before.strata) {
        expect(onTimeShare.low).toBeLessThanOrEqual(onTime / ended);
        expect(onTimeShare.high).toBeGreaterThan(0.999);
      }
      expect(await refused()).toEqual([
        3,
        expect.stringContaining('Cannot read the stream chat:events of redis://127.0.0.1:'),
      ]);

      await redis.start();
      await expect.poll(() => redis.client.xlen('chat:events'), { timeout: 10_000 }).toBe(408);
      const after = await reconcile();
      expect([after.sum('onTime'), after.sum('missing'), after.sum('indeterminate')]).toEqual([
        200, 0, 0,
      ]);
      expect([after.code, after.one.findings[0]?.verdict]).toEqual([0, 'passed']);
    },
  );

  it(
    'is not known to have lost what came when the store stopped answering, before that was known',
    BUSY,
    async () => {
      const redis = await redisServer();
      const url = await chat((told, record) => {
        if (told.index === 100 && told.type === 'CONNECT') void redis.signal('SIGSTOP');
        put(redis, record);
      });
      const soon = CHURN.replace('within: 1s', 'within: 200ms');
      const { run } = churnOn(`${targetOn(url, redis.url)}settle: 100ms\n`, soon);
      const { sum, code, one } = await run();
      expect([sum('missing'), code, one.findings[0]?.verdict]).toEqual([0, 3, 'errored']);
      expect(sum('indeterminate')).toBeGreaterThan(80);
    },
  );

  it(
    'that throws away what its store does not take is not known to have lost it, and what it never told of is missing',
    BUSY,
    async () => {
      const redis = await redisServer();
      const writer = new Redis(redis.url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
      writer.on('error', () => undefined);
      onTestFinished(() => writer.disconnect());
      // Also one whose $connect was: of its $disconnect nobody can tell whose it is.
      const thrown = new Set<number>();
      const silent: number[] = [];
      const url = await chat((told, record) => {
        if (told.index === 124 && told.type === 'CONNECT') void redis.signal('SIGKILL');
        if (told.index === 144 && told.type === 'CONNECT') void redis.start();
        if (told.type === 'DISCONNECT' && told.index >= 14 && told.index < 24) {
          silent.push(told.index);
          return;
        }
        writer
          .xadd('chat:events', '*', 'event', JSON.stringify(record))
          .catch(() => thrown.add(told.index));
      });
      const { run, reconcile } = churnOn(targetOn(url, redis.url));
      const before = await run();
      expect(thrown.size).toBeGreaterThan(10);
      expect([before.sum('missing'), before.sum('indeterminate')]).toEqual([
        silent.length,
        thrown.size,
      ]);
      expect(before.one.load?.delivery?.gaps).toHaveLength(1);
      const after = await reconcile();
      expect([after.sum('missing'), after.sum('indeterminate')]).toEqual([
        silent.length,
        thrown.size,
      ]);
      expect([before.code, after.code]).toEqual([3, 3]);
    },
  );
});
