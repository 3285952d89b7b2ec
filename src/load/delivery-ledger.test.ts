import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/random.ts';
import type { DeliveryResult, DeliveryStratum } from '../result/load-result.ts';
import { createDeliveryLedger, type DeliveryLedger, type SeenEvent } from './delivery-ledger.ts';

const OPTIONS = { deadlineMs: 30_000, confidence: 0.95, exact: false };

function counts(stratum: DeliveryStratum | undefined): object {
  const { ending, ended, onTime, late, missing, indeterminate, duplicated, outOfOrder } =
    stratum ?? ({} as DeliveryStratum);
  return { ending, ended, onTime, late, missing, indeterminate, duplicated, outOfOrder };
}

const CLEAN = {
  ended: 1,
  onTime: 0,
  late: 0,
  missing: 0,
  indeterminate: 0,
  duplicated: 0,
  outOfOrder: 0,
};

function toldOf(feed: (ledger: DeliveryLedger) => void, nowMs = 400_000): DeliveryResult {
  const ledger = createDeliveryLedger(OPTIONS);
  ledger.end({ number: 0, opened: true, ending: 'fin', endedMs: 1000 });
  feed(ledger);
  return ledger.result(nowMs);
}

const seen = (type: SeenEvent['type'], atMs: number, delivery?: string): SeenEvent => ({
  number: 0,
  type,
  atMs,
  delivery,
});

describe('one connection', () => {
  it.each<[string, SeenEvent[], object]>([
    ['seen at the deadline is on time', [seen('DISCONNECT', 31_000)], { onTime: 1 }],
    ['seen after it is late', [seen('DISCONNECT', 31_001)], { late: 1 }],
    ['never seen is missing', [], { missing: 1 }],
    ['told twice', [seen('DISCONNECT', 2), seen('DISCONNECT', 3)], { onTime: 1, duplicated: 1 }],
    [
      'told three times counts once',
      [seen('DISCONNECT', 2, 'a'), seen('DISCONNECT', 3, 'b'), seen('DISCONNECT', 4, 'c')],
      { onTime: 1, duplicated: 1 },
    ],
    [
      'a copy of one delivery is no duplicate',
      [seen('DISCONNECT', 2, 'a'), seen('DISCONNECT', 2, 'a')],
      { onTime: 1 },
    ],
    [
      '$disconnect before $connect',
      [seen('DISCONNECT', 2), seen('CONNECT', 3)],
      { onTime: 1, outOfOrder: 1 },
    ],
    ['a tie is no violation', [seen('DISCONNECT', 3), seen('CONNECT', 3)], { onTime: 1 }],
    [
      'the order of arrival says nothing',
      [seen('DISCONNECT', 2000), seen('CONNECT', 3)],
      { onTime: 1 },
    ],
  ])('%s', (_, events, want) => {
    const result = toldOf((ledger) => events.forEach((event) => ledger.event(event)));
    expect(result.strata.map(counts)).toEqual([{ ending: 'fin', ...CLEAN, ...want }]);
    const before = createDeliveryLedger(OPTIONS);
    for (const event of events) before.event(event);
    before.end({ number: 0, opened: true, ending: 'fin', endedMs: 1000 });
    expect(before.result(400_000)).toEqual(result);
  });

  it('is indeterminate where the observer was blind before the deadline', () => {
    const result = toldOf((ledger) => ledger.gap({ fromMs: 20_000, toMs: 21_000, why: 'gone' }));
    expect(counts(result.strata[0])).toEqual({ ending: 'fin', ...CLEAN, indeterminate: 1 });
    expect(result.strata[0]?.onTimeShare).toMatchObject({ held: 0, samples: 1, high: 1 });
  });

  it('is missing where it was blind only after the deadline', () => {
    const result = toldOf((ledger) => ledger.gap({ fromMs: 31_001, toMs: 40_000, why: 'gone' }));
    expect(counts(result.strata[0])).toEqual({ ending: 'fin', ...CLEAN, missing: 1 });
  });

  it('is indeterminate where nobody watched until its deadline', () => {
    const result = toldOf(() => {}, 5000);
    expect(counts(result.strata[0])).toEqual({ ending: 'fin', ...CLEAN, indeterminate: 1 });
    expect(result.strata[0]?.ladder.map(({ deadlineMs }) => deadlineMs)).toEqual([1000]);
  });

  it('is indeterminate between the canaries around one that did not come through', () => {
    const result = toldOf((ledger) => {
      for (const second of [0, 1, 2, 40]) ledger.canarySent(`c${second}`, second * 1000);
      for (const second of [0, 1, 40]) ledger.canarySeen(`c${second}`);
    });
    expect(result.canaries).toEqual({ sent: 4, seen: 3 });
    expect(result.gaps).toEqual([
      { fromMs: 1000, toMs: 40_000, why: 'a canary did not come through' },
    ]);
    expect(counts(result.strata[0])).toEqual({ ending: 'fin', ...CLEAN, indeterminate: 1 });
  });

  it('is orphaned where the client never saw 101, told of before or after, once', () => {
    const ledger = createDeliveryLedger(OPTIONS);
    ledger.event({ number: 1, type: 'CONNECT', atMs: 1 });
    ledger.end({ number: 1, opened: false, ending: '', endedMs: NaN });
    ledger.end({ number: 2, opened: false, ending: '', endedMs: NaN });
    ledger.event({ number: 2, type: 'CONNECT', atMs: 1 });
    ledger.event({ number: 2, type: 'DISCONNECT', atMs: 1 });
    ledger.event({ number: 2, type: 'CONNECT', atMs: 1 });
    ledger.end({ number: 3, opened: false, ending: '', endedMs: NaN });
    expect(ledger.result(10)).toMatchObject({ orphaned: 2, strata: [] });
    expect(ledger.outstanding).toBe(0);
  });
});

