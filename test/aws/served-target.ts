// The template of the probe's stack, served by our own gateway, as the target that `ws-assay target aws` would write of it: its hosts
// are those of the gateway, its observer and sink the runner.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { stackTarget } from '../../src/target/stack-target.ts';
import { BIN } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { readStack, TEMPLATE, templateText, type Value } from './stack.ts';

/** What the run has to have in its environment. */
export const SERVED_ENV = {
  ASSAY_PROBE_SECRET: 'marker-of-the-probe-0123456789abcdef',
  ASSAY_API_KEY: 'marker-of-the-key-0123456789abcdef',
  AWS_ACCESS_KEY_ID: 'AKIAASSAYSERVED00001',
  AWS_SECRET_ACCESS_KEY: 'marker/of/the/served/secret/0123456789ab',
};

/** Writes the target into a folder of the test; the path of its file. */
export function servedTarget(change: (target: Value) => void = () => undefined): string {
  const apis = new Map<string, string>();
  const target: Value = parse(stackTarget('assay', outputs()));
  // It is served without TLS.
  delete target.endpoints.tls;
  for (const [role, endpoint] of Object.entries<Value>(target.endpoints)) {
    const [, api = '', path] = /^wss:\/\/(\w+)\.[^/]+(\/.*)$/.exec(endpoint.url) ?? [];
    apis.set(api, nameOfApi(api));
    target.endpoints[role] = {
      ...endpoint,
      url: `ws://127.0.0.1:\${port.${nameOfApi(api)}}${path}`,
    };
  }
  target.management.url = 'http://127.0.0.1:${port.open}/probe/@connections/{id}';
  target.observer = { http: null };
  target.settle = '1s';
  const ports = [...apis.values()];
  target.launch = {
    command: [
      'node',
      BIN,
      'gateway',
      TEMPLATE,
      ...['ProbeSecret=${secret:ASSAY_PROBE_SECRET}', 'ApiKey=${secret:ASSAY_API_KEY}'].flatMap(
        (one) => ['--parameter', one],
      ),
      '--parameter',
      'Sink=${probe.url}/v1/events',
      ...ports.flatMap((name) => ['--port', `${name}=\${port.${name}}`]),
    ],
    ports,
    env: {
      ASSAY_PROBE_TOKEN: '${probe.token}',
      AWS_ACCESS_KEY_ID: '${secret:AWS_ACCESS_KEY_ID}',
      AWS_SECRET_ACCESS_KEY: '${secret:AWS_SECRET_ACCESS_KEY}',
      AWS_REGION: 'eu-west-1',
    },
    ready: { line: '"ready":true', within: '30s' },
  };
  change(target);
  const path = join(folderWith({ 'served/x': '' }), 'served/target.yaml');
  writeFileSync(path, stringify(target));
  return path;
}

/** What the stack puts out, with logical ids for the ids of APIs. */
function outputs(): Record<string, string> {
  const text = (value: Value): string => {
    if (value.Ref === 'AWS::Region') return 'eu-west-1';
    if (value.Ref === 'Sink') return 'dynamodb';
    return value.Ref ?? value['Fn::Sub'].replace(/\$\{(\w+)\}\..*(?=\/)/, '$1.host');
  };
  const all = Object.entries(readStack(templateText()).outputs);
  return Object.fromEntries(all.map(([key, one]) => [key, text(one.Value)]));
}

/** As `ws-assay gateway` calls an API. */
function nameOfApi(id: string): string {
  return id.replaceAll(/(?<=[a-z0-9])[A-Z]/g, '-$&').toLowerCase();
}
