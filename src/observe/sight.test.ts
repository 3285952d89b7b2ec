import { expect, test } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import { createSight, type SightAccount } from './sight.ts';

const clockAnd = (afterMs = 0): { clock: ReturnType<typeof virtualClock>; sight: SightAccount } => {
  const clock = virtualClock();
  const sight = createSight(clock, { knownWithinMs: 10, isHealable: false, afterMs });
  return { clock, sight };
};

test('a gap begins where all was seen last, and ends where it is again and others may be, too', async () => {
  const { clock, sight } = clockAnd(5);
  await clock.advance(2);
  sight.sawAll(1500);
  await clock.advance(2);
  sight.lost('refused');
  await clock.advance(1);
  sight.lost('timed out');
  expect(sight.gaps()).toEqual([{ fromUs: 1500, toUs: undefined, why: 'refused' }]);
  await clock.advance(1);
  sight.sawAll(5500);
  expect(sight.gaps()).toEqual([{ fromUs: 1500, toUs: 11_000, why: 'refused' }]);
  expect(sight.sawAllUs).toBe(5500);
});

test('what was missed lies between the last two times that all was seen', async () => {
  const { clock, sight } = clockAnd();
  sight.sawAll(0);
  await clock.advance(3);
  sight.missed('trimmed');
  sight.sawAll(2900);
  expect(sight.gaps()).toEqual([{ fromUs: 0, toUs: 3000, why: 'trimmed' }]);
});

test('gaps that touch are one, and others are kept apart', async () => {
  const { clock, sight } = clockAnd(5);
  sight.lost('one');
  await clock.advance(1);
  sight.sawAll(1000);
  await clock.advance(1);
  sight.lost('two');
  await clock.advance(1);
  sight.sawAll(3000);
  expect(sight.gaps()).toEqual([{ fromUs: 0, toUs: 8000, why: 'one' }]);
  await clock.advance(20);
  sight.sawAll(20_000);
  sight.lost('three');
  expect(sight.gaps().map(({ why }) => why)).toEqual(['one', 'three']);
});