interface Truth {
  readonly ending: number;
  readonly opened: boolean;
  readonly endedMs: number;
  readonly connectMs: number;
  readonly delays: readonly number[];
  readonly copied: boolean;
}

const truths = fc.array(
  fc.record({
    ending: fc.integer({ min: 0, max: 2 }),
    opened: fc.boolean(),
    endedMs: fc.integer({ min: 0, max: 20_000 }),
    connectMs: fc.integer({ min: 0, max: 40_000 }),
    delays: fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 3 }),
    copied: fc.boolean(),
  }),
  { maxLength: 40 },
);

// Keeps everything and counts at the end. The first $disconnect that is told of counts.
function naive(all: readonly Truth[], order: readonly (readonly [number, number])[]): object {
  const strata = [0, 1, 2].map((ending) => {
    const own = [...all.entries()].filter(([, one]) => one.opened && one.ending === ending);
    const first = (number: number): number | undefined => {
      const at = order.find(([whose, which]) => whose === number && which >= 0)?.[1];
      return at === undefined ? undefined : all[number]?.delays[at];
    };
    const delays = own.map(([number]) => first(number));
    return {
      ending: String(ending),
      ended: own.length,
      onTime: delays.filter((one) => one !== undefined && one <= 30_000).length,
      late: delays.filter((one) => one !== undefined && one > 30_000).length,
      missing: delays.filter((one) => one === undefined).length,
      indeterminate: 0,
      duplicated: own.filter(([, one]) => one.delays.length > 1).length,
      outOfOrder: own.filter(([number, one]) => {
        const delay = first(number);
        return delay !== undefined && one.endedMs + delay < one.connectMs;
      }).length,
    };
  });
  return {
    strata: strata.filter(({ ended }) => ended > 0),
    orphaned: all.filter(({ opened }) => !opened).length,
  };
}

