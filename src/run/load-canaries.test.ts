import { expect, test } from 'vitest';
import { type Clock, realClock } from '../base/clock.ts';
import { createLoadCanaries, type LoadCanaries } from './load-canaries.ts';

const NONCE = 'abcdefghijklmnopqrs';
const ID = /^canaryabcdefghijklm[a-z2-7]{7}$/;

interface Sent {
  readonly id: string;
  readonly atMs: number;
}

function canaries({
  put,
  signal = new AbortController().signal,
  clock = realClock(),
}: {
  readonly put: (id: string, told: LoadCanaries) => string | undefined;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}): { readonly all: LoadCanaries; readonly sent: Sent[]; readonly seen: string[] } {
  const sent: Sent[] = [];
  const seen: string[] = [];
  const sender = { name: 'the command put-canary', put: async (id: string) => put(id, all) };
  const all = createLoadCanaries(sender, {
    clock,
    signal,
    nonce: NONCE,
    book: {
      sent: (id, atMs) => void sent.push({ id, atMs }),
      seen: (id) => void seen.push(id),
    },
  });
  return { all, sent, seen };
}

test('the first is waited for, then there is one each second, and a last one', async () => {
  const { all, sent, seen } = canaries({
    put: (id, told) => {
      told.take(id);
      return undefined;
    },
  });
  await all.first();
  expect(seen).toEqual(sent.map(({ id }) => id));
  const clock = realClock();
  all.start(clock.nowUs());
  await expect.poll(() => sent.length, { timeout: 4000 }).toBe(3);
  await all.stop();
  await all.stop();
  const ids = sent.map(({ id }) => id);
  expect(ids).toHaveLength(4);
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) expect(id).toMatch(ID);
  const [, second, third] = sent.map(({ atMs }) => atMs);
  expect(second).toBeGreaterThanOrEqual(999);
  expect(third).toBeGreaterThanOrEqual(1999);
  expect(seen).toEqual(ids);
});

test('a command that fails is said with its own words, and nothing is begun', async () => {
  const { all, sent } = canaries({ put: () => 'ended with exit code 3; it said: no queue' });
  await expect(all.first()).rejects.toMatchObject({
    code: 'OBSERVER_FAILED',
    message:
      'The first canary did not come through: the command put-canary ended with exit code 3; it said: no queue.',
  });
  await all.stop();
  expect(sent).toHaveLength(1);
});

test('one that is not seen is said so, after five seconds', async () => {
  const slept: number[] = [];
  const clock: Clock = {
    ...realClock(),
    sleep: async (ms) => void slept.push(ms),
  };
  const { all } = canaries({ clock, put: () => undefined });
  await expect(all.first()).rejects.toThrow('it was not seen within 5 s');
  expect(slept).toEqual([5000]);
});

test('an interrupt ends the wait for the first', async () => {
  const interrupt = new AbortController();
  const { all } = canaries({ signal: interrupt.signal, put: () => undefined });
  const first = all.first();
  interrupt.abort();
  await expect(first).resolves.toBeUndefined();
});
