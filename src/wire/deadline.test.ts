import { expect, it } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import { type Deadlines, startDeadline } from './deadline.ts';

function start(deadlines: Deadlines): {
  readonly clock: ReturnType<typeof virtualClock>;
  readonly deadline: ReturnType<typeof startDeadline>;
  readonly expired: string[];
} {
  const clock = virtualClock();
  const expired: string[] = [];
  const deadline = startDeadline(clock, deadlines, (phase) =>
    expired.push(`${phase} ${clock.nowUs() / 1000}`),
  );
  return { clock, deadline, expired };
}

it('is absolute: entering a phase gains no time', async () => {
  const { clock, deadline, expired } = start({ totalMs: 100 });
  deadline.enter('dns');
  await clock.advance(60);
  deadline.enter('tcp');
  await clock.advance(39);
  deadline.enter('head');
  expect(expired).toEqual([]);
  await clock.advance(500);
  expect(expired).toEqual(['head 100']);
});

it('of a phase may be earlier than the total, never later', async () => {
  const phasesMs = { tcp: 50, head: 500 };
  const early = start({ totalMs: 100, phasesMs });
  early.deadline.enter('tcp');
  await early.clock.advance(1000);
  expect(early.expired).toEqual(['tcp 50']);
  const late = start({ totalMs: 100, phasesMs });
  late.deadline.enter('head');
  await late.clock.advance(1000);
  expect(late.expired).toEqual(['head 100']);
});

it('that is past when its phase begins expires at once', async () => {
  const { clock, deadline, expired } = start({ totalMs: 100, phasesMs: { tcp: 50 } });
  await clock.advance(70);
  deadline.enter('tcp');
  await clock.advance(0);
  expect(expired).toEqual(['tcp 70']);
});

it('stands still while paused, however often', async () => {
  const { clock, deadline, expired } = start({ totalMs: 100 });
  deadline.enter('head');
  for (let round = 0; round < 3; round += 1) {
    await clock.advance(10);
    deadline.pause();
    deadline.pause();
    await clock.advance(1000);
    deadline.enter('head');
    await clock.advance(1000);
    deadline.resume();
    deadline.resume();
  }
  await clock.advance(69);
  expect(expired).toEqual([]);
  await clock.advance(1);
  expect(expired).toEqual(['head 6100']);
});

it('is gone when stopped, also while paused', async () => {
  const { clock, deadline, expired } = start({ totalMs: 100 });
  deadline.enter('head');
  deadline.pause();
  deadline.stop();
  deadline.resume();
  await clock.advance(1000);
  expect(expired).toEqual([]);
});

it('is gone when stopped', async () => {
  const { clock, deadline, expired } = start({ totalMs: 100 });
  deadline.enter('head');
  deadline.stop();
  await clock.advance(1000);
  expect(expired).toEqual([]);
});

it('expires once', async () => {
  const { clock, deadline, expired } = start({ totalMs: 100 });
  deadline.enter('head');
  await clock.advance(100);
  deadline.pause();
  deadline.resume();
  await clock.advance(1000);
  expect(expired).toEqual(['head 100']);
});
