import fc from 'fast-check';
import { expect, test } from 'vitest';
import { notUtf8 } from './utf8.ts';

test.each([
  ['a letter of Latin-1', Buffer.from('a\nbä', 'latin1'), { line: 2, column: 2 }],
  ['UTF-16 with its mark', Buffer.from('\ufeffab', 'utf16le'), { line: 1, column: 1 }],
  ['a character that breaks off', Buffer.from([0x61, 0xef, 0xbf]), { line: 1, column: 2 }],
  ['a start that is none', Buffer.from([0x61, 0x0a, 0xef, 0x41]), { line: 2, column: 1 }],
  [
    'behind what is beyond the BMP',
    Buffer.from([...Buffer.from('😀'), 0xff]),
    { line: 1, column: 3 },
  ],
  ['a half of a surrogate pair', Buffer.from([0xed, 0xa0, 0x80]), { line: 1, column: 1 }],
])('%s has a place', (_, bytes, place) => {
  expect(notUtf8(bytes)).toEqual(place);
});

test('a replacement character that is written is no mistake', () => {
  expect(notUtf8(Buffer.from('a\ufffdb'))).toBeUndefined();
});

test('there is a place whenever a strict decoder refuses', () => {
  const strict = (bytes: Buffer): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 6 }), (text, more) => {
      const bytes = Buffer.concat([Buffer.from(text), more]);
      expect(notUtf8(bytes) === undefined).toBe(strict(bytes));
    }),
  );
});
