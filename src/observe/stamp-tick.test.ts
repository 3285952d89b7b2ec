import { describe, expect, it } from 'vitest';
import { createStampTick } from './stamp-tick.ts';

const MIDNIGHT = Date.UTC(2026, 0, 1);

function tickOf(stamps: Readonly<Record<string, readonly number[]>>): number {
  const tick = createStampTick();
  for (const [kind, all] of Object.entries(stamps)) {
    all.forEach((ms, index) => {
      tick.note({ kind, atMs: MIDNIGHT + ms, readAtUs: index * 50_000 });
    });
  }
  return tick.us / 1000;
}

describe('the tick of stamps', () => {
  it.each([
    ['a millisecond before there is one', {}, 1],
    ['a millisecond', { CONNECT: [1200, 1337] }, 1],
    ['a hundredth of a second', { CONNECT: [1200, 1330] }, 10],
    ['a tenth of a second', { CONNECT: [1200, 1300] }, 100],
    ['a second, also by one', { CONNECT: [1000] }, 1000],
    ['a second, however close', { CONNECT: [1000, 1000, 1000, 1000] }, 1000],
    ['a minute', { CONNECT: [60_000, 120_000] }, 60_000],
    ['that of the coarsest kind', { CONNECT: [1, 2, 3], DISCONNECT: [1000, 1000, 2000] }, 1000],
    ['not told by a kind of few', { CONNECT: [1, 2, 3], DISCONNECT: [1000, 2000] }, 1],
    ['fine where one is', { CONNECT: [1000, 2000, 3000, 3001] }, 1],
    ['the same before 1970', { CONNECT: [-MIDNIGHT - 5] }, 1],
  ] as const)('is %s', (_, stamps, ms) => {
    expect(tickOf(stamps)).toBe(ms);
  });

  it('counts what is read at once but once', () => {
    const tick = createStampTick();
    for (let i = 0; i < 9; i++) tick.note({ kind: 'b', atMs: MIDNIGHT, readAtUs: i });
    tick.note({ kind: 'a', atMs: MIDNIGHT + 1, readAtUs: 0 });
    expect(tick.us).toBe(1000);
  });
});
