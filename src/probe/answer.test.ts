import { describe, expect, it } from 'vitest';
import type { PlanAnswer } from '../scenario/model.ts';
import { buildAnswer } from './answer.ts';

const ARN = 'arn:aws:execute-api:eu-west-1:111122223333:f6g7h8i9j0/probe/$connect';
const AUTHORIZER_EVENT = { type: 'REQUEST', methodArn: ARN };

const integration = (over: object): PlanAnswer => ({
  kind: 'integration',
  status: 200,
  headers: {},
  body: undefined,
  echo: false,
  ...over,
});

const authorizer = (over: object): PlanAnswer => ({
  kind: 'authorizer',
  effect: 'allow',
  principalId: 'someone',
  context: undefined,
  policy: undefined,
  usageIdentifierKey: undefined,
  ...over,
});

const documentOf = (...statements: readonly object[]): object => ({
  Version: '2012-10-17',
  Statement: statements,
});

describe('an integration', () => {
  it('answers 200 without a body when nothing is planned', () => {
    expect(buildAnswer('CONNECT', {}, undefined)).toEqual({ v: 1, return: { statusCode: 200 } });
  });

  it.each([
    [{ status: 403 }, { statusCode: 403 }],
    [
      { headers: { 'Sec-WebSocket-Protocol': 'b' } },
      { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'b' } },
    ],
    [{ body: '' }, { statusCode: 200, body: '' }],
    [
      { body: 'no', status: 418 },
      { statusCode: 418, body: 'no' },
    ],
  ])('answers %j with %j', (plan, expected) => {
    expect(buildAnswer('CONNECT', {}, integration(plan))).toEqual({ v: 1, return: expected });
  });

  it.each([
    [{ body: 'hello' }, { statusCode: 200, body: 'hello' }],
    [
      { body: '/wA=', isBase64Encoded: true },
      { statusCode: 200, body: '/wA=', isBase64Encoded: true },
    ],
    [{}, { statusCode: 200 }],
  ])('echoes %j as %j', (event, expected) => {
    expect(buildAnswer('MESSAGE', event, integration({ echo: true }))).toEqual({
      v: 1,
      return: expected,
    });
  });

  it.each([[null], ['ok'], [{}], [[1, 2]], [{ statusCode: '200' }]])(
    'returns %j as it stands',
    (value) => {
      expect(buildAnswer('CONNECT', {}, { kind: 'return', value })).toEqual({
        v: 1,
        return: value,
      });
    },
  );

  it('throws the planned message', () => {
    expect(buildAnswer('CONNECT', {}, { kind: 'throw', message: 'boom' })).toEqual({
      v: 1,
      throw: 'boom',
    });
  });
});

describe('an authorizer', () => {
  it('allows the method that was asked for when nothing is planned', () => {
    expect(buildAnswer('AUTHORIZER', AUTHORIZER_EVENT, undefined)).toEqual({
      v: 1,
      return: {
        principalId: 'assay',
        policyDocument: documentOf({
          Action: 'execute-api:Invoke',
          Effect: 'Allow',
          Resource: ARN,
        }),
      },
    });
  });

  it('denies, with context and usage key, everything where the event names no method', () => {
    const plan = authorizer({ effect: 'deny', context: { n: 1 }, usageIdentifierKey: 'k' });
    expect(buildAnswer('AUTHORIZER', {}, plan)).toEqual({
      v: 1,
      return: {
        principalId: 'someone',
        policyDocument: documentOf({ Action: 'execute-api:Invoke', Effect: 'Deny', Resource: '*' }),
        context: { n: 1 },
        usageIdentifierKey: 'k',
      },
    });
  });

  it.each([400, 8192, 9216])('fills its result up to %i bytes', (resultBytes) => {
    const plan = authorizer({ context: { text: 'é' }, resultBytes });
    const answer = buildAnswer('AUTHORIZER', AUTHORIZER_EVENT, plan);
    if (!('return' in answer)) throw new Error(JSON.stringify(answer));
    expect(Buffer.byteLength(JSON.stringify(answer.return))).toBe(resultBytes);
    expect(answer.return).toMatchObject({
      context: { text: 'é', filler: expect.stringMatching(/^a+$/) },
    });
  });

  const statement = {
    Effect: 'Allow',
    Resource: 'arn:{partition}:{region}:{account}:{apiId}/{stage}/*',
  };
  const filled = { Effect: 'Allow', Resource: 'arn:aws:eu-west-1:111122223333:f6g7h8i9j0/probe/*' };

  it.each([
    ['a statement', statement, documentOf(filled)],
    [
      'a list of statements',
      [statement, { Effect: 'Deny' }],
      documentOf(filled, { Effect: 'Deny' }),
    ],
    ['a document', { Statement: [statement] }, { Statement: [filled] }],
    ['the whole ARN', { Statement: ['{methodArn}'] }, { Statement: [ARN] }],
    ['something malformed', 'no policy', 'no policy'],
    ['nothing', null, null],
    ['an unknown placeholder', { Id: '{other}' }, { Id: '{other}' }],
  ])('takes %s as its policy', (_, policy, expected) => {
    expect(buildAnswer('AUTHORIZER', AUTHORIZER_EVENT, authorizer({ policy }))).toEqual({
      v: 1,
      return: { principalId: 'someone', policyDocument: expected },
    });
  });

  it('fills in the partition of the ARN, which is not aws everywhere', () => {
    const event = { methodArn: 'arn:aws-us-gov:execute-api:us-gov-west-1:1:a/b/$connect' };
    const plan = authorizer({ policy: { Id: 'arn:{partition}:x:{region}' } });
    expect(buildAnswer('AUTHORIZER', event, plan)).toEqual({
      v: 1,
      return: { principalId: 'someone', policyDocument: { Id: 'arn:aws-us-gov:x:us-gov-west-1' } },
    });
  });

  it('fills api and stage from the request context where there is no ARN, and shows what is unknown', () => {
    const event = { requestContext: { apiId: 'a1', stage: 's1' } };
    const plan = authorizer({ policy: { Id: '{apiId}/{stage}/{region}/{partition}' } });
    expect(buildAnswer('AUTHORIZER', event, plan)).toEqual({
      v: 1,
      return: { principalId: 'someone', policyDocument: { Id: 'a1/s1/{region}/{partition}' } },
    });
  });
});
