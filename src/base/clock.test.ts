import { expect, test } from 'vitest';
import { realClock, settlesWithin, virtualClock } from './clock.ts';

test('virtual time runs what falls due in order, however it was set up', async () => {
  const clock = virtualClock();
  const seen: string[] = [];
  clock.after(30, () => seen.push(`30 at ${clock.nowUs()}`));
  clock.after(10, () => {
    seen.push(`10 at ${clock.nowUs()}`);
    clock.after(5, () => seen.push(`15 at ${clock.nowUs()}`));
  });
  await clock.advance(29);
  expect(seen).toEqual(['10 at 10000', '15 at 15000']);
  await clock.advance(1);
  expect(seen).toEqual(['10 at 10000', '15 at 15000', '30 at 30000']);
});

test('a sleep ends early, without an error, when its signal aborts', async () => {
  const clock = virtualClock();
  const stop = new AbortController();
  const slept = clock.sleep(1000, stop.signal).then(() => clock.nowUs());
  stop.abort();
  expect(await slept).toBe(0);
  expect(await clock.sleep(1000, stop.signal)).toBeUndefined();
});

test('a cancelled callback is never called', async () => {
  const clock = virtualClock();
  let called = false;
  clock.after(10, () => {
    called = true;
  })();
  await clock.advance(100);
  expect(called).toBe(false);
});

test('the real clock never goes back and counts microseconds', async () => {
  const clock = realClock();
  const before = clock.nowUs();
  await clock.sleep(20);
  const after = clock.nowUs();
  expect(Number.isInteger(after)).toBe(true);
  expect(after - before).toBeGreaterThanOrEqual(19_000);
});

test('a wait that was over early leaves no timer behind', async () => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const clock = realClock();
  expect(await settlesWithin(clock, Promise.resolve(), 5000)).toBe(true);
  expect(await settlesWithin(clock, new Promise(() => {}), 5000, AbortSignal.abort())).toBe(false);
  expect(timers()).toBe(before);
});

test('a wait ends when its time is over', async () => {
  const clock = virtualClock();
  const waited = settlesWithin(clock, new Promise(() => {}), 500);
  await clock.advance(499);
  const early = await Promise.race([waited, Promise.resolve('still waiting')]);
  await clock.advance(1);
  expect([early, await waited]).toEqual(['still waiting', false]);
});
