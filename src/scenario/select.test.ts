import { describe, expect, it } from 'vitest';
import { isPattern, matchPattern, parseSelector, selectIds } from './select.ts';

describe('matchPattern', () => {
  it.each([
    ['connect/throws', 'connect/throws'],
    ['connect/*', 'connect/throws'],
    ['connect/t*s', 'connect/throws'],
    ['**', 'a/b/c'],
    ['connect/**', 'connect/a/b'],
    ['**/throws', 'throws'],
    ['**/throws', 'a/b/throws'],
    ['a/**/c', 'a/c'],
    ['a/**/c', 'a/b/b/c'],
    ['connect/status', 'connect/status[status=403]'],
    ['connect/*', 'connect/status[status=403]'],
    ['connect/status[status=403]', 'connect/status[status=403]'],
    ['connect/status[status=4*]', 'connect/status[status=403]'],
    ['c/s[a=1,b=*]', 'c/s[a=1,b=2]'],
    ['connect/throws', 'connect/throws#refused'],
    ['connect/throws#refused', 'connect/throws#refused'],
    ['connect/*#re*', 'connect/throws[x=1]#refused'],
  ])('%s covers %s', (pattern, id) => {
    expect(matchPattern(pattern, id)).toBe(true);
  });

  it.each([
    ['connect', 'connect/throws'],
    ['connect/*', 'connect/a/b'],
    ['connect/*', 'connect'],
    ['connect/**', 'connect'],
    ['connect/throw', 'connect/throws'],
    ['connect.throws', 'connect/throws'],
    ['connect/status[status=40]', 'connect/status[status=403]'],
    ['connect/status[status=403]', 'connect/status'],
    ['c/s[a=*]', 'c/s[a=1,b=2]'],
    ['connect/throws#refused', 'connect/throws#opens'],
    ['connect/throws#refused', 'connect/throws'],
    ['a+', 'aa'],
    ['(', 'a'],
  ])('%s does not cover %s', (pattern, id) => {
    expect(matchPattern(pattern, id)).toBe(false);
  });
});

it('selects in the order of the ids and names what selects nothing', () => {
  const ids = ['connect/a', 'connect/b[x=1]', 'disconnect/c'];
  expect(selectIds(['disconnect/*', 'connect/b', 'nothing/*'], ids)).toEqual({
    selected: ['connect/b[x=1]', 'disconnect/c'],
    unmatched: ['nothing/*'],
  });
});

it('keeps the check apart, for running a case for some of its checks', () => {
  const selector = parseSelector('connect/a#refused*');
  expect([selector.matches('connect/a'), selector.hasCheck]).toEqual([true, true]);
  expect([selector.matchesCheck('refused-with-403'), selector.matchesCheck('opens')]).toEqual([
    true,
    false,
  ]);
  expect([isPattern('connect/*'), isPattern('connect/a[x=1]')]).toEqual([true, false]);
});
