// API keys, told back by gateway and backend: none of them is in a file or on a screen afterwards.
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Ran, runAssay } from '../support/assay.ts';
import { canary, leaks } from '../support/canary.ts';

/** Both backends tell the key back wherever they can. */
const keyed = (endpoint: string, credentials: string, more = ''): string => `
title: A gateway that wants a key
steps:
  - connect: { endpoint: ${endpoint}, credentials: ${credentials}${more} }
checks:
  opens: { handshake: { status: 101 } }
  key: { events: { $connect: { each: { requestContext.identity.apiKey: another } } }, within: 2s }
  seen:
    within: 2s
    record:
      - handshake.body
      - $connect.requestContext.identity
      - $connect.requestContext.authorizer
      - '$connect.headers["x-api-key"]'
`;

type Keys = Readonly<Record<'right' | 'wrong' | 'given', string>>;

const keyedTarget = ({ wrong, given }: Keys): string => `
title: Keys of all kinds
endpoints:
  api-key:
    url: "ws://127.0.0.1:\${port.keyed}/dev"
    credentials:
      default: { headers: { x-api-key: "\${secret:CANARY_KEY}" } }
      wrong: { headers: { x-api-key: "${wrong}" } }
  authorizer-key:
    url: "ws://127.0.0.1:\${port.granted}/dev"
    credentials:
      default: { usageIdentifierKey: "${given}" }
      wrong: { headers: { x-api-key: "${wrong}" }, usageIdentifierKey: "${wrong}" }
probe: { remote: {} }
launch:
  gateway: gateway.yaml
  ports: [keyed, granted]
  env: { ASSAY_PROBE_URL: "\${probe.url}", ASSAY_PROBE_TOKEN: "\${probe.token}" }
`;

const PROBE = fileURLToPath(new URL('../../probe/node/probe.mjs', import.meta.url));

const keyedGateway = ({ right, given }: Keys): string => `
Apis:
  keyed:
    ApiId: keyed1
    Routes: { $connect: { Target: integrations/probe, ApiKeyRequired: true } }
    Integrations: { probe: { Handler: "${PROBE}#handler" } }
    Stages: { dev: {} }
  granted:
    ApiId: granted1
    ApiKeySelectionExpression: $context.authorizer.usageIdentifierKey
    Routes: { $connect: { Target: integrations/probe, ApiKeyRequired: true, AuthorizationType: CUSTOM, AuthorizerId: a } }
    Integrations: { probe: { Handler: "${PROBE}#handler" } }
    Authorizers: { a: { Handler: "${PROBE}#authorizer" } }
    Stages: { dev: {} }
ApiKeys:
  a: { Value: "${right}", Enabled: true }
  b: { Value: "${given}" }
UsagePlans:
  p:
    ApiStages: [{ ApiId: keyed1, Stage: dev }, { ApiId: granted1, Stage: dev }]
    KeyIds: [a, b]
`;

const REPORTERS = ['console', 'ndjson', 'json', 'junit', 'markdown'] as const;

describe('an API key is in no file and on no screen:', () => {
  test.concurrent.each(REPORTERS)('API keys of a gateway, reporter %s', async (reporter) => {
    const keys = { right: canary('right'), wrong: canary('wrong'), given: canary('given') };
    const ran = await runAssay(['own/*', '--target', 'keyed', '--reporter', reporter], {
      env: { CANARY_KEY: keys.right },
      files: {
        'scenarios/own/header.yaml': keyed('api-key', 'default'),
        'scenarios/own/wrong.yaml': keyed('api-key', 'wrong'),
        'scenarios/own/given.yaml': keyed('authorizer-key', 'default'),
        'scenarios/own/planned.yaml': keyed(
          'authorizer-key',
          'wrong',
          `, backend: { authorizer: { usageIdentifierKey: "${keys.given}", context: { echo: "${keys.given}" } }, $connect: { body: "${keys.given}" } }`,
        ),
        'targets/keyed/target.yaml': keyedTarget(keys),
        'targets/keyed/gateway.yaml': keyedGateway(keys),
      },
    });
    const { counts } = ran.result();
    expect(counts).toMatchObject({ passed: 3, failed: 2, errored: 3, recorded: 4 });
    expect(leaks(ran, Object.values(keys))).toEqual([]);
  });

  test('an API key in a target, a scenario or a gateway configuration with mistakes', async () => {
    const keys = { right: canary('right'), wrong: canary('wrong'), given: canary('given') };
    const gateway = keyedGateway(keys);
    const run = (files: Readonly<Record<string, string>>): Promise<Ran> =>
      runAssay(['own/*', '--target', 'keyed'], {
        env: { CANARY_KEY: keys.right },
        files: {
          'scenarios/own/header.yaml': keyed('api-key', 'default'),
          'targets/keyed/target.yaml': keyedTarget(keys),
          'targets/keyed/gateway.yaml': gateway,
          ...files,
        },
      });
    const broken = [
      gateway.replace('Enabled: true', 'Enabeld: true'),
      gateway.replace('KeyIds: [a, b]', 'KeyIds: [a, c]'),
      `${gateway}\n  - [`,
    ];
    for (const one of broken) {
      const ran = await run({ 'targets/keyed/gateway.yaml': one });
      expect(ran.code).toBeGreaterThan(1);
      expect(ran.stderr).toContain('gateway.yaml');
      expect(leaks(ran, Object.values(keys))).toEqual([]);
    }
  });
});
