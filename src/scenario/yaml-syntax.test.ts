// Mistakes of YAML's own syntax: each is said once, where it was made, and the rest is read as meant.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPlain } from './source-node.ts';
import { readYaml } from './yaml-document.ts';
import { applyEdits } from './yaml-edit.ts';

interface Said {
  readonly places: readonly string[];
  readonly value: unknown;
}

function read(text: string): Said {
  const { root, found } = readYaml('f', text);
  const places = found.map(
    ({ span: { line, column, length }, message }) => `${line}:${column}+${length} ${message}`,
  );
  return { places, value: root === undefined ? undefined : toPlain(root) };
}

describe('several mistakes of syntax', () => {
  it.each<[string, string, readonly string[], unknown]>([
    [
      'brackets that are never closed, by lines and by the end of the file',
      'a: { b: { c: 1 }\nd: [1, 2\ne: { f: [3',
      [
        '1:4+1 this { is never closed',
        '2:4+1 this [ is never closed',
        '3:4+1 this { is never closed',
      ],
      { a: { b: { c: 1 } }, d: [1, 2], e: { f: [3] } },
    ],
    [
      'brackets that are never closed before a block of several lines',
      'a:\n  - b: { c: 1 # why\n  - d: 1\n    e: 2\nf:\n  g: [1\n\n  h: 2\n',
      ['2:8+1 this { is never closed', '6:6+1 this [ is never closed'],
      { a: [{ b: { c: 1 } }, { d: 1, e: 2 }], f: { g: [1], h: 2 } },
    ],
    [
      'brackets that close nothing',
      'a: { b: 1 } }\nc:\n  - [1]]\n',
      ['1:13+1 this } closes nothing', '3:8+1 this ] closes nothing'],
      { a: { b: 1 }, c: [[1]] },
    ],
    [
      'the wrong bracket',
      'a: { b: [1, 2 }\nc: [1, 2}\n',
      ['1:9+1 this [ is never closed', '2:4+1 this [ is never closed'],
      { a: { b: [1, 2] }, c: [1, 2] },
    ],
    [
      'quotes that are never closed',
      'a: "one\nb: { c: "two, d: 3 }\ne: \'four\nf: "five"\n',
      ['1:4+4 this " is not closed', '2:9+4 this " is not closed', "3:4+5 this ' is not closed"],
      { a: '"one', b: { c: '"two', d: 3 }, e: "'four", f: 'five' },
    ],
    [
      'quotes that close too early',
      "a: 'it's'\nb: { c: 'it's' }\nd: \"say \"no\" now\"\n",
      [
        "1:7+1 this ' ends the text, and more follows",
        "2:12+1 this ' ends the text, and more follows",
        '3:9+1 this " ends the text, and more follows',
      ],
      { a: "it's", b: { c: "it's" }, d: '"say "no" now"' },
    ],
    [
      'colons and spaces that are missing',
      'a 1\nb:2\nc:\n  - d:\n    e\nf: { g { h: 1 }, i: {"j":2} }\n',
      [
        '1:1+1 a colon is missing after "a"',
        '2:1+3 a space is missing after the colon',
        '5:5+1 a colon is missing after "e"',
        '6:6+1 a colon is missing after "g"',
      ],
      { a: 1, b: 2, c: [{ d: {}, e: {} }], f: { g: { h: 1 }, i: { j: 2 } } },
    ],
    [
      'commas that are missing, and one too many',
      'a: { b: 1 c: 2, d: "x" e: 3 }\nf: { g: 1,, h: 2 }\ni: {\n  j: 1\n  k: 2\n}\n',
      [
        '1:11+1 a comma is missing before this',
        '1:24+1 a comma is missing before this',
        '2:11+1 there is nothing before this comma',
        '5:3+1 a comma is missing before this',
      ],
      { a: { b: 1, c: 2, d: 'x', e: 3 }, f: { g: 1, h: 2 }, i: { j: 1, k: 2 } },
    ],
    [
      'lines in the wrong column, with what belongs to them',
      'a:\n  - b: 1\n     c:\n       d: 2\n   - e: 3\n f: 4\ng: 5\n',
      [
        '3:6+1 this line begins in column 6, its neighbours in column 5',
        '5:4+1 this line begins in column 4, its neighbours in column 3',
        '6:2+1 this line begins in column 2, its neighbours in column 1',
      ],
      { a: [{ b: 1, c: { d: 2 } }, { e: 3 }], f: 4, g: 5 },
    ],
    [
      'tabs, said once',
      'a:\n\t- b\n\t- c:\n\t\t\td: 1\ne: 2\n',
      ['2:1+1 a tab cannot indent YAML, here and in 2 more lines'],
      { a: ['b', { c: { d: 1 } }], e: 2 },
    ],
    [
      'text that YAML reads as something else',
      'a: @b\nc: [%d, *, "\\d\\w"]\ne: |f\n  g\nh: !i j\n',
      [
        '1:4+1 a text cannot begin with @',
        '2:5+1 a text cannot begin with %',
        '2:9+1 to YAML a * begins an alias',
        '2:13+1 \\d means nothing between double quotes',
        '3:5+1 a text that begins with | or > begins in the next line',
        '5:4+2 to YAML !i is a tag, and an unknown one',
      ],
      { a: '@b', c: ['%d', '', '\\d\\w'], e: 'g\n', h: 'j' },
    ],
    [
      'variables and brackets without quotes',
      'a: { b: ${c}, d: [e[0].f, ${g.h}, i] }\nj: { k: x-${l} }\n',
      [
        '1:9+4 inside { } or [ ] YAML reads the brace of ${c} itself',
        '1:19+6 inside { } or [ ] YAML reads this bracket itself',
        '1:27+6 inside { } or [ ] YAML reads the brace of ${g.h} itself',
        '2:11+4 inside { } or [ ] YAML reads the brace of ${l} itself',
      ],
      { a: { b: '${c}', d: ['e[0].f', '${g.h}', 'i'] }, j: { k: 'x-${l}' } },
    ],
    [
      'a second colon in a line',
      'a: b: c\nd: { e: f: g }\n',
      [
        '1:4+4 a second colon would begin a mapping inside the line',
        '2:9+4 a second colon would begin a mapping inside the line',
      ],
      { a: 'b: c', d: { e: 'f: g' } },
    ],
    [
      'what cannot be repaired is left out, and the rest is still looked at',
      'a: &x &y b\nc: [d\ne: f\ng: ${h}\ni: [${j}]\n',
      [
        '1:7+2 A node can have at most one anchor',
        '2:4+1 this [ is never closed',
        '5:5+4 inside { } or [ ] YAML reads the brace of ${j} itself',
      ],
      undefined,
    ],
  ])('%s', (_, text, places, value) => {
    expect(read(text)).toEqual({ places, value });
  });

  it.each([
    ['of two kinds', 1, (index: number) => `k${index}: { a: b c: d`],
    ['that the parser recovers from', 1, (index: number) => `k${index}: { a: b`],
    ['of variables', 100, () => '- [${a}]'],
    ['of brackets', 1, (index: number) => `k${index}: }`],
    ['that are lost', 1, (index: number) => `k${index}: &a &b c`],
  ])('thousands %s are told in a bounded time', (_, least, line) => {
    const text = Array.from({ length: 5000 }, (__, index) => line(index)).join('\n');
    const started = performance.now();
    expect(read(text).places.length).toBeGreaterThanOrEqual(least);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('edits', () => {
  const edit = fc.record({
    at: fc.nat(30),
    remove: fc.nat(5),
    insert: fc.string({ maxLength: 5 }),
  });

  it('keep the place of everything they do not touch', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 5 }), (given) => {
        const original = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP';
        const apart = given
          .toSorted((a, b) => a.at - b.at)
          .reduce<typeof given>((kept, one) => {
            const before = kept.at(-1);
            const meets = before !== undefined && before.at + before.remove >= one.at;
            return meets ? kept : [...kept, one];
          }, [])
          .map((one) => ({ ...one, insert: one.insert.replaceAll(/[a-zA-Z]/g, '-') }));
        const edited = applyEdits(original, apart);
        const kept = [...edited.text.matchAll(/[a-zA-Z]/g)];
        const found = kept.map(({ index }) => original[edited.originOf(index)]);
        expect(found).toEqual(kept.map(([char]) => char));
        expect(edited.originOf(edited.text.length)).toBe(original.length);
      }),
    );
  });
});
