// Codes in the code against the tables in the docs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DIAGNOSTIC_CODES } from '../../src/scenario/diagnostic.ts';
import { PACKAGE_ROOT } from '../support/io.ts';

function read(path: string): string {
  return readFileSync(join(PACKAGE_ROOT, path), 'utf8');
}

/** Rows of the Markdown tables in `text`, cell by cell, without heads. */
function rowsOf(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => /^\| `?[A-Z0-9]/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

const ERRORS = rowsOf(read('docs/errors.md'));

it('documents every tool error, and no other', () => {
  const source = read('src/base/errors.ts');
  const [, union = ''] = /type ErrorCode =([^;]*);/.exec(source) ?? [];
  const declared = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code);
  // Problems of a run that are never thrown.
  const problems = [
    'TARGET_TLS',
    'TARGET_SILENT',
    'RUN_UNFINISHED',
    'NOTHING_DECIDED',
    'SHARD_MISSING',
    'PROBE_REFUSED',
    'OBSERVER_SLOW',
    'LOAD_CUT',
    'LOAD_REFUSED',
  ];
  const documented = ERRORS.filter((row) => row.length === 4).map(([code]) => code);
  expect(new Set(documented)).toEqual(new Set([...declared, ...problems]));
});

it('exits with the code that the table names', () => {
  const source = read('src/cli/main.ts');
  const [, table = ''] = /const EXIT_CODES[^{]*\{([^}]*)\}/.exec(source) ?? [];
  const mapped = [...table.matchAll(/([A-Z_]+): (\d+)/g)].map(([, code, exit]) => [code, exit]);
  const documented = new Map(ERRORS.map(([code, exit]) => [code, exit]));
  expect(mapped.length).toBeGreaterThan(5);
  expect(mapped.map(([code]) => [code, documented.get(code ?? '')])).toEqual(mapped);
});

it('documents every diagnostic with its meaning, and no other', () => {
  const rows = rowsOf(read('docs/scenario-reference.md'));
  const documented = rows.filter(([code]) => /^(SCN|TGT|BSL|SUITE|REQ)_/.test(code ?? ''));
  expect(Object.fromEntries(documented)).toEqual(
    Object.fromEntries(
      Object.entries(DIAGNOSTIC_CODES).map(([code, what]) => [code, what.replaceAll('`', '')]),
    ),
  );
});

it('documents each exit code once, in order', () => {
  const codes = rowsOf(read('docs/exit-codes.md')).map(([code]) => code);
  expect(codes).toEqual(['0', '1', '2', '3', '4', '70', '130']);
});
