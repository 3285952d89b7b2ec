// Both suites against the real serverless-offline. What does not pass is asserted exactly; each of
// these findings was checked by hand against its source text, as the table in
// targets/serverless-offline/README.md shows. Its baseline says how each of them fails, so that the
// run as such passes. Skipped unless `npm ci --legacy-peer-deps` was run there.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Ran, runAssay } from '../support/assay.ts';
import { checksOfTable, deviating, expectNothingListens, lackingIn, notKnown } from './emulator.ts';

const HOME = fileURLToPath(new URL('../../targets/serverless-offline/', import.meta.url));
const isInstalled = existsSync(`${HOME}node_modules/serverless-offline`);
const RUN_MS = 180_000;

const AWS = [
  'failed authorizer/result-size#integration-not-called',
  'failed authorizer/result-size#too-long-is-refused',
  'failed path/url-length#too-long-never-opens',
  'failed path/url-length#too-long-not-called',
  'warned management/get-times#active-since-it-began',
  'warned management/get-times#active-with-a-message',
  'warned management/get-times#when-it-began',
  'failed auth/refused-before-integration[endpoint=custom]#refused',
  'failed authorizer/event#method-arn',
  'failed authorizer/event#shape',
  'failed authorizer/missing-identity#authorizer-not-called',
  'failed authorizer/missing-identity#refused-with-401',
  'failed authorizer/throws-unauthorized#refused',
  'failed connect/event#extended-request-id',
  'failed connect/event-headers#added-by-the-gateway',
  'failed disconnect/binary-frame#closed-with-1003',
  'failed disconnect/binary-frame#not-delivered',
  'failed disconnect/event#code-and-reason',
  'failed disconnect/follows-every-ending[ending=close-frame]#its-shape',
  'failed disconnect/follows-every-ending[ending=fin]#its-shape',
  'failed disconnect/follows-every-ending[ending=reset]#its-shape',
  'failed disconnect/follows-every-ending[ending=server]#its-shape',
  'failed disconnect/gone-after-close#answers-410',
  'failed disconnect/frame-too-big[bytes=32769]#closed-with-1009',
  'failed disconnect/frame-too-big[bytes=40000]#closed-with-1009',
  'failed disconnect/frame-too-big[bytes=32769]#not-delivered',
  'failed disconnect/frame-too-big[bytes=40000]#not-delivered',
  'failed disconnect/message-too-big#closed-with-1009',
  'failed disconnect/message-too-big#not-delivered',
  'failed disconnect/without-a-code#code-and-text',
  'failed management/get#answers-200',
  'failed management/gone#get-410',
  'failed management/post#answers-200',
  'failed management/too-large#too-large-413',
  'failed management/too-large#too-large-not-delivered',
  'failed subprotocol/integration-selects#chosen',
  'warned auth/refused-before-integration[endpoint=custom]#integration-not-called',
  'warned authorizer/empty-identity#authorizer-not-called',
  'warned authorizer/empty-identity#refused-with-401',
  'warned authorizer/malformed-result[result=no-principal]#status-500',
  'warned authorizer/malformed-result[result=status-code]#status-500',
  'warned authorizer/malformed-result[result=text]#status-500',
  'warned authorizer/missing-identity#integration-not-called',
  'warned authorizer/throws-unauthorized#status-401',
  'warned connect/event#no-message-id',
  'warned connect/event#user-agent',
  'warned connect/event-headers#hop-by-hop',
  'warned connect/malformed-proxy-response[answer=body-only]#status-502',
  'warned connect/malformed-proxy-response[answer=empty-object]#status-502',
  'warned connect/malformed-proxy-response[answer=list]#status-502',
  'warned connect/malformed-proxy-response[answer=status-not-a-number]#status-502',
  'warned connect/malformed-proxy-response[answer=text]#status-502',
  'warned disconnect/server-delete#client-sees-1000',
  'warned disconnect/server-delete#code-and-reason',
  'warned disconnect/tab-closed#code-and-reason',
  'warned message/integration-timeout#error-frame',
  'warned management/get#same-identity',
  'warned management/get#same-user-agent',
  'warned management/gone#empty-body',
  'warned management/gone#error-type',
  'warned management/too-large#error-type',
  'warned management/unknown-id#error-type',
  'warned management/unknown-id#malformed-400',
  'warned subprotocol/none-selected#none-chosen',
];

