import { expect, it } from 'vitest';
import { createNotice } from './notice.ts';

const never = (): AbortSignal => new AbortController().signal;

it('tells everyone who waits, once', async () => {
  const notice = createNotice<number>();
  notice.tell(1);
  const waiting = [notice.wait(never()), notice.wait(never())];
  notice.tell(2);
  notice.tell(3);
  expect(await Promise.all(waiting)).toEqual([2, 2]);
});

it('lets one wait again at once', async () => {
  const notice = createNotice<number>();
  const again = notice.wait(never()).then(() => notice.wait(never()));
  notice.tell(1);
  await Promise.resolve();
  await Promise.resolve();
  notice.tell(2);
  expect(await again).toBe(2);
});

it('sends away whose signal aborts, and not the others', async () => {
  const notice = createNotice<number>();
  const controller = new AbortController();
  const leaving = notice.wait(controller.signal);
  const staying = notice.wait(never());
  controller.abort();
  notice.tell(1);
  expect(await Promise.all([leaving, staying])).toEqual([undefined, 1]);
  expect(await notice.wait(controller.signal)).toBeUndefined();
});

it('lets hundreds wait on one signal without a warning', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  const notice = createNotice<number>();
  const signal = never();
  const waiting = Array.from({ length: 200 }, () => notice.wait(signal));
  notice.tell(1);
  await Promise.all(waiting);
  await new Promise(setImmediate); // warnings are emitted in a later turn
  process.off('warning', note);
  expect(warnings).toEqual([]);
});
