// What only a log group of CloudWatch Logs has: lines that come late, a quota, pages that are empty, refusals.
import { afterEach, expect, it } from 'vitest';
import { realClock } from '../base/clock.ts';
import { observeLogs } from './cwlogs.ts';
import { type LogsStub, startLogsStub } from './fixture/logs-stub.ts';
import type { Observer, Watch } from './observer.ts';
import { lineDecoder } from './record-map.ts';

const clock = realClock();
const SOON = { timeout: 12_000, interval: 10 };
const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

process.env['AWS_ACCESS_KEY_ID'] = 'AKID';
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret';

async function stub(): Promise<LogsStub> {
  const made = await startLogsStub();
  ending.push(() => made.stop());
  return made;
}

interface Eyes {
  readonly observer: Observer;
  readonly ids: string[];
}

async function watchOn({ url }: LogsStub, more: object = {}): Promise<Eyes> {
  const ids: string[] = [];
  const watch: Watch = {
    clock,
    decode: lineDecoder(undefined),
    onRecord: ({ invocationId = '' }) => void ids.push(invocationId),
  };
  const source = { group: '/aws/chat', region: 'eu-west-1', endpoint: url, overlapMs: 20_000 };
  const observer = await observeLogs({ ...source, ...more }, watch);
  ending.push(() => observer.close());
  return { observer, ids };
}

const lineOf = (invocationId: string): string =>
  JSON.stringify({ v: 1, type: 'CONNECT', at: 1, connectionId: 'c', invocationId });

it('is read from where it ends, also where somebody writes whose clock is ahead', async () => {
  const logs = await stub();
  logs.put([lineOf('old')]);
  logs.put([lineOf('ahead')], Date.now() + 60_000);
  const { ids } = await watchOn(logs);
  logs.put([lineOf('new')], Date.now() + 61_000);
  await expect.poll(() => ids, SOON).toEqual(['new']);
  logs.put([lineOf('now')]);
  await expect.poll(() => ids, SOON).toEqual(['new', 'now']);
});

it('finds a line that comes later than newer ones, once', async () => {
  const logs = await stub();
  const { ids } = await watchOn(logs);
  logs.put([lineOf('newer')]);
  await expect.poll(() => ids, SOON).toEqual(['newer']);
  logs.put([lineOf('late')], Date.now() - 15_000);
  await expect.poll(() => ids, SOON).toEqual(['newer', 'late']);
  await clock.sleep(6500);
  expect(ids).toEqual(['newer', 'late']);
}, 30_000);

it('finds late lines when it is closed, too', async () => {
  const logs = await stub();
  const { ids, observer } = await watchOn(logs);
  logs.put([lineOf('late')], Date.now() - 15_000);
  await observer.close();
  expect(ids).toEqual(['late']);
});

it('never asks more than five times a second, however many pages there are', async () => {
  const logs = await stub();
  const { ids } = await watchOn(logs);
  logs.put(Array.from({ length: 12_000 }, (_, at) => lineOf(`r-${at}`)));
  await expect.poll(() => ids.length, SOON).toBe(12_000);
  const most = logs.calls.map((from) => logs.calls.filter((at) => at >= from && at < from + 1000));
  expect(Math.max(...most.map(({ length }) => length))).toBeLessThanOrEqual(5);
  expect(logs.calls.length).toBeGreaterThan(13);
}, 30_000);

it('is a gap while it is throttled, and goes on behind it', async () => {
  const logs = await stub();
  const { ids, observer } = await watchOn(logs);
  logs.refusals.push({ status: 400, name: 'ThrottlingException' });
  logs.put([lineOf('one')]);
  await expect.poll(() => ids, SOON).toEqual(['one']);
  expect(observer.sight?.gaps()).toMatchObject([{ toUs: expect.any(Number) }]);
  expect([observer.failure, observer.sight?.isHealable]).toEqual([undefined, true]);
});

it('that may no longer be read is a failure', async () => {
  const logs = await stub();
  const { observer } = await watchOn(logs);
  logs.refusals.push({ status: 400, name: 'AccessDeniedException' });
  const why = 'the log group /aws/chat could not be read: no';
  await expect.poll(() => observer.failure, SOON).toBe(why);
});

it.each<[string, object, RegExp]>([
  [
    'there is no such group',
    { group: '/aws/chatt' },
    /^Cannot read the log group \/aws\/chatt: The specified log group does not exist\.\.?$/,
  ],
  ['nobody listens', { endpoint: 'http://127.0.0.1:1' }, /ECONNREFUSED/],
])('cannot be observed where %s', async (_, more, message) => {
  const logs = await stub();
  await expect(watchOn(logs, more)).rejects.toMatchObject({
    code: 'OBSERVER_FAILED',
    message: expect.stringMatching(message),
    hint: expect.stringContaining('logs:FilterLogEvents'),
  });
});
