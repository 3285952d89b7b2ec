import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from './diagnostic.ts';
import { parseScenario } from './parse.ts';
import { nodeAt, toPlain } from './source-node.ts';
import { readYaml } from './yaml-document.ts';

function plain(text: string): unknown {
  const read = readYaml('f.yaml', text);
  return read.found.length === 0 && read.root !== undefined
    ? toPlain(read.root)
    : read.found.map(({ code, message }) => `${code}: ${message}`);
}

describe('readYaml', () => {
  it.each([
    [
      'a key alone is an empty mapping',
      'a:\nb: null\nc: ~\nd: { e: , f }\n',
      { a: {}, b: null, c: null, d: { e: {}, f: {} } },
    ],
    [
      'YAML 1.2 core: yes and 0777 are no booleans and no octals',
      'a: yes\nb: 0777\nc: 0x10\nd: 1e3\n',
      { a: 'yes', b: 777, c: 16, d: 1000 },
    ],
    ['keys are texts', '1: a\ntrue: b\n', { 1: 'a', true: 'b' }],
    ['aliases are followed', 'a: &x { b: 1 }\nc: *x\n', { a: { b: 1 }, c: { b: 1 } }],
    ['an empty file is an empty mapping', '', {}],
    ['a file of comments too', '# nothing\n', {}],
    ['block scalars', 'a: |\n  one\n  two\n', { a: 'one\ntwo\n' }],
    [
      'a variable in block style needs no quotes',
      'a: ${b}\nc:\n  - ${d}\n',
      { a: '${b}', c: ['${d}'] },
    ],
    ['braces after other dollars', 'a: "${b}"\nc: [$, "{"]\n', { a: '${b}', c: ['$', '{'] }],
  ])('%s', (_, text, value) => {
    expect(plain(text)).toEqual(value);
  });

  it.each([
    [
      'prototype keys',
      '__proto__: { a: 1 }\nb: { constructor: 1 }\n',
      [
        'SCN_FORBIDDEN_KEY: "__proto__" cannot be a key',
        'SCN_FORBIDDEN_KEY: "constructor" cannot be a key',
      ],
    ],
    [
      'duplicate keys, however they are written',
      'a: 1\nb: { c: 1, "c": 2 }\n"a": 2\n',
      [
        'SCN_DUPLICATE_KEY: the key "c" stands twice in the same mapping',
        'SCN_DUPLICATE_KEY: the key "a" stands twice in the same mapping',
      ],
    ],
    [
      'two documents',
      'a: 1\n---\nb: 2\n',
      ['SCN_ONE_DOCUMENT: the file holds more than one YAML document'],
    ],
    ['unknown tags', 'a: !foo 3\n', ['SCN_YAML: to YAML !foo is a tag, and an unknown one']],
    [
      'numbers JSON does not have',
      'a: .nan\n',
      ['SCN_BAD_VALUE: .nan is a value that JSON does not have'],
    ],
    ['keys that are mappings', '? { a: 1 }\n: 2\n', ['SCN_YAML: a key has to be a text']],
    ['aliases without anchor', 'a: *b\n', ['SCN_YAML: there is no anchor "&b" before this alias']],
    [
      'deep flow nesting',
      '['.repeat(100_000),
      ['SCN_TOO_DEEP: the values are nested more than 64 deep'],
    ],
    [
      'deep block nesting',
      '- '.repeat(100_000),
      ['SCN_TOO_DEEP: the values are nested more than 64 deep'],
    ],
    [
      'deep nesting by indentation',
      Array.from({ length: 80 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      ['SCN_TOO_DEEP: the values are nested more than 64 deep'],
    ],
    [
      'files above 1 MiB',
      `a: ${'x'.repeat(1024 * 1024)}`,
      ['SCN_TOO_LARGE: the file is larger than 1024 KiB'],
    ],
    [
      'an alias of itself',
      'a: &a [*a]\n',
      ['SCN_TOO_DEEP: the values are nested more than 64 deep'],
    ],
  ])('refuses %s', (_, text, complaints) => {
    expect(plain(text)).toEqual(complaints);
  });

  it('refuses alias bombs quickly', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 30; i++) lines.push(`a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]`);
    expect(plain(lines.join('\n'))).toEqual([
      'SCN_ALIASES: the file stands for more than 20000 values',
    ]);
  });

  it('takes no quadratic time for many keys', () => {
    const text = Array.from({ length: 19_000 }, (_, i) => `k${i}: 1`).join('\n');
    expect(Object.keys(plain(text) as object)).toHaveLength(19_000);
  });

  it('reads a file with a byte order mark', () => {
    expect(plain('\ufefftitle: x\n')).toEqual({ title: 'x' });
  });

  it('reports every unquoted variable and nothing that follows from it', () => {
    expect(plain('a: { x: ${y}, z: "${y}" }\nb: [${c}, d-${e}]\n')).toEqual([
      'SCN_UNQUOTED_VARIABLE: inside { } or [ ] YAML reads the brace of ${y} itself',
      'SCN_UNQUOTED_VARIABLE: inside { } or [ ] YAML reads the brace of ${c} itself',
      'SCN_UNQUOTED_VARIABLE: inside { } or [ ] YAML reads the brace of ${e} itself',
    ]);
  });

  it('knows where every value stands', () => {
    const read = readYaml('f.yaml', 'a:\r\n  - b\r\n  - c: "dé"\r\n');
    if (read.root === undefined) throw new Error('not read');
    expect(nodeAt(read.root, ['a', 1, 'c']).span).toEqual({
      file: 'f.yaml',
      line: 3,
      column: 8,
      length: 4,
    });
    expect(nodeAt(read.root, ['a', 0]).span).toEqual({
      file: 'f.yaml',
      line: 2,
      column: 5,
      length: 1,
    });
    expect(nodeAt(read.root, ['nowhere', 1]).span.line).toBe(1);
  });
});

describe('whatever is in the file', () => {
  const FRAGMENTS = [
    'title: x',
    'steps:',
    '  - connect:',
    '${',
    '}',
    '{',
    '[',
    ': ',
    '- ',
    '&a ',
    '*a',
    '\n',
    '\n  ',
    '"',
    "'",
    '|',
    '>',
    '#',
    '!!',
    '\t',
    '?',
    '%YAML 1.1',
    '---',
    '${limits.x}',
    '$${',
    'checks: { a: { handshake: { status: 101 } } }',
    '\u0000',
    '\ud800',
    '\u202e',
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...FRAGMENTS)).map((parts) => parts.join('')),
  );

  it('the parser never throws, and what it says can always be drawn', () => {
    fc.assert(
      fc.property(text, (content) => {
        const parsed = parseScenario({ file: 'f.yaml', id: 'f', text: content });
        if ('scenario' in parsed) return;
        expect(parsed.diagnostics.length).toBeGreaterThan(0);
        const rendered = renderDiagnostics(parsed.diagnostics, { 'f.yaml': content });
        // oxlint-disable-next-line no-control-regex -- nothing may act on the terminal
        expect(rendered).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
      }),
      { numRuns: 400 },
    );
  });
});
