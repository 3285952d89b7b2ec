import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visible, visibleJson } from './visible.ts';

test.each([
  ['plain text, ünïcode, 漢字, 🎉', 'plain text, ünïcode, 漢字, 🎉'],
  ['\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
  ['\u001b]52;c;YQ==\u0007', '\\u{1b}]52;c;YQ==\\u{7}'],
  ['a\u0000b\u007fc\u009bd', 'a\\u{0}b\\u{7f}c\\u{9b}d'],
  ['abc\u202edcba', 'abc\\u{202e}dcba'],
  ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
  ['tag\u{e0041}', 'tag\\u{e0041}'],
  ['two\r\nlines', 'two\\u{d}\\u{a}lines'],
])('shows %j as %j', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test('newlines stay where they are asked for', () => {
  expect(visible('a\nb\r', true)).toBe('a\nb\\u{d}');
});

test('nothing that acts on a terminal or on XML gets through, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = visible(text);
      // oxlint-disable-next-line no-control-regex -- that is the point
      expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      expect(shown.isWellFormed()).toBe(true);
    }),
  );
});

test('JSON means the same to a parser and does nothing to a terminal', () => {
  expect(visibleJson({ a: '\u009b\u202e\u{e0001}\n' }, 2)).toBe(
    String.raw`{
  "a": "\u009b\u202e\udb40\udc01\n"
}`,
  );
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = visibleJson(value, 2);
      expect(visible(text, true)).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
