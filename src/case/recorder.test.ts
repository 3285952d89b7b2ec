import { expect, test } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import { createRecorder, ofConnection } from './recorder.ts';

const NEVER = new AbortController().signal;

test('numbers records in order of arrival and wakes who waits', async () => {
  const clock = virtualClock();
  const recorder = createRecorder(clock);
  const woken = recorder.whenChanged(Number.POSITIVE_INFINITY, NEVER);
  recorder.add({ kind: 'firstByte', atUs: 5, ...ofConnection('a', 0) });
  await woken;
  recorder.add({ kind: 'closed', atUs: 6, ...ofConnection('a', 0) });
  expect(recorder.snapshot().records).toEqual([
    { kind: 'firstByte', atUs: 5, connection: 'a', member: 0, seq: 1 },
    { kind: 'closed', atUs: 6, connection: 'a', member: 0, seq: 2 },
  ]);
});

test('a wait ends not before its time', async () => {
  const clock = virtualClock();
  const recorder = createRecorder(clock);
  const woken = recorder.whenChanged(2500, NEVER).then(() => clock.nowUs());
  await clock.advance(10);
  expect(await woken).toBeGreaterThanOrEqual(2500);
});

test('a frozen recorder keeps nothing more, and a snapshot never changes', () => {
  const recorder = createRecorder(virtualClock());
  recorder.add({ kind: 'firstByte', atUs: 1, ...ofConnection('a', 0) });
  const before = recorder.snapshot();
  recorder.add({ kind: 'closed', atUs: 2, ...ofConnection('a', 0) });
  recorder.freeze();
  recorder.add({ kind: 'closed', atUs: 3, ...ofConnection('a', 0) });
  expect(before.records).toHaveLength(1);
  expect(recorder.snapshot().records).toHaveLength(2);
});

test('an abort ends a wait', async () => {
  const recorder = createRecorder(virtualClock());
  const stop = new AbortController();
  const woken = recorder.whenChanged(Number.POSITIVE_INFINITY, stop.signal);
  stop.abort();
  expect(await woken).toBeUndefined();
});
