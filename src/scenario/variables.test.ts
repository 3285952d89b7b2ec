import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../base/json.ts';
import type { Diagnostic } from './diagnostic.ts';
import { nodeFromJson, toPlain } from './source-node.ts';
import { fillNonce, resolveVariables } from './variables.ts';

const SPAN = { file: 'f.yaml', line: 1, column: 1, length: 1 };

interface Options {
  readonly vars?: Readonly<Record<string, Json>>;
  readonly limits?: Readonly<Record<string, number>>;
  readonly own?: Readonly<Record<string, Json>>;
  readonly unknown?: 'report' | 'keep';
}

function resolved(
  value: Json,
  { vars = {}, limits = {}, own = {}, unknown = 'report' }: Options = {},
): { readonly value: Json; readonly found: readonly string[] } {
  const found: Diagnostic[] = [];
  const scope = {
    vars,
    limits,
    env: (name: string) => (name === 'HOME' ? '/home' : undefined),
    registerSecret: () => undefined,
  };
  const defaults = Object.fromEntries(
    Object.entries(own).map(([key, one]) => [key, nodeFromJson(one, SPAN)]),
  );
  const node = resolveVariables(nodeFromJson(value, SPAN), {
    scope,
    own: [{}, defaults],
    unknown,
    found,
  });
  return { value: toPlain(node), found: found.map(({ code, message }) => `${code}: ${message}`) };
}

describe('resolveVariables', () => {
  it.each<[string, Json, Options, Json]>([
    ['a whole value keeps its type', '${a}', { vars: { a: 5 } }, 5],
    ['also a mapping', { x: '${a}' }, { vars: { a: { b: [1] } } }, { x: { b: [1] } }],
    ['inside text it becomes text', 'n=${a}!', { vars: { a: 5 } }, 'n=5!'],
    ['two make a text', '${a}${a}', { vars: { a: 5 } }, '55'],
    ['parts of a mapping', '${a.b.c}', { vars: { a: { b: { c: true } } } }, true],
    ['items of a list', '${a.1}', { vars: { a: ['x', 'y'] } }, 'y'],
    ['an escape', 'a $${b} ${c}', { vars: { c: 1 } }, 'a ${b} 1'],
    ['only an escape', '$${b}', {}, '${b}'],
    ['the nonce stays', ['${nonce}', 'x${nonce}'], {}, ['${nonce}', 'x${nonce}']],
    ['the environment', '${env:HOME}', {}, '/home'],
    [
      'limits in their unit',
      ['${limits.idleTimeout}', '${limits.frameBytes}', '${limits.connectRate}'],
      { limits: { idleTimeout: 1500, frameBytes: 9, connectRate: 50 } },
      ['1500ms', 9, '50/s'],
    ],
    ['defaults lose', '${a}', { vars: { a: 1 }, own: { a: 2 } }, 1],
    ['defaults are replaced in their turn', '${a}', { own: { a: 'x${b}', b: 2 } }, 'x2'],
    ['given values are not', '${a}', { vars: { a: '${b}' }, own: { b: 2 } }, '${b}'],
    ['names of Object.prototype are no variables', '$${toString}', {}, '${toString}'],
    ['keys are not replaced', { '${a}': 1 }, { vars: { a: 'x' } }, { '${a}': 1 }],
  ])('%s', (_, value, options, expected) => {
    expect(resolved(value, options)).toEqual({ value: expected, found: [] });
  });

  it.each<[Json, Options, string]>([
    ['${a}', {}, 'SCN_UNKNOWN_VARIABLE: nothing gives the variable "a" a value'],
    ['${toString}', {}, 'SCN_UNKNOWN_VARIABLE: nothing gives the variable "toString" a value'],
    ['${a', {}, 'SCN_BAD_VARIABLE: ${a is not a variable'],
    ['${}', {}, 'SCN_BAD_VARIABLE: ${} is not a variable'],
    ['${a b}', {}, 'SCN_BAD_VARIABLE: ${a b} is not a variable'],
    ['${env:A-B}', {}, 'SCN_BAD_VARIABLE: ${env:A-B} is not a variable'],
    ['${env:NONE}', {}, 'SCN_MISSING_ENV: the environment has no NONE'],
    ['${limits.idle}', {}, 'SCN_UNKNOWN_LIMIT: there is no limit "idle"'],
    ['${a.c}', { vars: { a: { b: 1 } } }, 'SCN_UNKNOWN_VARIABLE: ${a.c}: there is no "c"'],
    [
      'x ${a}',
      { vars: { a: { b: 1 } } },
      'SCN_BAD_VARIABLE: ${a} is a mapping and cannot stand inside text',
    ],
    ['${a}', { own: { a: '${a}' } }, 'SCN_VARIABLE_CYCLE: a -> a -> … never ends'],
  ])('%j is a mistake', (value, options, complaint) => {
    expect(resolved(value, options).found).toEqual([complaint]);
  });

  it('leaves what is not known where that is asked for', () => {
    expect(resolved(['${a}', 'x${b}', '${env:X}', '${secret:Y}'], { unknown: 'keep' })).toEqual({
      value: ['${a}', 'x${b}', '${env:X}', '${secret:Y}'],
      found: [],
    });
  });

  it('never throws and leaves text without variables alone', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { value } = resolved(text);
        expect(text.includes('${') || value === text).toBe(true);
      }),
    );
  });
});

describe('fillNonce', () => {
  it('puts the nonce in, but not where it was escaped', () => {
    const { value } = resolved('${nonce}/$${nonce}/${nonce}');
    expect(fillNonce(value as string, 'k3v7')).toBe('k3v7/${nonce}/k3v7');
  });
});
