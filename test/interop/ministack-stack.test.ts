// The template of the probe's stack deployed to the real ministack by its CloudFormation, read by `ws-assay target aws`, and run:
// that what stands in the template works as a function somewhere else than in our gateway. Skipped unless ministack's requirements
// were installed into targets/ministack/.venv.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isMap, parse, parseDocument, type Scalar, stringify, type YAMLMap } from 'yaml';
import { templateText, type Value } from '../aws/stack.ts';
import { deviations, runAssay } from '../support/assay.ts';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { freePort, startProgram } from '../support/process.ts';

const HOME = fileURLToPath(new URL('../../targets/ministack/', import.meta.url));
const isInstalled = existsSync(`${HOME}.venv/bin/ministack`);

/** What ministack's CloudFormation does not know; docs/aws.md names it. */
const LEFT_OUT = ['IntegrationResponse', 'Model', 'RouteResponse'];

const KEYS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
const SECRETS = {
  ASSAY_PROBE_SECRET: 'marker-of-the-probe-0123456789abcdef',
  ASSAY_API_KEY: 'marker-of-the-key-0123456789abcdef',
};

describe.skipIf(!isInstalled)('ministack (pip install into targets/ministack/.venv)', () => {
  test('deploys the template, but for what it does not know, and the probe in it does as it is told', {
    timeout: 240_000,
  }, async () => {
    const endpoint = `http://127.0.0.1:${await startMinistack()}`;
    const folder = folderWith({ 'events.ndjson': '' });
    const client = new CloudFormationClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const waiting = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
    const whole = client.send(created(templateText(), folder));
    await expect(whole).rejects.toThrow(
      `Unrecognized resource types: [${LEFT_OUT.map((type) => `AWS::ApiGatewayV2::${type}`).join(', ')}]`,
    );
    const { text, gone } = without(templateText());
    expect(gone).toEqual(GONE);
    await client.send(created(text, folder));
    await waitUntilStackCreateComplete(waiting, { StackName: 'assay' });

    const argv = ['target', 'aws', '--stack', 'assay', '--region', 'us-east-1'];
    const env = { AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint, ...KEYS };
    const { code, stdout } = await inProcess(argv, { cwd: folder, env });
    expect(code).toBe(0);
    const target = localTarget(stdout, endpoint, folder);
    const ran = await runAssay([...SCENARIOS, '--target', target], {
      env: { ...KEYS, ...SECRETS },
    });
    expect([ran.code, ran.result().problems, deviations(ran.result())]).toEqual([0, [], []]);
    expect(ran.result().counts.passed).toBeGreaterThan(SCENARIOS.length);

    await client.send(new DeleteStackCommand({ StackName: 'assay' }));
    await waitUntilStackDeleteComplete(waiting, { StackName: 'assay' });
    client.destroy();
  });
});

// Those that ministack passes by its baseline: a delay, a refusal, an authorizer that denies, one that is not asked.
const SCENARIOS = [
  'connect/pending-until-integration-completes',
  'connect/single-invocation',
  'authorizer/explicit-deny',
  'authorizer/missing-identity',
];

const GONE = [
  'CustomDefaultAnswer',
  'CustomEchoAnswer',
  'DirectBegun',
  'IamDefaultAnswer',
  'IamSecretAnswer',
  'MockAdmitted',
  'OneWayModel',
  'OpenDefaultAnswer',
  'OpenEchoAnswer',
];

async function startMinistack(): Promise<number> {
  const port = await freePort();
  const env = { GATEWAY_PORT: String(port) };
  const running = await startProgram(['node', 'start.mjs'], { cwd: HOME, env, port });
  onTestFinished(() => running.stop());
  return port;
}

function created(TemplateBody: string, folder: string): CreateStackCommand {
  const parameters = {
    ProbeSecret: SECRETS.ASSAY_PROBE_SECRET,
    ApiKey: SECRETS.ASSAY_API_KEY,
    Sink: `file:${join(folder, 'events.ndjson')}`,
  };
  return new CreateStackCommand({
    StackName: 'assay',
    TemplateBody,
    Capabilities: ['CAPABILITY_IAM'],
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
  });
}

/** The template without what is not known there, and the logical ids of that. */
function without(text: string): { readonly text: string; readonly gone: readonly string[] } {
  const document = parseDocument(text);
  const resources = document.get('Resources');
  if (!isMap<Scalar<string>, YAMLMap<string, Value>>(resources)) throw new Error('no resources');
  const gone = resources.items
    .filter(({ value }) => LEFT_OUT.includes(String(value?.get('Type')).split('::')[2] ?? ''))
    .map(({ key }) => key.value);
  for (const id of gone) resources.delete(id);
  for (const { value } of resources.items) {
    if (gone.includes(value?.get('DependsOn'))) value?.delete('DependsOn');
  }
  return { text: document.toString({ lineWidth: 0 }), gone: gone.toSorted() };
}

/** The target with the addresses of ministack in place of those of AWS. */
function localTarget(text: string, endpoint: string, folder: string): string {
  const target: Value = parse(
    text.replaceAll(
      /(ws|http)s:\/\/(\w+)\.execute-api\.[^/]+\//g,
      (_, scheme: string, id: string) =>
        `${endpoint.replace('http', scheme)}/_aws/execute-api/${id}/`,
    ),
  );
  // Another path stands before the stage there; and it calls a function once at a time.
  for (const one of Object.values<Value>(target.endpoints)) delete one.stage;
  const path = join(folder, 'target.yaml');
  writeFileSync(path, stringify({ ...target, concurrency: 1, settle: '2s' }));
  expect(readFileSync(path, 'utf8')).not.toContain('amazonaws.com');
  return path;
}
