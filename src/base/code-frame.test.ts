import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeFrame } from './code-frame.ts';

const TEXT = 'steps:\n  - connect:\n    hold: 5 parsecs\nchecks: {}\n';

test('shows the line before, the line, carets and the fix', () => {
  const span = { file: 'a.yaml', line: 3, column: 11, length: 9 };
  expect(codeFrame(TEXT, span, 'write a number and a unit: 250ms, 5s, 2m')).toBe(
    [
      '  2 |   - connect:',
      '> 3 |     hold: 5 parsecs',
      '    |           ^^^^^^^^^ write a number and a unit: 250ms, 5s, 2m',
    ].join('\n'),
  );
});

test('the first line has none before it', () => {
  expect(codeFrame(TEXT, { file: 'a', line: 1, column: 1, length: 5 })).toBe(
    ['> 1 | steps:', '    | ^^^^^'].join('\n'),
  );
});

test('long lines are cut around the place', () => {
  const text = `${'x'.repeat(500)}HERE${'y'.repeat(500)}`;
  const frame = codeFrame(text, { file: 'a', line: 1, column: 501, length: 4 });
  const [source = '', carets = ''] = frame.split('\n');
  expect(source.length).toBeLessThan(100);
  expect(source).toMatch(/^> 1 \| …x+HEREy+…$/);
  expect(source.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('HERE');
});

test('never throws and never prints a control character', () => {
  const place = fc.record({
    line: fc.integer({ min: 1, max: 9 }),
    column: fc.integer({ min: 1, max: 99 }),
    length: fc.integer({ min: 1, max: 99 }),
  });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), place, (text, at) => {
      const frame = codeFrame(text, { file: 'f', ...at }, 'fix');
      // oxlint-disable-next-line no-control-regex -- that is the point
      expect(frame).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }),
  );
});
