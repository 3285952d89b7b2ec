import { afterEach, describe, expect, it } from 'vitest';
import { realClock } from '../base/clock.ts';
import {
  type PlaneAnswer,
  type RecordingPlane,
  startRecordingPlane,
} from './fixture/control-plane.ts';
import type { Target } from './model.ts';
import { type Provisioned, provisionTarget } from './provision.ts';
import { load } from './provision-sdk.ts';

const PROBE = { url: 'http://127.0.0.1:4000', token: '0123456789abcdef' };
const PROXY = 'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/';
const FUNCTION = 'arn:aws:lambda:eu-west-1:000000000000:function:';

let plane: RecordingPlane;
afterEach(() => plane.close());

describe('provisionTarget', () => {
  it('makes an API with the probe behind its routes, and fills in its id', async () => {
    const { target } = await provisioned({ roles: ['open'] });
    expect(target.endpoints['open']).toMatchObject({
      url: 'ws://api-1.gateway.test/probe',
      management: 'http://gateway.test/api-1/probe/@connections/{id}',
    });
    expect(target.management).toBe('http://gateway.test/api-1/probe/@connections/{id}');
    expect(lines()).toEqual([
      'POST /v2/apis',
      'POST /2015-03-31/functions',
      'GET /2015-03-31/functions/assay-open-01234567-handler/configuration',
      'POST /2015-03-31/functions/assay-open-01234567-handler/policy',
      'POST /v2/apis/api-1/integrations',
      'POST /v2/apis/api-1/routes',
      'POST /v2/apis/api-1/routes',
      'POST /v2/apis/api-1/routes',
      'POST /v2/apis/api-1/routes/route-8/routeresponses',
      'POST /v2/apis/api-1/routes',
      'POST /v2/apis/api-1/routes/route-10/routeresponses',
      'POST /v2/apis/api-1/stages',
    ]);
    expect(bodies('POST /v2/apis')).toEqual([
      {
        name: 'assay-open-01234567',
        protocolType: 'WEBSOCKET',
        routeSelectionExpression: '$request.body.action',
      },
    ]);
    expect(bodies('POST /2015-03-31/functions')).toMatchObject([
      {
        Handler: 'probe.handler',
        Timeout: 3,
        Environment: {
          Variables: { ASSAY_PROBE_URL: PROBE.url, ASSAY_PROBE_TOKEN: PROBE.token },
        },
      },
    ]);
    expect(bodies('POST /v2/apis/api-1/integrations')).toEqual([
      {
        integrationType: 'AWS_PROXY',
        integrationUri: `${PROXY}${FUNCTION}assay-open-01234567-handler/invocations`,
        timeoutInMillis: 2500,
      },
    ]);
    expect(bodies('POST /v2/apis/api-1/routes').slice(1, 3)).toEqual([
      { routeKey: '$disconnect', target: 'integrations/integration-5' },
      {
        routeKey: '$default',
        target: 'integrations/integration-5',
        routeResponseSelectionExpression: '$default',
      },
    ]);
  });

  it('puts the authorizer before $connect alone', async () => {
    await provisioned({ roles: ['several-sources'] });
    const [made] = bodies('POST /v2/apis/api-1/authorizers');
    expect(made).toEqual({
      name: 'probe',
      authorizerType: 'REQUEST',
      authorizerUri: `${PROXY}${FUNCTION}assay-several-sources-01234567-authorizer/invocations`,
      identitySource: [
        'route.request.header.Auth',
        'route.request.querystring.auth',
        'stageVariables.tenant',
        'context.identity.sourceIp',
      ],
    });
    expect(bodies('POST /v2/apis/api-1/routes')).toEqual([
      {
        routeKey: '$connect',
        target: 'integrations/integration-5',
        authorizationType: 'CUSTOM',
        authorizerId: 'authorizer-9',
      },
      { routeKey: '$disconnect', target: 'integrations/integration-5' },
      { routeKey: '$default', target: 'integrations/integration-5' },
    ]);
    expect(bodies('POST /v2/apis/api-1/stages')).toEqual([
      { stageName: 'probe', autoDeploy: true, stageVariables: { tenant: 'assay' } },
    ]);
  });

  it('leaves alone what it was not asked to make', async () => {
    const { target } = await provisioned({ roles: ['mock'] });
    expect(target.endpoints['custom']?.url).toBe('ws://elsewhere.test/probe');
    expect(lines().filter((line) => line === 'POST /v2/apis')).toHaveLength(1);
    expect(bodies('POST /v2/apis/api-1/integrations')[1]).toMatchObject({
      integrationType: 'MOCK',
    });
  });

  it('waits until a function can be called', async () => {
    let asked = 0;
    await provisioned({
      roles: ['no-connect-route'],
      instead: (line) => {
        if (!line.startsWith('GET')) return undefined;
        asked += 1;
        return { status: 200, body: { State: asked < 3 ? 'Pending' : 'Active' } };
      },
    });
    expect(asked).toBe(3);
  });

  it('removes all of it, the last thing first, once', async () => {
    const { remove } = await provisioned({ roles: ['custom'] });
    const before = plane.calls.length;
    expect(await remove()).toEqual([]);
    expect(await remove()).toEqual([]);
    expect(lines().slice(before)).toEqual([
      'DELETE /2015-03-31/functions/assay-custom-01234567-authorizer',
      'DELETE /2015-03-31/functions/assay-custom-01234567-handler',
      'DELETE /v2/apis/api-1',
    ]);
  });

  it('tells what it could not remove', async () => {
    const { remove } = await provisioned({
      roles: ['no-connect-route'],
      instead: (line) => (line === 'DELETE /v2/apis/api-1' ? refusal('no') : undefined),
    });
    expect(await remove()).toEqual(['API api-1: no']);
  });

  it('names each role and the call that was refused, and leaves nothing behind', async () => {
    const failing = provisioned({
      roles: ['open', 'custom'],
      instead: (line) =>
        line.endsWith('/authorizers') ? refusal('no authorizers here') : undefined,
    });
    await expect(failing).rejects.toMatchObject({
      code: 'TARGET_LAUNCH_FAILED',
      message: expect.stringMatching(
        /^The target could not be set up at http:\S+:\n {2}custom: CreateAuthorizer was refused: BadRequestException: no authorizers here$/,
      ),
      hint: expect.stringContaining('Leave the roles'),
    });
    const made = lines().filter((line) => line === 'POST /v2/apis' || line.endsWith('/functions'));
    expect(lines().filter((line) => line.startsWith('DELETE'))).toHaveLength(made.length);
  });

  it('says which roles can be made', async () => {
    await expect(provisioned({ roles: ['iam'] })).rejects.toMatchObject({
      message: expect.stringContaining('iam: no API is known for this role; known are open, '),
    });
    expect(plane.calls).toEqual([]);
  });

  it('stops when nobody wants it any more, and takes back what it made', async () => {
    const unwanted = new AbortController();
    const failing = provisioned({
      roles: ['open', 'custom'],
      signal: unwanted.signal,
      instead: (line) => {
        if (line.endsWith('/integrations')) unwanted.abort();
        return undefined;
      },
    });
    await expect(failing).rejects.toMatchObject({ code: 'TARGET_LAUNCH_FAILED' });
    expect(lines().slice(-2)).toEqual([
      'DELETE /2015-03-31/functions/assay-custom-01234567-handler',
      'DELETE /v2/apis/api-1',
    ]);
    expect(lines().filter((line) => line.endsWith('/routes'))).toEqual([]);
  });
});

