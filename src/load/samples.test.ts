import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSamples } from './samples.ts';

it('keeps what was measured, in order and in whole microseconds, and forgets it once it is taken', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.double({ min: -1, max: 1e6 }), { maxLength: 700 }), { maxLength: 4 }),
      (seconds) => {
        const samples = createSamples();
        for (const values of seconds) {
          for (const value of values) samples.add(value);
          const expected = values
            .filter((value) => !Number.isNaN(value))
            .map((value) => Math.max(0, Math.round(value * 1000)));
          expect([...(samples.take() ?? [])]).toEqual(expected);
        }
        expect(samples.take()).toBeUndefined();
      },
    ),
  );
});
