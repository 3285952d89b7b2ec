import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Diagnostic, hasErrors, renderDiagnostics, sortDiagnostics } from './diagnostic.ts';

// oxlint-disable-next-line no-control-regex -- that is what must not be there
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

function diagnostic(file: string, line: number, more: Partial<Diagnostic> = {}): Diagnostic {
  const span = { file, line, column: 3, length: 2 };
  return { code: 'SCN_BAD_VALUE', severity: 'error', span, message: `line ${line}`, ...more };
}

it('draws all of them in order, each once, and counts', () => {
  const found = [
    diagnostic('b.yaml', 1, { hint: 'write b' }),
    diagnostic('a.yaml', 2, { severity: 'warning', code: 'SCN_SHORT_HOLD' }),
    diagnostic('a.yaml', 1),
    diagnostic('a.yaml', 1),
  ];
  expect(`\n${renderDiagnostics(found, { 'a.yaml': 'one\ntwo\n' })}\n`).toMatchInlineSnapshot(`
    "
    a.yaml:1:3 - error SCN_BAD_VALUE: line 1

    > 1 | one
        |   ^

    a.yaml:2:3 - warning SCN_SHORT_HOLD: line 2

      1 | one
    > 2 | two
        |   ^

    b.yaml:1:3 - error SCN_BAD_VALUE: line 1
      write b

    2 errors and 1 warning in 2 files. Nothing was run.
    "
  `);
  expect(sortDiagnostics(found)).toHaveLength(3);
  expect([hasErrors(found), hasErrors(found.slice(1, 2)), hasErrors([])]).toEqual([
    true,
    false,
    false,
  ]);
});

it('says nothing of nothing, and does not say that nothing ran where only warnings are', () => {
  expect(renderDiagnostics([], {})).toBe('');
  const warning = diagnostic('a.yaml', 1, { severity: 'warning' });
  expect(renderDiagnostics([warning], {})).toBe(
    'a.yaml:1:3 - warning SCN_BAD_VALUE: line 1\n\n1 warning in 1 file.',
  );
});

it('can draw any place in any text, and lets nothing act on the terminal', () => {
  const place = fc.record({
    line: fc.integer({ min: 1, max: 50 }),
    column: fc.integer({ min: 1, max: 500 }),
    length: fc.integer({ min: 1, max: 500 }),
  });
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      place,
      fc.string({ unit: 'binary' }),
      (text, span, message) => {
        const one: Diagnostic = {
          ...diagnostic('f', 1),
          span: { file: 'f', ...span },
          message,
          hint: message,
        };
        expect(renderDiagnostics([one], { f: text })).not.toMatch(CONTROL);
      },
    ),
  );
});
