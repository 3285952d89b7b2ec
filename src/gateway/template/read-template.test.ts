import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTemplate } from './read-template.ts';
import { renderTemplate } from './render.ts';
import { placeIn, TemplateError } from './template-error.ts';
import type { Value } from './value.ts';

function problemOf(template: string): string {
  try {
    renderTemplate(readTemplate(template), new Map<string, Value>([['n', 1]]));
    return 'none';
  } catch (thrown) {
    if (!(thrown instanceof TemplateError)) throw thrown;
    const { line, column } = placeIn(template, thrown.at);
    return `${line}:${column} ${thrown.message}`;
  }
}

test.each([
  ['#if($n)', '1:1 #end is missing for this #if'],
  ['a\n  #foreach($x in $n)', '2:3 #end is missing for this #foreach'],
  ['#end', '1:1 #end without a block'],
  ['x\n#else', '2:1 #else without a block'],
  ['#set($x 1)', '1:9 = is missing after the reference of #set'],
  ['#set(x = 1)', '1:6 a $reference is missing after #set('],
  ['#set($x.y() = 1)', '1:12 a call cannot be set'],
  ['#set($x = )', '1:11 a value is missing here'],
  ['#set($x = "open)', '1:11 the closing " is missing'],
  ["{\n #set($x = 'open)", "2:12 the closing ' is missing"],
  ['#foreach($x of $n)#end', '1:13 in is missing in #foreach'],
  ['#foreach($x.y in $n)#end', '1:14 #foreach needs a plain $reference'],
  ['#set($x = [1, 2)', '1:16 , is missing after an element of a list'],
  ['#set($x = {"a" 1})', '1:16 : is missing after a key'],
  ['${n', '1:4 } is missing after ${n'],
  ['#* open', '1:1 the closing *# of this comment is missing'],
  ['#macro(a)#end', '1:1 #macro is not supported'],
  ['#set($x = "$n.a(")', '1:17 a value is missing here'],
  ['#foreach($x in [1..1001])#end', '1:16 a range of 1001 elements; at most 1000 are allowed'],
  [`#set($x = ${'('.repeat(200)}1${')'.repeat(200)})`, '1:112 this is nested too deeply'],
])('%j: %s', (template, problem) => {
  expect(problemOf(template)).toBe(problem);
});

test('loops that would take forever, or make too much, end with an error', () => {
  const loop = (body: string, times: number): string =>
    times === 0 ? body : `#foreach($i${times} in [1..1000])${loop(body, times - 1)}#end`;
  expect(problemOf(loop('', 3))).toContain('this takes too many steps');
  expect(problemOf(`${'#if($n)'.repeat(60)}${'#end'.repeat(60)}`)).toContain('nested too deeply');
  const doubling = `#set($x = "0123456789")${'#set($x = "$x$x")'.repeat(30)}`;
  expect(problemOf(doubling)).toContain('this makes too much text');
  const added = `#set($x = "0123456789")${'#set($x = $x + $x)'.repeat(40)}`;
  expect(problemOf(added)).toContain('this makes too much text');
});

test('a list that holds itself is shown to an end', () => {
  const template = '#set($x = [1])#set($x[0] = $x)$x';
  expect(renderTemplate(readTemplate(template), new Map()).length).toBeLessThan(200);
});

// oxlint-disable-next-line vitest/expect-expect -- in the property
test('any text is a template or an error with a place in it', () => {
  const piece = fc.constantFrom(
    '#',
    '$',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '"',
    "'",
    'a',
    '.',
    '..',
    '1',
    '=',
    ' ',
    '\n',
    '#if',
    '#set(',
    '#foreach(',
    '$n',
    'in',
    '#end',
    '#else',
    '!',
    '\\',
    '-',
    '##',
    '#*',
    '*#',
    ',',
    ':',
    '+',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      const problem = problemOf(text);
      expect(problem).toMatch(/^(none|\d+:\d+ .+)$/);
    }),
    { numRuns: 3000 },
  );
});
