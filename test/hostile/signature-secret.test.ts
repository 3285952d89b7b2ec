// What requests are signed with, told back by the gateway's events: none of it is in a file or on a
// screen afterwards.
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runAssay } from '../support/assay.ts';
import { canary, leaks } from '../support/canary.ts';

const PROBE = fileURLToPath(new URL('../../probe/node/probe.mjs', import.meta.url));

interface Secrets {
  readonly key: string;
  readonly token: string;
  readonly managing: string;
  readonly wrong: string;
}

const scenario = ({ wrong }: Secrets): string => `
title: Signed requests of all kinds
axes: { in: [header, query] }
steps:
  - connect: { endpoint: iam, sign: { in: "\${in}" } }
    as: right
  - connect: { endpoint: iam, sign: { in: "\${in}", secretAccessKey: "${wrong}" } }
    as: wrong
  - connect: { endpoint: iam, sign: { in: "\${in}", sessionToken: "${wrong}" } }
    as: other-token
  - getConnection: {}
    connection: right
  - getConnection: { sign: { in: "\${in}", secretAccessKey: "${wrong}" } }
    as: wrong-call
    connection: right
checks:
  opens: { connection: right, handshake: { status: 101 } }
  fails: { connection: wrong, handshake: { status: 101 } }
  refused: { connection: other-token, handshake: { status: 403 } }
  answers: { connection: right, answers: { getConnection: { status: 200 }, wrong-call: { status: 403 } } }
  seen:
    connection: right
    record: [$connect.headers, $connect.queryStringParameters, $connect.requestContext.identity]
`;

const target = ({ managing }: Secrets): string => `
title: Signatures of all kinds
endpoints:
  iam:
    url: "ws://127.0.0.1:\${port.iam}/dev"
    credentials: { default: { sign: true } }
management:
  url: "http://127.0.0.1:\${port.iam}/dev/@connections/{id}"
  credentials:
    default: { sign: { accessKeyId: AKIACANARYCANARY0002, secretAccessKey: "${managing}" } }
aws: { region: us-east-1 }
probe: { remote: {} }
launch:
  gateway: gateway.yaml
  ports: [iam]
  env: { ASSAY_PROBE_URL: "\${probe.url}", ASSAY_PROBE_TOKEN: "\${probe.token}" }
`;

const gateway = ({ key, token, managing }: Secrets): string => `
Apis:
  iam:
    ApiId: iam1
    ConnectionsAuthorizationType: AWS_IAM
    Routes: { $connect: { AuthorizationType: AWS_IAM, Target: integrations/probe } }
    Integrations: { probe: { Handler: "${PROBE}#handler" } }
    Stages: { dev: {} }
Users:
  ann:
    AccessKeys:
      ASIACANARYCANARY0001: { SecretAccessKey: "${key}", SessionToken: "${token}" }
      AKIACANARYCANARY0002: { SecretAccessKey: "${managing}" }
    PolicyDocument:
      Version: "2012-10-17"
      Statement: { Effect: Allow, Action: "execute-api:*", Resource: "*" }
`;

function secrets(): Secrets {
  return {
    key: canary('key'),
    token: canary('token'),
    managing: canary('managing'),
    wrong: canary('wrong'),
  };
}

const environment = ({ key, token }: Secrets): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: 'ASIACANARYCANARY0001',
  AWS_SECRET_ACCESS_KEY: key,
  AWS_SESSION_TOKEN: token,
});

describe('what signs a request is in no file and on no screen:', () => {
  test.each(['console', 'json', 'junit'] as const)('reporter %s', async (reporter) => {
    const drawn = secrets();
    const ran = await runAssay(['own/*', '--target', 'signed', '--reporter', reporter], {
      env: environment(drawn),
      files: {
        'scenarios/own/signed.yaml': scenario(drawn),
        'targets/signed/target.yaml': target(drawn),
        'targets/signed/gateway.yaml': gateway(drawn),
      },
    });
    expect(ran.result().counts).toMatchObject({ passed: 6, failed: 2, recorded: 2 });
    expect(leaks(ran, Object.values(drawn))).toEqual([]);
    const texts = [ran.stdout, ...Object.values(ran.files).map(String)].join('\n');
    expect(/Signature=[0-9a-f]{64}/.exec(texts)).toBe(null);
  });

  test('keys that the environment does not have are asked for, and none is shown', async () => {
    const drawn = secrets();
    const files = {
      'scenarios/own/signed.yaml': scenario(drawn),
      'targets/signed/target.yaml': target(drawn),
      'targets/signed/gateway.yaml': gateway(drawn),
    };
    const args = ['own/*', '--target', 'signed'];
    const env = { ...environment(drawn), AWS_SECRET_ACCESS_KEY: '' };
    const ran = await runAssay(args, { env, files });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('the environment has no AWS_SECRET_ACCESS_KEY');
    const broken = gateway(drawn).replace('SecretAccessKey', 'SecretAcessKey');
    const other = await runAssay(args, {
      env: environment(drawn),
      files: { ...files, 'targets/signed/gateway.yaml': broken },
    });
    expect(other.code).toBeGreaterThan(1);
    expect(other.stderr).toContain('gateway.yaml');
    expect([...leaks(ran, Object.values(drawn)), ...leaks(other, Object.values(drawn))]).toEqual(
      [],
    );
  });
});