it('a package that is missing is named, and how it is had', async () => {
  const absent: string = './fixture/no-such-package.js';
  const missing = load(() => import(absent));
  await expect(missing).rejects.toMatchObject({
    code: 'TARGET_LAUNCH_FAILED',
    message: expect.stringContaining('no-such-package'),
    hint: 'npm install @aws-sdk/client-apigatewayv2 @aws-sdk/client-lambda',
  });
});

async function provisioned({
  roles,
  instead,
  signal,
}: {
  readonly roles: readonly string[];
  readonly instead?: (line: string) => PlaneAnswer | undefined;
  readonly signal?: AbortSignal;
}): Promise<Provisioned> {
  plane = await startRecordingPlane(instead);
  const made = roles.map((role) => [
    role,
    { url: 'ws://{apiId}.gateway.test/probe', credentials: {} },
  ]);
  const target = {
    endpoints: {
      custom: { url: 'ws://elsewhere.test/probe', credentials: {} },
      ...Object.fromEntries(made),
    },
    management: 'http://gateway.test/{apiId}/probe/@connections/{id}',
    limits: { integrationTimeout: 2500 },
  } as unknown as Target;
  const provision = {
    endpoint: plane.url,
    region: 'eu-west-1',
    accessKeyId: 'test',
    secretAccessKey: 'test',
  };
  return provisionTarget(target, provision, { probe: PROBE, clock: realClock(), signal });
}

function refusal(message: string): PlaneAnswer {
  return { status: 400, body: { __type: 'BadRequestException', message } };
}

function lines(): readonly string[] {
  return plane.calls.map(({ line }) => line);
}

function bodies(line: string): readonly unknown[] {
  return plane.calls.filter((one) => one.line === line).map(({ body }) => body);
}
