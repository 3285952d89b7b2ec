// Functions in Python behind the reference gateway, and those of API Gateway's developer guide in both languages.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { deviations, runAssay, verdictLines } from '../support/assay.ts';
import { runBin, startBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { PACKAGE_ROOT } from '../support/io.ts';
import { succeeds } from '../support/process.ts';

const hasPython = succeeds('python3', '--version');

// What the developer guide's page on $connect and $disconnect shows: both take the connection id, the domain, the stage
// and the query string from the event, log them, and return 200. Written anew from that description.
const GUIDE = {
  'guide.mjs': `
export const handler = async (event) => {
  const { connectionId, domainName, stage } = event["requestContext"];
  const query = event['queryStringParameters'];
  console.log('Connection ID: ', connectionId, 'Domain Name: ', domainName, 'Stage Name: ', stage, 'Query Strings: ', query);
  return { "statusCode": 200 };
};
`,
  'guide.py': `
import json
import logging

logger = logging.getLogger()
logger.setLevel("INFO")

def lambda_handler(event, context):
    said = event["requestContext"]
    logging.info({
        "Connection ID": said["connectionId"],
        "Domain Name": said["domainName"],
        "Stage Name": said["stage"],
        "Query Strings": event["queryStringParameters"],
    })
    return {"statusCode": 200}
`,
};

const apiOf = (integration: string): string => `
    Routes:
      $connect: { Target: integrations/guide }
      $disconnect: { Target: integrations/guide }
    Integrations:
      guide: ${integration}
    Stages: { production: {} }
`;
const CONFIG = `
Apis:
  node:
    ApiId: node
${apiOf('{ Runtime: nodejs22.x, Handler: guide.mjs#handler }')}
  python:
    ApiId: python
${apiOf('{ Runtime: python3.13, Handler: guide.lambda_handler }')}
`;

interface ReadyLine {
  readonly apis: Readonly<Record<string, { readonly url: string }>>;
}

it.skipIf(!hasPython)(
  'runs the handlers of the developer guide, unchanged, and shows their log',
  async () => {
    const cwd = folderWith({ ...GUIDE, 'gateway.yaml': CONFIG });
    const gateway = startBin(['gateway', '--config', 'gateway.yaml'], { cwd });
    const printed: string[] = [];
    gateway.child.stdout?.on('data', (text: string) => printed.push(text));
    await gateway.printed('stdout', /\n/);
    const { apis } = JSON.parse(printed.join('')) as ReadyLine; // our own line
    for (const name of ['node', 'python']) {
      const client = new WebSocket(`${apis[name]?.url}?token=abc`);
      await once(client, 'open');
      client.close();
      await once(client, 'close');
    }
    // Without a query string there is no such key in the event, as on AWS: what insists on it fails.
    const without = new WebSocket(`${apis['python']?.url}`);
    const [error] = await once(without, 'error');
    expect(String(error)).toMatch(/502/);
    gateway.child.kill('SIGTERM');
    const { stderr } = await gateway.done;
    expect(stderr).toMatch(
      /Connection ID: {2}\S+= Domain Name: {2}\S+ Stage Name: {2}production Query Strings: {2}.*token: 'abc'/,
    );
    expect(stderr).toMatch(
      /\[INFO\]\t[\d:.T-]+Z\t[0-9a-f-]{36}\t\{'Connection ID': '\S+=', 'Domain Name': '\S+', 'Stage Name': 'production', 'Query Strings': \{'token': 'abc'\}\}/,
    );
  },
);

it('says what to do when there is no python3', async () => {
  const cwd = folderWith({ ...GUIDE, 'gateway.yaml': CONFIG });
  const env = { PATH: cwd };
  expect(await runBin(['gateway', '--config', 'gateway.yaml'], { cwd, env })).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'ws-assay: a handler is in Python, and there is no python3 in PATH\n' +
      'Install Python 3.8 or later and see that `python3 --version` works.\n',
  });
});

it.skipIf(!hasPython)('the suite of API Gateway passes with the probe in Python', async () => {
  const reference = join(PACKAGE_ROOT, 'targets/reference');
  const read = (name: string): string => readFileSync(join(reference, name), 'utf8');
  const gateway = read('gateway.yaml')
    .replaceAll('../../probe/node/probe.mjs', join(PACKAGE_ROOT, 'probe/python/probe.py'))
    .replaceAll(/ProvisionedConcurrency: \d+/g, 'ProvisionedConcurrency: 8');
  const ran = await runAssay(['aws-apigateway', '--target', 'python'], {
    env: { PATH: process.env['PATH'] ?? '' },
    files: {
      'targets/python/target.yaml': read('target.yaml'),
      'targets/python/gateway.yaml': gateway,
      'targets/python/loopback.crt': read('loopback.crt'),
      'targets/python/loopback.key': read('loopback.key'),
    },
  });
  expect(gateway).toContain('probe.py#handler');
  expect(deviations(ran.result())).toEqual([]);
  expect(verdictLines(ran.result()).length).toBeGreaterThan(200);
  expect(ran.code).toBe(0);
});
