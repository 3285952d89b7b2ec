// The template and the scripted probe in it, proved before they meet AWS: served by our own gateway, by the target that
// `ws-assay target aws` writes, and run through the whole suite.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { deviations, runAssay } from '../support/assay.ts';
import { startBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { SERVED_ENV, servedTarget } from './served-target.ts';
import { TEMPLATE } from './stack.ts';

it('the whole suite passes on the template, but for what a template does not say', {
  timeout: 600_000,
}, async () => {
  const ran = await runAssay(['aws-apigateway', '--target', servedTarget()], { env: SERVED_ENV });
  const result = ran.result();
  const wrong = deviations(result).filter((line) => !/^(not-applicable|inconclusive) /.test(line));
  expect([result.problems, result.notRun, wrong.filter((line) => !isSlow(line))]).toEqual([
    [],
    [],
    UNSIGNED,
  ]);
  expect(result.counts.passed).toBeGreaterThan(390);
  expect(result.counts.inconclusive).toBeLessThan(10);
  const needs = result.cases.flatMap(({ findings }) =>
    findings
      .filter(({ verdict }) => verdict === 'not-applicable')
      .map(({ reason }) => String(reason)),
  );
  expect([...new Set(needs)].toSorted()).toEqual(NOT_IN_THE_STACK);
  const written = Object.values(ran.files).map((bytes) => bytes.toString('utf8'));
  const secrets = [SERVED_ENV.ASSAY_PROBE_SECRET, SERVED_ENV.ASSAY_API_KEY];
  expect(
    [...written, ran.stderr].filter((text) => secrets.some((one) => text.includes(one))),
  ).toEqual([]);
});

// Ten minutes and two hours are not waited for here.
const isSlow = (line: string): boolean => /^skipped (idle|maximum|silence)/.test(line);

// A template cannot say who may call @connections: AWS asks for a signature, the gateway with a template lets everybody.
const UNSIGNED = [
  'failed connections-scope#other-scopes-are-refused',
  'warned connections-forged[signature=expired]#answers-403',
  'warned connections-forged[signature=other-digit]#answers-403',
  'warned connections-forged[signature=other-secret]#answers-403',
  'warned connections-forged[signature=unknown-key]#answers-403',
  'warned connections-unsigned#answers-403',
];

// docs/aws.md says why.
const NOT_IN_THE_STACK = [
  'credentials:api-key.cut-short',
  'credentials:api-key.other-case',
  'credentials:iam.denied',
  'credentials:iam.denied-route',
  'credentials:iam.of-another-route',
  'credentials:iam.of-another-stage',
  'credentials:iam.without-permission',
  'credentials:management.post-only',
  'credentials:management.without-permission',
  'endpoint:authorizer-and-key',
  'endpoint:authorizer-key',
  'endpoint:broken-template',
  'endpoint:custom-domain',
  'endpoint:custom-domain-only',
  'endpoint:http',
  'endpoint:http-proxy',
  'endpoint:no-identity-source',
  'endpoint:no-permission',
  'endpoint:non-proxy',
  'endpoint:non-proxy-without-response',
  'endpoint:several-sources',
  'endpoint:several-sources-unset',
  'endpoint:short-timeout',
  'endpoint:throttled-account',
  'endpoint:tls',
  'endpoint:two-way-connect',
  'endpoint:unresolvable-route',
  'probe.remembers',
  'probe.remote',
  'signing:iam.temporary',
];

it('a fault of the gateway is caught through it', async () => {
  const target = servedTarget(({ launch }) =>
    launch.command.push('--fault', 'refuses-with-403-always'),
  );
  const ran = await runAssay(['connect/refuses-with-400', '--target', target], { env: SERVED_ENV });
  expect([ran.code, deviations(ran.result())]).toEqual([1, ['failed refuses-with-400#status-400']]);
});

it('another secret than that of the stack is named', async () => {
  const target = servedTarget((file) => {
    file.probe.scripted.secret = 'another-secret-that-nobody-gave-to-the-stack';
  });
  const ran = await runAssay(['connect/throws', '--target', target], { env: SERVED_ENV });
  expect([ran.code, ran.result().problems]).toMatchObject([3, [{ code: 'PROBE_REFUSED' }]]);
});

it('without a function API Gateway itself writes event records to the queue', async () => {
  const bodies: string[] = [];
  const queue = createServer((request, response) => {
    let form = '';
    request.setEncoding('utf8').on('data', (text: string) => (form += text));
    request.on('end', () => {
      const { Action, MessageBody = '' } = Object.fromEntries(new URLSearchParams(form));
      bodies.push(`${request.url} ${Action} ${MessageBody}`);
      queue.emit('sent');
      response.end('<SendMessageResponse/>');
    });
  }).listen(0, '127.0.0.1');
  await once(queue, 'listening');
  onTestFinished(() => {
    queue.closeAllConnections();
    queue.close();
  });
  const url = await serve(`http://127.0.0.1:${(queue.address() as AddressInfo).port}`);
  const nonce = 'k3v7qn2m5xw4c6bz7r2tjd5hfa';
  const client = new WebSocket(`${url}?assay=${nonce}`);
  await once(client, 'open');
  client.send('"quoted"');
  while (bodies.length < 2) await once(queue, 'sent');
  client.close(1000);
  while (bodies.length < 3) await once(queue, 'sent');
  const records = bodies.map((body) => {
    expect(body).toMatch(/^\/123456789012\/Queue SendMessage \{/);
    return JSON.parse(body.slice(body.indexOf('{')));
  });
  const [begun] = records;
  const same = { v: 1, at: expect.any(Number), connectionId: begun.connectionId };
  expect(begun.connectionId).toMatch(/^.{15,}=$/);
  expect(records).toMatchObject([
    { ...same, type: 'CONNECT', nonce, event: { requestContext: { routeKey: '$connect' } } },
    { ...same, type: 'MESSAGE', event: { requestContext: { routeKey: '$default' } } },
    { ...same, type: 'DISCONNECT', event: { requestContext: { eventType: 'DISCONNECT' } } },
  ]);
  expect(new Set(records.map(({ invocationId }) => invocationId)).size).toBe(3);
});

async function serve(queue: string): Promise<string> {
  const cwd = folderWith();
  const parameters = ['ProbeSecret', 'ApiKey'].flatMap((name) => [
    '--parameter',
    `${name}=${'0123456789abcdef'.repeat(2)}`,
  ]);
  const env = { HOME: cwd, AWS_ENDPOINT_URL_SQS: queue };
  const gateway = startBin(['gateway', TEMPLATE, ...parameters], { cwd, env });
  let printed = '';
  gateway.child.stdout?.on('data', (text: string) => (printed += text));
  await gateway.printed('stdout', /\n/);
  return JSON.parse(printed).apis.direct.url;
}
