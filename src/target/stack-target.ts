// The target file of a stack that was made from probe/aws/template.yaml, from what the stack puts out.
import { stringify } from 'yaml';
import { ToolError } from '../base/errors.ts';
import type { StackOutputs } from './stack.ts';

/**
 * Writes the text of a target file. Secrets are not in the outputs of a stack: the file names the variables that hold them.
 *
 * @throws {ToolError} STACK_UNREADABLE when the stack was made from another template
 */
export function stackTarget(name: string, outputs: StackOutputs): string {
  const roles = Object.entries(outputs).flatMap(([key, url]) => {
    const role = /^Endpoint(\w+)$/.exec(key)?.[1];
    return role === undefined ? [] : [[roleOf(role), url] as const];
  });
  const open = outputs['EndpointOpen'];
  const missing = ['EndpointOpen', 'Region', 'Sink'].filter((key) => !outputs[key]);
  if (open === undefined || missing.length > 0) throw otherStack(name, missing);
  const again = ['short-lived', 'tls'].map((role) => [role, open] as const);
  const endpoints = [...roles, ...again].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const file = {
    title: `The probe stack ${name}`,
    endpoints: Object.fromEntries(endpoints.map(([role, url]) => [role, endpointOf(role, url)])),
    management: {
      url: `${open.replace(/^ws/, 'http')}/@connections/{id}`,
      credentials: { default: { sign: true } },
    },
    aws: { region: outputs['Region'] },
    probe: { scripted: { secret: secret('ASSAY_PROBE_SECRET'), remembers: false } },
    observer: observerOf(name, outputs),
    settle: '10s',
    concurrency: 8,
    features: ['idle-timeout', 'max-duration', 'route-throttle', 'usage-plan'],
    limits: LIMITS,
  };
  return `${HEAD}${stringify(file, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

const HEAD = `# yaml-language-server: $schema=https://unpkg.com/ws-assay/schema/target-1.schema.json
# Written by ws-assay target aws. ASSAY_PROBE_SECRET and ASSAY_API_KEY are what the stack was deployed with.
`;

// Quotas of API Gateway, and the limits of the template's throttled stages.
const LIMITS = {
  integrationTimeout: '29s',
  idleTimeout: '10m',
  maxDuration: '2h',
  connectRate: '1/s',
  connectBurst: 10,
  frameBytes: 32_768,
  messageBytes: 131_072,
  urlBytes: 4096,
};

/** `NoDefaultRoute` is the role no-default-route. */
function roleOf(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, '-$&').toLowerCase();
}

function endpointOf(role: string, url: string): object {
  const credentials = CREDENTIALS[role];
  const stage = url.split('/').at(-1);
  return { url, stage, ...(credentials === undefined ? {} : { credentials }) };
}

const secret = (name: string): string => `\${secret:${name}}`;
const key = secret('ASSAY_API_KEY');
const keyed = (value: string): object => ({ headers: { 'x-api-key': value } });
const letIn = { default: { query: { auth: 'let-me-in' } } };

// What the template lets in, and what it refuses.
const CREDENTIALS: Readonly<Record<string, object>> = {
  custom: { ...letIn, empty: { query: { auth: '' } } },
  'throttled-to-zero': letIn,
  'throttled-messages': letIn,
  iam: { default: { sign: true } },
  'api-key': {
    default: keyed(key),
    'upper-case-header': { headers: { 'X-API-KEY': key } },
    'in-query': { query: { 'x-api-key': key } },
    unknown: keyed('Assay-Key-That-Is-Unknown'),
    'with-more': keyed(`${key}1`),
    disabled: keyed(`${key}-disabled`),
    'without-plan': keyed(`${key}-without-plan`),
    'of-another-stage': keyed(`${key}-of-another-stage`),
    throttled: keyed(`${key}-throttled`),
    exhausted: keyed(`${key}-exhausted`),
  },
};

function observerOf(name: string, outputs: StackOutputs): object {
  const { Sink, Table: table, QueueUrl: url, Region: region } = outputs;
  if (Sink === 'dynamodb' && table) return { dynamodb: { table, region } };
  if (Sink === 'sqs' && url) return { sqs: { queue: url, region } };
  // Of an emulator on this machine.
  if (Sink?.startsWith('file:')) return { file: Sink.slice(5).replace(/^\/\/(?=\/)/, '') };
  throw new ToolError('STACK_UNREADABLE', `The stack ${name} writes its records to ${Sink}.`, {
    hint: 'Deploy it with Sink=dynamodb or Sink=sqs, which can be read from here.',
  });
}

function otherStack(name: string, missing: readonly string[]): ToolError {
  return new ToolError(
    'STACK_UNREADABLE',
    `The stack ${name} has no output ${missing.join(', ')}.`,
    { hint: 'Deploy probe/aws/template.yaml of the package (docs/aws.md), and name that stack.' },
  );
}
