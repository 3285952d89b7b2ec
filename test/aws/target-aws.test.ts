// `ws-assay target aws`, with the real SDK and a CloudFormation of ours on loopback that speaks its query protocol.
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { type Done, inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { readStack, templateText, type Value } from './stack.ts';

it('writes a target with an endpoint for each output, and no secret', async () => {
  const stack = await startCloudFormation(described(outputsOfTemplate()));
  const cwd = folderWith();
  const done = await targetAws(cwd, stack.url, ['--out', 'targets/aws/target.yaml']);
  expect(done).toMatchObject({ code: 0, stdout: '', stderr: 'wrote targets/aws/target.yaml\n' });
  expect(stack.asked).toEqual([
    { Action: 'DescribeStacks', StackName: 'assay', Version: '2010-05-15' },
  ]);
  const target = parse(readFileSync(join(cwd, 'targets/aws/target.yaml'), 'utf8'));
  expect(Object.keys(target.endpoints)).toEqual([
    'api-key',
    'custom',
    'direct',
    'iam',
    'mock',
    'no-connect-route',
    'no-default-route',
    'no-disconnect-route',
    'one-way',
    'open',
    'short-lived',
    'stage-variables',
    'throttled',
    'throttled-messages',
    'throttled-other-api',
    'throttled-other-stage',
    'throttled-stage',
    'throttled-to-zero',
    'tls',
    'two-way',
  ]);
  expect(target.endpoints.open).toEqual({
    url: 'wss://open1.execute-api.eu-west-1.amazonaws.com/probe',
    stage: 'probe',
  });
  expect(target.endpoints['api-key'].credentials.disabled).toEqual({
    headers: { 'x-api-key': '${secret:ASSAY_API_KEY}-disabled' },
  });
  expect(target).toMatchObject({
    title: 'The probe stack assay',
    management: {
      url: 'https://open1.execute-api.eu-west-1.amazonaws.com/probe/@connections/{id}',
      credentials: { default: { sign: true } },
    },
    aws: { region: 'eu-west-1' },
    probe: { scripted: { secret: '${secret:ASSAY_PROBE_SECRET}', remembers: false } },
    observer: { dynamodb: { table: 'assay-Events', region: 'eu-west-1' } },
  });
});

it('writes a valid file, for the observers that this version has', async () => {
  const stack = await startCloudFormation(described(outputsOfTemplate()));
  const { stdout } = await targetAws(folderWith(), stack.url, []);
  const file = stdout.replace(/observer:\n( .*\n)+/, 'observer: { http: }\n');
  expect(file).not.toBe(stdout);
  const cwd = folderWith({ 'targets/aws/target.yaml': file });
  const done = await inProcess(['validate', 'targets/aws/target.yaml'], { cwd });
  expect([done.code, done.stderr]).toEqual([0, '1 file is valid.\n']);
});

it('reads the file that an emulator on this machine writes', async () => {
  const outputs = { ...outputsOfTemplate(), Sink: 'file:/tmp/events.ndjson' };
  const stack = await startCloudFormation(described(outputs));
  const { stdout } = await targetAws(folderWith(), stack.url, []);
  expect(parse(stdout).observer).toEqual({ file: '/tmp/events.ndjson' });
});

it('reads a queue where the probe writes to it', async () => {
  const outputs = { ...outputsOfTemplate(), Sink: 'sqs' };
  const stack = await startCloudFormation(described(outputs));
  const { stdout } = await targetAws(folderWith(), stack.url, []);
  expect(parse(stdout).observer).toEqual({
    sqs: { queue: 'assay-Queue', region: 'eu-west-1' },
  });
});

it.each([
  ['a stack of others', described({ Url: 'https://example.com' }), 'has no output EndpointOpen'],
  [
    'records that nobody can read',
    described({ ...outputsOfTemplate(), Sink: 'https://example.com' }),
    'writes its records to https://example.com',
  ],
  ['a stack that failed', described({}, 'ROLLBACK_COMPLETE'), 'it is ROLLBACK_COMPLETE'],
  [
    'a stack that is not there',
    {
      status: 400,
      body: '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id assay does not exist</Message></Error></ErrorResponse>',
    },
    'Stack with id assay does not exist',
  ],
])('says why: %s', async (_, answer, why) => {
  const stack = await startCloudFormation(answer);
  const cwd = folderWith();
  const done = await targetAws(cwd, stack.url, ['--out', 'target.yaml']);
  expect(done).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining(why) });
  expect(existsSync(join(cwd, 'target.yaml'))).toBe(false);
});

it('says that nobody answers', async () => {
  const done = await targetAws(folderWith(), 'http://127.0.0.1:9', []);
  expect(done).toMatchObject({ code: 3, stdout: '' });
  expect(done.stderr).toContain('The stack assay cannot be read');
});

it('overwrites nothing, and asks nobody then', async () => {
  const stack = await startCloudFormation(described(outputsOfTemplate()));
  const cwd = folderWith({ 'target.yaml': 'mine' });
  const done = await targetAws(cwd, stack.url, ['--out', 'target.yaml']);
  expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') });
  expect(readFileSync(join(cwd, 'target.yaml'), 'utf8')).toBe('mine');
  expect(stack.asked).toEqual([]);
});

function targetAws(cwd: string, url: string, more: readonly string[]): Promise<Done> {
  const argv = ['target', 'aws', '--stack', 'assay', '--region', 'eu-west-1', ...more];
  const env = {
    AWS_ENDPOINT_URL_CLOUDFORMATION: url,
    AWS_ACCESS_KEY_ID: 'AKIAASSAYTEST0000001',
    AWS_SECRET_ACCESS_KEY: 'marker-of-the-test',
  };
  return inProcess(argv, { cwd, env });
}

/** The outputs of the template, as a stack called assay would have them. */
function outputsOfTemplate(): Record<string, string> {
  const text = (value: Value): string => {
    if (value.Ref === 'AWS::Region') return 'eu-west-1';
    if (value.Ref === 'Sink') return 'dynamodb';
    if (value.Ref !== undefined) return `assay-${value.Ref}`;
    return value['Fn::Sub']
      .replace('${AWS::Region}', 'eu-west-1')
      .replace('${AWS::URLSuffix}', 'amazonaws.com')
      .replace(/\$\{(\w+)\}/, (_: string, id: string) => `${id.toLowerCase()}1`);
  };
  const { outputs } = readStack(templateText());
  return Object.fromEntries(Object.entries(outputs).map(([key, one]) => [key, text(one.Value)]));
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

function described(outputs: Readonly<Record<string, string>>, status = 'CREATE_COMPLETE'): Answer {
  const members = Object.entries(outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const stack = `<StackName>assay</StackName><CreationTime>2026-11-24T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus><Outputs>${members.join('')}</Outputs>`;
  const body = `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>${stack}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
  return { status: 200, body };
}

async function startCloudFormation({ status, body }: Answer) {
  const asked: Record<string, string>[] = [];
  const server = createServer((request, response) => {
    let form = '';
    request.setEncoding('utf8').on('data', (text: string) => (form += text));
    request.on('end', () => {
      asked.push(Object.fromEntries(new URLSearchParams(form)));
      response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
