import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAgenda } from './agenda.ts';
import type { SignedParts } from './request-signer.ts';
import type { Arrival } from './schedule.ts';

function* arrivals(dues: readonly number[]): Generator<Arrival, void> {
  for (const [number, dueMs] of dues.entries()) yield { number, phase: 0, dueMs };
}

function signedFor({ number }: Arrival): SignedParts {
  return { second: 0, target: `/${number}`, date: '', authorization: '' };
}

it('gives what is due in the order of the schedule, and prepared what was prepared, whenever that was', () => {
  const due = fc.array(fc.nat(50), { maxLength: 40 }).map((all) => all.toSorted((a, b) => a - b));
  const turns = fc.array(fc.record({ atMs: fc.nat(50), prepare: fc.nat(5) }), { maxLength: 40 });
  fc.assert(
    fc.property(due, turns, (dues, steps) => {
      const agenda = createAgenda(arrivals(dues));
      const prepared = new Set<number>();
      const taken: number[] = [];
      const takeAll = (byMs: number): void => {
        for (let one = agenda.take(byMs); one !== undefined; one = agenda.take(byMs)) {
          expect(one.dueMs).toBeLessThanOrEqual(byMs);
          expect(one.signed?.target).toBe(prepared.has(one.number) ? `/${one.number}` : undefined);
          taken.push(one.number);
        }
      };
      for (const { atMs, prepare } of steps.toSorted((a, b) => a.atMs - b.atMs)) {
        takeAll(atMs);
        for (let count = 0; count < prepare; count += 1) {
          agenda.prepare((arrival) => {
            expect(prepared.has(arrival.number)).toBe(false);
            prepared.add(arrival.number);
            return signedFor(arrival);
          });
        }
        expect(agenda.nextMs).toBe(dues[taken.length] ?? Infinity);
        expect(agenda.hasArrivals).toBe(taken.length < dues.length);
      }
      takeAll(50);
      expect(taken).toEqual(dues.map((_, number) => number));
      expect(agenda.prepare(signedFor)).toBe(false);
    }),
  );
});

it('prepares 2048 at most, and goes on when some were taken', () => {
  const agenda = createAgenda(arrivals(Array.from({ length: 5000 }, (_, at) => at)));
  const prepareAll = (): number => {
    let count = 0;
    while (agenda.prepare(signedFor)) count += 1;
    return count;
  };
  expect(prepareAll()).toBe(2048);
  for (let at = 0; at < 3000; at += 1) {
    expect(agenda.take(at)).toMatchObject({ number: at, ...(at < 2048 ? { signed: {} } : {}) });
  }
  expect(prepareAll()).toBe(2000);
  expect(agenda.take(3000)?.signed?.target).toBe('/3000');
});

it('lets attempts that are made again go first, in the order in which they are due', () => {
  const agenda = createAgenda(arrivals([0, 10]));
  agenda.again({ number: 101, phase: 0, dueMs: 9, tries: 1 });
  agenda.again({ number: 100, phase: 0, dueMs: 4, tries: 2 });
  expect(agenda.nextMs).toBe(0);
  const order = [agenda.take(3), agenda.take(3), agenda.take(20), agenda.take(20), agenda.take(20)];
  expect(order.map((one) => one?.number)).toEqual([0, undefined, 100, 101, 1]);
  agenda.again({ number: 102, phase: 0, dueMs: 30, tries: 1 });
  agenda.clear();
  expect([agenda.nextMs, agenda.hasArrivals, agenda.take(99)]).toEqual([
    Infinity,
    false,
    undefined,
  ]);
});
