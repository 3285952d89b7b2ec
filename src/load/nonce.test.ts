import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadNonce, numberOfNonce, PREFIX_LENGTH } from './nonce.ts';

const PREFIX = 'q'.repeat(PREFIX_LENGTH);

it('is a nonce, and finds its number again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 32 ** 7 - 1 }), (number) => {
      const nonce = loadNonce(PREFIX, number);
      expect(nonce).toMatch(/^[a-z2-7]{26}$/);
      expect(numberOfNonce(PREFIX, nonce)).toBe(number);
    }),
  );
});

it('of another load, or what is none, has no number', () => {
  expect(numberOfNonce('p'.repeat(PREFIX_LENGTH), loadNonce(PREFIX, 5))).toBeUndefined();
  expect(numberOfNonce(PREFIX, PREFIX)).toBeUndefined();
  expect(numberOfNonce(PREFIX, `${PREFIX}aaaaaa1`)).toBeUndefined();
});
