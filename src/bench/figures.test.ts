import { expect, it } from 'vitest';
import { figureOf, ratioOf } from './figures.ts';
import type { Trip } from './trip.ts';

const GOOD: Trip = {
  marks: { dialled: 0, tcp: 1000, tls: 3000, asked: 3500, opened: 9500, closed: 12_000 },
};
const REFUSED: Trip = { marks: { dialled: 0, tcp: 1500, asked: 2000 }, failure: 'status 403' };
const UNREACHED: Trip = { marks: { dialled: 0 }, failure: 'ECONNREFUSED (tcp)' };

it('times what each figure is about, and counts what failed where it had begun', () => {
  const trips = [GOOD, REFUSED, UNREACHED];
  expect(figureOf('tcp', trips)).toMatchObject({
    attempts: 3,
    failed: { 'ECONNREFUSED (tcp)': 1 },
    times: { count: 2, meanMs: 1.25 },
  });
  expect(figureOf('tls', [GOOD])).toMatchObject({ times: { meanMs: 2 } });
  expect(figureOf('upgrade', trips)).toMatchObject({
    attempts: 2,
    failed: { 'status 403': 1 },
    times: { count: 1, meanMs: 6 },
  });
  expect(figureOf('open', trips)).toMatchObject({
    attempts: 3,
    failed: { 'status 403': 1, 'ECONNREFUSED (tcp)': 1 },
    times: { count: 1, meanMs: 9.5 },
  });
  expect(figureOf('close', trips)).toMatchObject({ times: { count: 1, meanMs: 12 } });
});

it('has no times of what never went well', () => {
  expect(figureOf('upgrade', [REFUSED, REFUSED])).toEqual({
    name: 'upgrade',
    attempts: 2,
    failed: { 'status 403': 2 },
  });
  expect(figureOf('upgrade', [UNREACHED])).toEqual({ name: 'upgrade', attempts: 0, failed: {} });
});

it('compares rounds in which both went well', () => {
  const first = [GOOD, REFUSED, GOOD].map((trip, round) => ({ ...trip, round }));
  const slow: Trip = { marks: { ...GOOD.marks, opened: 15_500 } };
  const second = [slow, slow, UNREACHED].map((trip, round) => ({ ...trip, round }));
  expect(ratioOf('upgrade', first, second)).toMatchObject({ name: 'upgrade', pairs: 1, ratio: 2 });
  expect(ratioOf('message', first, second)).toBeUndefined();
});
