// What only a Redis stream has: a store that is trimmed, emptied, stopped, locked, and that may not be there yet.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, it } from 'vitest';
import { realClock } from '../base/clock.ts';
import type { EventRecord } from '../probe/event-record.ts';
import { folder } from './fixture/observer-rigs.ts';
import { NO_REDIS, type RedisServer, startRedis } from './fixture/redis-server.ts';
import type { Observer, Watch } from './observer.ts';
import { loadPeer } from './peer.ts';
import { lineDecoder, type RecordMap } from './record-map.ts';
import { observeRedis } from './redis.ts';

const clock = realClock();
const SOON = { timeout: 8000, interval: 5 };
const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

const SOURCE = {
  stream: 'chat',
  field: 'event',
  username: undefined,
  password: undefined,
  ca: undefined,
  mayAppear: false,
};

async function server(args: readonly string[] = [], scheme = 'redis'): Promise<RedisServer> {
  const made = await startRedis(args, scheme);
  ending.push(() => made.stop());
  return made;
}

interface Eyes {
  readonly observer: Observer;
  readonly seen: EventRecord[];
  readonly ids: () => readonly string[];
}

async function watchOn(
  source: Partial<Parameters<typeof observeRedis>[0]> & { readonly url: string },
  map?: RecordMap,
): Promise<Eyes> {
  const seen: EventRecord[] = [];
  const watch: Watch = {
    clock,
    decode: lineDecoder(map),
    onRecord: (record) => void seen.push(record),
  };
  const observer = await observeRedis({ ...SOURCE, ...source }, watch);
  ending.push(() => observer.close());
  return { observer, seen, ids: () => seen.map(({ invocationId }) => invocationId ?? '') };
}

const recordOf = (invocationId: string): string =>
  JSON.stringify({ v: 1, type: 'CONNECT', at: 1, connectionId: 'c', invocationId });

async function add({ client }: RedisServer, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await client.xadd('chat', '*', 'event', recordOf(id));
}

