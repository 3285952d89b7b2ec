import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Plan, PlanAnswer } from '../scenario/model.ts';
import {
  type Parameter,
  planHeader,
  planInMessage,
  scriptPlans,
  signatureOf,
  signedText,
} from './script.ts';

interface Vector {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly signed: string;
  readonly signature: string;
}
const file = new URL('../../probe/contract/vectors.json', import.meta.url);
const vectors: { readonly secret: string; readonly signing: readonly Vector[] } = JSON.parse(
  readFileSync(file, 'utf8'),
);

it('has vectors to satisfy', () => {
  expect(vectors.signing.length).toBeGreaterThan(10);
});

it.each(vectors.signing)('signs as an independent program does: $name', (vector) => {
  const { parameters, signed, signature } = vector;
  expect(signedText(parameters)).toBe(signed);
  expect(signatureOf(parameters, vectors.secret)).toBe(signature);
});

const SIGNING = { secret: 'secret', expiresAtS: 4_102_444_800 };
const integration: PlanAnswer = {
  kind: 'integration',
  status: 200,
  headers: {},
  body: undefined,
  echo: false,
};
const authorizer: PlanAnswer = {
  kind: 'authorizer',
  effect: 'allow',
  principalId: 'assay',
  context: undefined,
  policy: undefined,
  usageIdentifierKey: undefined,
};
const now = { kind: 'now' } as const;

it.each<[string, Plan, readonly Parameter[]]>([
  [
    'a delay',
    { when: { kind: 'delay', ms: 1500.2 }, answer: integration },
    [['assay.connect.delay', '1501']],
  ],
  [
    'a hold, which becomes a delay',
    { when: { kind: 'hold', ms: 500 }, answer: integration },
    [['assay.connect.delay', '500']],
  ],
  ['a hang', { when: { kind: 'hang' }, answer: integration }, [['assay.connect.hang', '1']]],
  [
    'an error',
    { when: now, answer: { kind: 'throw', message: 'boom' } },
    [['assay.connect.throw', 'boom']],
  ],
  [
    'a value',
    { when: now, answer: { kind: 'return', value: { a: null } } },
    [['assay.connect.return', '{"a":null}']],
  ],
  [
    'an answer',
    {
      when: now,
      answer: { ...integration, status: 403, headers: { 'X-A': 'b' }, body: '', echo: true },
    },
    [
      ['assay.connect.status', '403'],
      ['assay.connect.header.X-A', 'b'],
      ['assay.connect.body', ''],
      ['assay.connect.echo', '1'],
    ],
  ],
])('scripts %s', (_, plan, expected) => {
  const script = scriptPlans({ $connect: plan }, SIGNING);
  expect(script.slice(0, -1)).toEqual([...expected, ['assay.exp', '4102444800']]);
  expect(script.at(-1)).toEqual(['assay.sig', signatureOf(script, 'secret')]);
});

it('scripts an authorizer beside the rest, under one signature', () => {
  const deny = {
    ...authorizer,
    effect: 'deny',
    principalId: 'x',
    context: { n: 1 },
    policy: [],
    usageIdentifierKey: 'k',
  } as const;
  const plans = {
    $disconnect: { when: now, answer: { kind: 'throw', message: 'late' } },
    authorizer: { when: now, answer: deny },
  } as const;
  expect(scriptPlans(plans, SIGNING).map(([name, value]) => `${name}=${value}`)).toEqual([
    'assay.authorizer.effect=deny',
    'assay.authorizer.principalId=x',
    'assay.authorizer.context={"n":1}',
    'assay.authorizer.policy=[]',
    'assay.authorizer.usageIdentifierKey=k',
    'assay.disconnect.throw=late',
    'assay.exp=4102444800',
    expect.stringMatching(/^assay\.sig=[\w-]{43}$/),
  ]);
});

it('says nothing of plans that say nothing', () => {
  const nothing = { when: now, answer: integration };
  expect(scriptPlans({}, SIGNING)).toEqual([]);
  expect(
    scriptPlans({ $connect: nothing, authorizer: { when: now, answer: authorizer } }, SIGNING),
  ).toEqual([]);
});

it('puts a plan into a header, or into a message that is a JSON object', () => {
  const script: readonly Parameter[] = [['assay.message.body', 'a b&c=ü']];
  expect([...new URLSearchParams(planHeader(script))]).toEqual(script);
  const message = planInMessage('{"action":"ping"}', script);
  expect(JSON.parse(message ?? '')).toEqual({
    action: 'ping',
    assay: { 'assay.message.body': 'a b&c=ü' },
  });
  expect(['hello', '[1]', 'null'].map((text) => planInMessage(text, script))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
