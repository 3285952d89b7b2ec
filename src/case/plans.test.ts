import { expect, test } from 'vitest';
import type { ConnectSpec, Plan } from '../scenario/model.ts';
import type { Target } from '../target/model.ts';
import { plansFor } from './plans.ts';

const answering = (usageIdentifierKey: string | undefined, effect: 'allow' | 'deny'): Plan => ({
  when: { kind: 'hold', ms: 500 },
  answer: {
    kind: 'authorizer',
    effect,
    principalId: 'me',
    context: undefined,
    policy: undefined,
    usageIdentifierKey,
  },
});

const THROWS: Plan = { when: { kind: 'now' }, answer: { kind: 'throw', message: 'boom' } };

// `plansFor` reads nothing but the endpoint, the name of the credentials and the plans.
function plansOf(credentials: string, backend: ConnectSpec['backend']): ConnectSpec['backend'] {
  const known = {
    keyed: { headers: [], query: [], usageIdentifierKey: 'key' },
    plain: { headers: [], query: [] },
  };
  const target = { endpoints: { open: { url: 'ws://h/', credentials: known } } };
  const spec = { endpoint: 'open', credentials, backend };
  return plansFor(spec as unknown as ConnectSpec, target as unknown as Target);
}

test('credentials give the authorizer its key', () => {
  expect(plansOf('keyed', { $connect: THROWS })).toMatchObject({
    $connect: THROWS,
    authorizer: { when: { kind: 'now' }, answer: { effect: 'allow', usageIdentifierKey: 'key' } },
  });
  expect(plansOf('keyed', { authorizer: answering(undefined, 'deny') })).toEqual({
    authorizer: answering('key', 'deny'),
  });
});

test.each<[string, string, ConnectSpec['backend']]>([
  ['credentials without a key', 'plain', { authorizer: answering(undefined, 'allow') }],
  ['credentials that are not there', 'none', {}],
  ['a plan that has a key', 'keyed', { authorizer: answering('other', 'allow') }],
  ['a plan that gives no result', 'keyed', { authorizer: THROWS }],
])('%s: the plans stay', (_, credentials, backend) => {
  expect(plansOf(credentials, backend)).toBe(backend);
});