describe('many connections', () => {
  it('are counted as by one who keeps everything, whatever the order', () => {
    fc.assert(
      fc.property(truths, fc.string(), (all, seed) => {
        const random = seededRandom(seed);
        // [number, which delay]; -1: $connect; -2: the end.
        const told = all
          .flatMap((one, number) => [
            [number, -1] as const,
            [number, -2] as const,
            ...one.delays.map((_, which) => [number, which] as const),
          ])
          .map((what) => ({ what, key: random.next() }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ what }) => what);
        const ledger = createDeliveryLedger(OPTIONS);
        for (const [number, which] of told) {
          const one = all[number] as Truth;
          const { opened, endedMs, connectMs, delays, copied } = one;
          if (which === -2) ledger.end({ number, opened, ending: String(one.ending), endedMs });
          else if (which === -1) ledger.event({ number, type: 'CONNECT', atMs: connectMs });
          else {
            const atMs = endedMs + (delays[which] ?? 0);
            const event = { number, type: 'DISCONNECT', atMs, delivery: `${which}` } as const;
            ledger.event(event);
            // The sink repeats what it told last.
            if (copied && delays.length === 1) ledger.event(event);
          }
        }
        const { strata, orphaned } = ledger.result(1_000_000);
        const sorted = strata.toSorted((a, b) => a.ending.localeCompare(b.ending)).map(counts);
        expect({ strata: sorted, orphaned }).toEqual(naive(all, told));
      }),
    );
  });

  it('lose, repeat and delay as was injected, in every stratum', () => {
    const random = seededRandom('injected');
    const ledger = createDeliveryLedger({ ...OPTIONS, deadlineMs: 5000 });
    const endings = ['close 1000', 'fin', 'reset'];
    const truth = endings.map(() => ({ ended: 0, onTime: 0, late: 0, missing: 0, duplicated: 0 }));
    for (let number = 0; number < 30_000; number += 1) {
      const which = random.integer(3);
      const own = truth[which] as (typeof truth)[0];
      const endedMs = number;
      own.ended += 1;
      ledger.end({ number, opened: true, ending: endings[which] ?? '', endedMs });
      const fate = random.next();
      if (fate < 0.01 * (which + 1)) {
        own.missing += 1;
        continue;
      }
      const isLate = fate > 0.98;
      own[isLate ? 'late' : 'onTime'] += 1;
      const atMs = endedMs + (isLate ? 5001 + random.integer(5000) : random.integer(5001));
      ledger.event({ number, type: 'DISCONNECT', atMs });
      if (fate < 0.1) {
        own.duplicated += 1;
        ledger.event({ number, type: 'DISCONNECT', atMs });
      }
    }
    const { strata } = ledger.result(100_000);
    expect(Object.fromEntries(strata.map((one) => [one.ending, one]))).toEqual(
      Object.fromEntries(endings.map((name, at) => [name, expect.objectContaining(truth[at])])),
    );
    expect(ledger.outstanding).toBe(truth.reduce((sum, { missing }) => sum + missing, 0));
  });

  it('estimate the slow ones that a short watch does not see', () => {
    const random = seededRandom('slow tail');
    const ledger = createDeliveryLedger(OPTIONS);
    const delays: number[] = [];
    const observed: number[] = [];
    const nowMs = 62_000;
    for (let number = 0; number < 20_000; number += 1) {
      const endedMs = number * 3;
      const slow = random.next() < 0.02;
      const delay =
        random.next() < 0.005 ? Infinity : -Math.log(1 - random.next()) * (slow ? 12_000 : 200);
      delays.push(delay);
      ledger.end({ number, opened: true, ending: 'fin', endedMs });
      if (endedMs + delay > nowMs) continue;
      observed.push(delay);
      ledger.event({ number, type: 'DISCONNECT', atMs: endedMs + delay });
    }
    const p99 = (all: number[]): number =>
      all.toSorted((a, b) => a - b)[Math.ceil(all.length * 0.99) - 1] ?? NaN;
    const [stratum] = ledger.result(nowMs).strata;
    const truth = p99(delays);
    expect(Math.abs((stratum?.survival.p99 ?? NaN) / truth - 1)).toBeLessThan(0.12);
    expect(p99(observed) / truth).toBeLessThan(0.8);
  });

  it('say less where their losses come together', () => {
    const shares = [true, false].map((clustered) => {
      const ledger = createDeliveryLedger(OPTIONS);
      for (let number = 0; number < 20_000; number += 1) {
        ledger.end({ number, opened: true, ending: 'fin', endedMs: number });
        const lost = clustered ? number < 200 : number % 100 === 0;
        if (!lost) ledger.event({ number, type: 'DISCONNECT', atMs: number });
      }
      return ledger.result(100_000).strata[0];
    });
    // All 200 in the first of 20 seconds of 1000: s² = 20/19 (198² + 19 · 10…²)/(20000 · 0.01 · 0.99).
    expect(shares[0]?.designEffect).toBeCloseTo((20 / 19) * ((190 ** 2 + 19 * 10 ** 2) / 198), 9);
    expect(shares[1]?.designEffect).toBe(1);
    const width = (one: DeliveryStratum | undefined): number =>
      (one?.onTimeShare.high ?? 0) - (one?.onTimeShare.low ?? 0);
    expect(width(shares[0])).toBeGreaterThan(5 * width(shares[1]));
    expect(shares[1]?.onTimeShare).toMatchObject({ held: 19_800, samples: 20_000 });
  });
});
