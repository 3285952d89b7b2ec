import { isUtf8 } from 'node:buffer';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createUtf8Validator } from './utf8.ts';

function isValid(pieces: readonly Uint8Array[]): boolean {
  const validator = createUtf8Validator();
  return pieces.every((piece) => validator.push(piece) === -1) && validator.complete;
}

describe('UTF-8 in pieces', () => {
  // Bytes near the borders of the grammar, where mistakes are.
  const byte = fc
    .constantFrom(
      '00',
      '7f',
      '80',
      '8f',
      '90',
      '9f',
      'a0',
      'bf',
      'c0',
      'c1',
      'c2',
      'df',
      'e0',
      'e1',
    )
    .chain((low) =>
      fc.constantFrom(low, 'ec', 'ed', 'ee', 'ef', 'f0', 'f1', 'f3', 'f4', 'f5', 'ff'),
    )
    .map((hex) => Number.parseInt(hex, 16));

  it('is judged as Node judges the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.array(byte, { maxLength: 4 }), { maxLength: 4 }), (pieces) => {
        const parts = pieces.map((piece) => Uint8Array.from(piece));
        expect(isValid(parts)).toBe(isUtf8(Buffer.concat(parts)));
      }),
      { numRuns: 5000 },
    );
  });

  it('is valid wherever valid text is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, cut) => {
        const bytes = Buffer.from(text.toWellFormed());
        const at = cut % (bytes.length + 1);
        expect(isValid([bytes.subarray(0, at), bytes.subarray(at)])).toBe(true);
      }),
    );
  });

  it('fails at the first byte that cannot stand there', () => {
    const validator = createUtf8Validator();
    expect(validator.push(Uint8Array.of(0x61, 0xe2, 0x82))).toBe(-1);
    expect(validator.complete).toBe(false);
    expect(validator.push(Uint8Array.of(0xac, 0x61, 0xc1))).toBe(2);
  });
});