// Its two APIs have neither stages in their paths, nor keys, signatures, other integrations, limits.
const LACKING = [
  'credentials:management.post-only',
  'credentials:management.without-permission',
  'endpoint:api-key',
  'endpoint:authorizer-and-key',
  'endpoint:authorizer-key',
  'endpoint:broken-template',
  'endpoint:custom-domain',
  'endpoint:custom-domain-only',
  'endpoint:http',
  'endpoint:http-proxy',
  'endpoint:iam',
  'endpoint:mock',
  'endpoint:no-connect-route',
  'endpoint:no-default-route',
  'endpoint:no-disconnect-route',
  'endpoint:no-identity-source',
  'endpoint:no-permission',
  'endpoint:non-proxy',
  'endpoint:non-proxy-without-response',
  'endpoint:one-way',
  'endpoint:several-sources',
  'endpoint:several-sources-unset',
  'endpoint:short-lived',
  'endpoint:short-timeout',
  'endpoint:stage-variables',
  'endpoint:throttled',
  'endpoint:throttled-account',
  'endpoint:throttled-messages',
  'endpoint:throttled-other-api',
  'endpoint:throttled-to-zero',
  'endpoint:tls',
  'endpoint:two-way',
  'endpoint:two-way-connect',
  'endpoint:unresolvable-route',
  'limits.idleTimeout',
  'limits.maxDuration',
  'signing:management.default',
  'stage',
  'stage:custom',
  'stage:open',
];

const RFC = [
  'failed rfc6455-handshake/reserved-bits#target-survives',
  'failed rfc6455-handshake/reserved-opcode#target-survives',
  'failed rfc6455-handshake/unmasked-frame#target-survives',
];

describe.skipIf(!isInstalled)('serverless-offline and the suite aws-apigateway', () => {
  let ran: Ran;
  beforeAll(async () => {
    ran = await runAssay(['--target', 'serverless-offline']);
  }, RUN_MS);

  test('deviates where it is known to, and nowhere else', () => {
    expect(deviating(ran)).toEqual(AWS.toSorted());
  });

  test('every check was decided, and all that deviates is as its baseline says', () => {
    expect(notKnown(ran)).toEqual([]);
    expect(ran.result()).toMatchObject({
      exitCode: 0,
      notRun: [],
      problems: [],
      stale: [],
      counts: { errored: 0, skipped: 0, inconclusive: 0, 'not-applicable': 312 },
    });
    expect(ran.code).toBe(0);
  });

  test('lacks what is listed here, and nothing else', () => {
    expect(lackingIn(ran)).toEqual(new Set(LACKING));
  });

  test('lives through it', () => {
    expect(ran.result().cases.filter((one) => one.targetDied !== undefined)).toEqual([]);
  });

  test('ends in bounded time and leaves nothing behind', async () => {
    expect(ran.elapsedMs).toBeLessThan(120_000);
    await expectNothingListens(ran);
  });
});

describe.skipIf(!isInstalled)('serverless-offline and the suite rfc6455-handshake', () => {
  let ran: Ran;
  beforeAll(async () => {
    ran = await runAssay(['rfc6455-handshake', '--target', 'serverless-offline']);
  }, RUN_MS);

  test('fails only where a frame ends its process', () => {
    expect(deviating(ran)).toEqual(RFC);
    expect(notKnown(ran)).toEqual([]);
    expect(ran.result()).toMatchObject({
      exitCode: 0,
      stale: [],
      notRun: [],
      problems: [],
      counts: { errored: 0, skipped: 0, inconclusive: 0, 'not-applicable': 0 },
    });
  });

  test.for([
    ['reserved-bits', 'RangeError: Invalid WebSocket frame: RSV1 must be clear'],
    ['reserved-opcode', 'RangeError: Invalid WebSocket frame: invalid opcode 11'],
    ['unmasked-frame', 'RangeError: Invalid WebSocket frame: MASK must be set'],
  ] as const)(
    '%s is named, with its last words, and the next one finds it alive',
    ([name, error]) => {
      const found = ran.result().cases.find(({ scenario }) => scenario.endsWith(`/${name}`));
      expect(found?.targetDied).toBe('it ended with exit code 1');
      const of = (check: string): unknown => found?.findings.find((one) => one.check === check);
      // Each of the three is driven on a process that has come up since the one before it.
      expect(of('connection-ends')).toMatchObject({ verdict: 'passed' });
      expect(of('target-survives')).toMatchObject({
        verdict: 'failed',
        message: expect.stringMatching(
          /^The target's process ended after step \d+ \(\w+\) had begun: it ended with exit code 1\.$/,
        ),
        actual: {
          'target.output': expect.arrayContaining([error, 'open has ended: exit code 1']),
        },
      });
    },
  );

  test('ends in bounded time and leaves nothing behind', async () => {
    expect(ran.elapsedMs).toBeLessThan(60_000);
    await expectNothingListens(ran);
  });
});

test('the table of deviations names these checks and no others', () => {
  const found = [...AWS, ...RFC].map((line) => line.replace(/^\w+ /, ''));
  expect(checksOfTable(`${HOME}README.md`)).toEqual(found.toSorted());
});
