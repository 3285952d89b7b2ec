import { expect, it } from 'vitest';
import { bearerOf, drawToken, tokenMatches } from './token.ts';

it('draws a different token each time', () => {
  expect(drawToken()).not.toBe(drawToken());
});

it.each([
  ['right', 'right', true],
  ['righ', 'right', false],
  ['', 'right', false],
  [undefined, 'right', false],
  [undefined, '', false],
])('%j against %j: %j', (shown, token, matches) => {
  expect(tokenMatches(shown, token)).toBe(matches);
});

it.each([
  ['Bearer abc', 'abc'],
  ['bearer  abc ', 'abc'],
  ['Basic abc', undefined],
  ['Bearer', undefined],
  ['Bearer a b', undefined],
  [undefined, undefined],
])('reads %j as %j', (header, bearer) => {
  expect(bearerOf(header)).toBe(bearer);
});
