import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluatePolicy, matchesWildcard, readPolicy } from './policy.ts';

const ARN = 'arn:aws:execute-api:us-east-1:123456789012:api1/dev/$connect';

const statement = (Effect: string, Resource: string | string[], Action = 'execute-api:Invoke') => ({
  Effect,
  Resource,
  Action,
});

test.each([
  ['the route itself', [statement('Allow', ARN)], 'allow'],
  ['everything', [statement('Allow', '*')], 'allow'],
  ['any API', [statement('Allow', 'arn:aws:execute-api:*:*:*/*')], 'allow'],
  ['the whole stage', [statement('Allow', ARN.replace('$connect', '*'))], 'allow'],
  ['one character', [statement('Allow', ARN.replace('api1', 'api?'))], 'allow'],
  ['a list', [statement('Allow', ['arn:x', ARN])], 'allow'],
  [
    'two segments below the stage',
    [statement('Allow', ARN.replace('$connect', '*/*'))],
    'implicit-deny',
  ],
  ['another stage', [statement('Allow', ARN.replace('/dev/', '/prod/'))], 'implicit-deny'],
  ['another action', [statement('Allow', '*', 'execute-api:ManageConnections')], 'implicit-deny'],
  ['any action', [statement('Allow', '*', '*')], 'allow'],
  ['deny after allow', [statement('Allow', '*'), statement('Deny', ARN)], 'explicit-deny'],
  ['deny before allow', [statement('Deny', ARN), statement('Allow', '*')], 'explicit-deny'],
  ['deny of another', [statement('Deny', 'arn:x'), statement('Allow', ARN)], 'allow'],
  ['nothing', [], 'implicit-deny'],
])('%s', (_name, Statement, expected) => {
  const policy = readPolicy({ Version: '2012-10-17', Statement });
  expect(evaluatePolicy(policy ?? [], 'execute-api:Invoke', ARN)).toBe(expected);
});

test.each([
  ['no object', 'x'],
  ['no version', { Statement: [] }],
  ['a version of its own', { Version: '2020-01-01', Statement: [] }],
  ['no statement', { Version: '2012-10-17' }],
  ['an effect of its own', { Version: '2012-10-17', Statement: statement('Maybe', '*') }],
  ['no resource', { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*' } }],
])('is no policy: %s', (_name, value) => {
  expect(readPolicy(value)).toBeUndefined();
});

test('text without wildcards matches itself and nothing else', () => {
  const plain = fc.string().filter((text) => !/[*?]/.test(text));
  fc.assert(
    fc.property(plain, plain, (a, b) => {
      expect(matchesWildcard(a, b)).toBe(a === b);
      expect(matchesWildcard(`${a}*`, a + b)).toBe(true);
    }),
  );
});

test('a hostile pattern takes no time', () => {
  expect(matchesWildcard(`${'*a'.repeat(12)}b`, 'a'.repeat(60))).toBe(false);
});
