import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hideLiteralSecrets } from './literal-secret.ts';

describe('credentials in a text', () => {
  it.each([
    [
      'headers: { Authorization: Bearer abcd, X: y }',
      'headers: { Authorization: Bearer ****, X: y }',
    ],
    ['Authorization: "Bearer abcd"', 'Authorization: "Bearer ****"'],
    ["  'x-api-key': 'ab,cd' # why", "  'x-api-key': '*****' # why"],
    ['token: abcd', 'token: ****'],
    ['Cookie: a=b; c=d', 'Cookie: **** ***'],
    ['Authorization: "abcd', 'Authorization: "****'],
    ['Authorization: Bearer ${secret:T}', 'Authorization: Bearer ${secret:T}'],
    ['{ Authorization: "${secret:T}" }', '{ Authorization: "${secret:T}" }'],
    ['url: wss://h/?token=abcd&x=1', 'url: wss://h/?token=****&x=1'],
    ['url: wss://me:pass@h/', 'url: wss://me:****@h/'],
    ['token: { missing: {} }', 'token: { missing: {} }'],
    ['token: [a, b]', 'token: [a, b]'],
    ['credentials: none', 'credentials: none'],
    ['text: abcd', 'text: abcd'],
    ['token:\n  wrong: abcd', 'token:\n  wrong: abcd'],
  ])('%s', (text, hidden) => {
    expect(hideLiteralSecrets(text).text).toBe(hidden);
  });

  it('are hidden in what is said about it', () => {
    const { hide } = hideLiteralSecrets('Authorization: @abcd1234, token: wxyz9876');
    expect(hide('"wxyz9876" is not a text')).toBe('"***" is not a text');
  });

  it('leave every place where it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { text: hidden } = hideLiteralSecrets(`token: abc\n${text}`);
        expect(hidden).toHaveLength(text.length + 11);
      }),
    );
  });
});