describe.skipIf(NO_REDIS !== undefined)(`a stream of Redis ${NO_REDIS ?? ''}`, () => {
  it('is read from where it ends', async () => {
    const redis = await server();
    await add(redis, 'old');
    const { ids, observer } = await watchOn(redis);
    await add(redis, 'new');
    await expect.poll(ids, SOON).toEqual(['new']);
    expect(observer.name).toBe(`the stream chat of ${redis.url}`);
  });

  it('is let go of when it is closed', async () => {
    const redis = await server();
    const clients = async (): Promise<number> =>
      String(await redis.client.call('CLIENT', 'LIST'))
        .trim()
        .split('\n').length;
    const { observer } = await watchOn(redis);
    expect(await clients()).toBe(2);
    await observer.close();
    await expect.poll(clients, SOON).toBe(1);
  });

  it('that was trimmed before it was read is a gap which says so', async () => {
    const redis = await server();
    const { ids, observer } = await watchOn(redis);
    await add(redis, 'one');
    await expect.poll(ids, SOON).toEqual(['one']);
    const beforeUs = clock.nowUs();
    await redis.client
      .multi()
      .xadd('chat', '*', 'event', recordOf('gone'))
      .xadd('chat', 'MAXLEN', '=', 1, '*', 'event', recordOf('two'))
      .exec();
    await expect.poll(ids, SOON).toEqual(['one', 'two']);
    await expect
      .poll(() => observer.sight?.gaps(), SOON)
      .toEqual([
        {
          fromUs: expect.any(Number),
          toUs: expect.any(Number),
          why: `entries of ${observer.name} were gone before they were read`,
        },
      ]);
    const [gap] = observer.sight?.gaps() ?? [];
    expect(gap?.fromUs).toBeLessThanOrEqual(beforeUs + 5000);
    expect(gap?.toUs).toBeGreaterThanOrEqual(beforeUs);
  });

  it('that is trimmed behind what was read loses nothing, and is no gap', async () => {
    const redis = await server();
    const { ids, observer } = await watchOn(redis);
    for (let at = 0; at < 40; at += 1) {
      await add(redis, `r-${at}`);
      await expect.poll(() => ids().length, SOON).toBe(at + 1);
      await redis.client.xtrim('chat', 'MAXLEN', 1);
    }
    await clock.sleep(300);
    expect(observer.sight?.gaps()).toEqual([]);
  });

  it.each([
    ['is deleted', async ({ client }: RedisServer) => void (await client.del('chat'))],
    [
      'comes back without what it had',
      async (redis: RedisServer) => {
        await redis.signal('SIGKILL');
        await redis.start({ empty: true });
      },
    ],
  ])('that %s is a gap, and is read again from its first entry', async (_, empty) => {
    const redis = await server();
    const { ids, observer } = await watchOn(redis);
    await add(redis, 'one', 'two');
    await expect.poll(ids, SOON).toEqual(['one', 'two']);
    await empty(redis);
    await expect.poll(() => observer.sight?.gaps().length, SOON).toBe(1);
    // Ids that begin anew, as where whoever writes gives them.
    await redis.client.xadd('chat', '1-1', 'event', recordOf('three'));
    await redis.client.xadd('chat', '1-2', 'event', recordOf('four'));
    await expect.poll(ids, SOON).toEqual(['one', 'two', 'three', 'four']);
    await add(redis, 'five');
    await expect.poll(ids, SOON).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect([observer.sight?.gaps().length, observer.failure]).toEqual([1, undefined]);
  });

  it('whose store stops answering is a gap from what was last seen, known in time', async () => {
    const redis = await server();
    const { ids, observer } = await watchOn(redis);
    await add(redis, 'one');
    await expect.poll(ids, SOON).toEqual(['one']);
    await redis.signal('SIGSTOP');
    const stoppedUs = clock.nowUs();
    await expect.poll(() => observer.sight?.gaps().length, SOON).toBe(1);
    const knownMs = (clock.nowUs() - stoppedUs) / 1000;
    expect(knownMs).toBeLessThan((observer.sight?.knownWithinMs ?? 0) + 100);
    expect(observer.sight?.gaps()[0]?.fromUs).toBeLessThan(stoppedUs);
    await redis.signal('SIGCONT');
    await add(redis, 'two');
    await expect.poll(ids, SOON).toEqual(['one', 'two']);
    // Others may come back later than we do.
    const toUs = observer.sight?.gaps()[0]?.toUs ?? 0;
    expect(toUs).toBeGreaterThan(clock.nowUs() + 3_000_000);
  });

  it('may have flat fields, which a map names', async () => {
    const redis = await server();
    const map: RecordMap = {
      type: { path: ['kind'], values: { joined: 'CONNECT' } },
      phase: undefined,
      at: { path: ['time'], format: 'ms' },
      texts: { connectionId: ['conn'], nonce: ['url'] },
      event: [{ to: ['requestContext', 'stage'], from: ['stage'] }],
    };
    const { seen } = await watchOn({ ...redis, field: 'no-such-field' }, map);
    const nonce = 'abcdefghijklmnopqrstuvwxyz';
    const fields = ['kind', 'joined', 'time', '17', 'conn', 'c1', 'url', `/?assay=${nonce}`];
    await redis.client.xadd('chat', '*', 'kind', 'other');
    await redis.client.xadd('chat', '*', ...fields, 'stage', 'dev');
    const event = { requestContext: { stage: 'dev' } };
    await expect
      .poll(() => seen, SOON)
      .toEqual([
        { v: 1, type: 'CONNECT', phase: 'started', at: 17, connectionId: 'c1', nonce, event },
      ]);
  });

  it('is read with a password that no message shows', async () => {
    const redis = await server(['--requirepass', 'hunter2-hunter2']);
    redis.client.options.password = 'hunter2-hunter2';
    const url = redis.url.replace('//', '//:hunter2-hunter2@');
    for (const source of [{ url }, { url: redis.url, password: 'hunter2-hunter2' }]) {
      const { ids, observer } = await watchOn(source);
      await add(redis, 'one');
      await expect.poll(ids, SOON).toEqual(['one']);
      expect(observer.name).toBe(`the stream chat of ${redis.url}`);
    }
  });

  it('needs no more than XREAD and XINFO on its key', async () => {
    const redis = await server();
    const rules = ['on', '>pass-word', '~chat', '+xread', '+xinfo|stream', '+multi', '+exec'];
    await redis.client.call('ACL', ['SETUSER', 'watcher', ...rules]);
    const { ids } = await watchOn({ ...redis, username: 'watcher', password: 'pass-word' });
    await add(redis, 'one');
    await expect.poll(ids, SOON).toEqual(['one']);
  });

  it('that may no longer be read is a failure', async () => {
    const redis = await server();
    const { observer } = await watchOn(redis);
    await redis.client.del('chat');
    await redis.client.set('chat', 'a text');
    const wrong = /^the stream chat of \S+ could not be read: WRONGTYPE /;
    await expect.poll(() => observer.failure, SOON).toMatch(wrong);
  });

  it.each<[string, readonly string[], (redis: RedisServer) => Promise<object>, RegExp]>([
    ['nobody listens', [], async (redis) => (await redis.stop(), {}), /: connect ECONNREFUSED /],
    ['a password is missing', ['--requirepass', 'p'], async () => ({}), /: NOAUTH /],
    [
      'the password is wrong',
      ['--requirepass', 'p'],
      async () => ({ password: 'hunter2' }),
      /: WRONGPASS /,
    ],
    [
      'the key is no stream',
      [],
      async ({ client }) => (await client.set('chat', 'a text'), {}),
      /: WRONGTYPE /,
    ],
    [
      'its user may not read',
      [],
      async ({ client }) => {
        await client.call('ACL', ['SETUSER', 'w', 'on', '>p', '~*', '+xinfo', '+multi', '+exec']);
        return { username: 'w', password: 'p' };
      },
      /: NOPERM .*xread/,
    ],
  ])('cannot be observed where %s', async (_, args, prepare, says) => {
    const redis = await server(args);
    const more = await prepare(redis);
    const failing = watchOn({ url: redis.url, ...more });
    await expect(failing).rejects.toMatchObject({
      code: 'OBSERVER_FAILED',
      message: expect.stringMatching(says),
      hint: expect.stringContaining('XREAD and XINFO'),
    });
    await expect(failing).rejects.not.toThrow('hunter2');
  });

  it('may come into being later where the run starts the store, and is read from then', async () => {
    const redis = await server();
    await redis.signal('SIGKILL');
    const { ids, observer } = await watchOn({ ...redis, mayAppear: true });
    expect(observer.sight?.gaps()).toMatchObject([{ toUs: undefined }]);
    await redis.start();
    await add(redis, 'first');
    await expect.poll(ids, SOON).toEqual(['first']);
    expect(observer.failure).toBeUndefined();
  });

  it('is read over TLS, by a certificate of an authority that is named', async () => {
    const directory = folder();
    const made = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
      keySize: 2048,
      extensions: [
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
        { name: 'basicConstraints', cA: true },
      ],
    });
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    writeFileSync(cert, made.cert);
    writeFileSync(key, made.private);
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
    const redis = await server([...files, '--tls-auth-clients', 'no'], 'rediss');
    redis.client.options.tls = { ca: made.cert };
    const { ids } = await watchOn({ ...redis, ca: cert });
    await add(redis, 'one');
    await expect.poll(ids, SOON).toEqual(['one']);
    await expect(watchOn(redis)).rejects.toThrow('self-signed certificate');
    await expect(watchOn({ ...redis, ca: join(directory, 'no.pem') })).rejects.toThrow(
      'no.pem: ENOENT',
    );
  });
});

it('says which package is missing, and the command that installs it', async () => {
  const name = 'no-such-package-here';
  await expect(loadPeer(name, () => import(name), 'The observer redis')).rejects.toMatchObject({
    code: 'OBSERVER_FAILED',
    message: `The observer redis needs the package ${name}, which is not installed.`,
    hint: `Install it beside ws-assay: npm install ${name}`,
  });
});
