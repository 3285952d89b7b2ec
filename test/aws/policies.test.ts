// Policies of who runs, who deploys and what runs there: each allows what the code or the template needs, and nothing else.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../support/io.ts';
import { readStack, templateText, type Value } from './stack.ts';

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

const NAMES = ['deployer', 'probe', 'runner'] as const;

describe.each(NAMES)('%s.json', (name) => {
  it('allows, names actions and resources, and each statement once', () => {
    for (const { Sid, Effect, Action, Resource } of policy(name)) {
      expect([Sid, Effect]).toEqual([Sid, 'Allow']);
      expect([Sid, Action.filter((one) => !/^[a-z-]+:[A-Z]\w+$/.test(one))]).toEqual([Sid, []]);
      const wide = Resource.filter((one) => !/^arn:aws:[a-z-]+:(REGION)?:(ACCOUNT)?:/.test(one));
      expect([Sid, wide]).toEqual([Sid, UNSCOPED.includes(Sid) ? ['*'] : []]);
    }
    const sids = policy(name).map(({ Sid }) => Sid);
    expect(new Set(sids).size).toBe(sids.length);
  });

  it('is short enough for a managed policy', () => {
    const text = JSON.stringify(policy(name)).replaceAll(/\s/g, '');
    expect(text.length).toBeLessThan(6144);
  });
});

// Calls that AWS authorizes for no resource.
const UNSCOPED = ['Template', 'Logs'];

it('there is a policy for each of the three, and no other', () => {
  const files = readdirSync(join(PACKAGE_ROOT, 'probe/aws/policies')).toSorted();
  expect(files).toEqual(NAMES.map((name) => `${name}.json`));
});

describe('the runner may do', () => {
  const imported = importedServices();
  const used = [...imported.values()].flat().toSorted();

  it('what the code asks of the SDK', () => {
    expect(used.length).toBeGreaterThan(1);
    expect(used.filter((action) => !actionsOf('runner').includes(action))).toEqual([]);
  });

  it('what it signs itself, and nothing that nobody asks for', () => {
    // What is not asked for by an SDK in src: the handshake, and calls of @connections (target/route.ts, case/call-step.ts).
    const signed = ['execute-api:Invoke', 'execute-api:ManageConnections'];
    // Statements for services that no module of this version imports are for the observers of the stack's sinks.
    const judged = actionsOf('runner').filter((one) => imported.has(serviceOf(one)));
    expect(judged.toSorted()).toEqual(used);
    const others = actionsOf('runner').filter((one) => !judged.includes(one));
    const expected = ['dynamodb:Query', 'sqs:DeleteMessage', 'sqs:ReceiveMessage', ...signed];
    expect(others.filter((one) => !expected.includes(one))).toEqual([]);
    for (const one of signed) expect(others).toContain(one);
  });
});

it('the probe may do what its role in the template may, on the same things', () => {
  const [role] = readStack(templateText()).resources.filter(({ id }) => id === 'ProbeRole');
  const statements: Value[] = role?.Properties.Policies[0].PolicyDocument.Statement;
  const names = {
    Events: 'table/STACK-Events-*',
    Queue: ':STACK-Queue-*',
    ProbeLog: 'STACK-ProbeLog-*:*',
  };
  const inTemplate = statements.map(({ Sid, Action, Resource }) => ({
    Sid,
    actions: [Action].flat(),
    of: names[Resource['Fn::GetAtt'].split('.')[0] as keyof typeof names],
  }));
  const inPolicy = policy('probe').map(({ Sid, Action, Resource: [resource = ''] }) => ({
    Sid,
    actions: Action,
    of: Object.values(names).find((name) => resource.endsWith(name)),
  }));
  expect(inPolicy).toEqual(inTemplate);
});

describe('the deployer may make', () => {
  const types = new Set(readStack(templateText()).resources.map(({ Type }) => Type.slice(5)));

  it('each type of the template, and no other', () => {
    const made = Object.keys(MAKING)
      .flatMap((one) => one.split(' '))
      .toSorted();
    expect([...types].toSorted()).toEqual(made);
  });

  it('them by the calls that CloudFormation makes for them, and no others', () => {
    const needed = Object.values(MAKING).flat();
    const asked = [
      ...needed,
      ...actionsOf('deployer').filter((one) => one.startsWith('cloudform')),
    ];
    expect(actionsOf('deployer').toSorted()).toEqual([...new Set(asked)].toSorted());
  });

  it('nothing of other stacks', () => {
    const scoped = policy('deployer').filter(
      ({ Sid }) => !['Template', 'Logs', 'Apis'].includes(Sid),
    );
    const foreign = scoped
      .flatMap(({ Resource }) => Resource)
      .filter((one) => !one.includes('STACK'));
    expect(foreign).toEqual([]);
  });
});

const calls = (service: string, names: string): readonly string[] =>
  names.split(' ').map((name) => `${service}:${name}`);

/** By types of the template: what making, reading, changing and deleting them calls. */
const MAKING: Readonly<Record<string, readonly string[]>> = {
  'ApiGateway::ApiKey ApiGateway::UsagePlan ApiGateway::UsagePlanKey ApiGatewayV2::Api ApiGatewayV2::Authorizer ApiGatewayV2::Integration ApiGatewayV2::IntegrationResponse ApiGatewayV2::Model ApiGatewayV2::Route ApiGatewayV2::RouteResponse ApiGatewayV2::Stage':
    calls('apigateway', 'DELETE GET PATCH POST PUT'),
  'Lambda::Function': [
    ...calls(
      'lambda',
      'CreateFunction DeleteFunction DeleteFunctionConcurrency GetFunction GetFunctionCodeSigningConfig GetFunctionConfiguration GetFunctionRecursionConfig GetRuntimeManagementConfig PutFunctionConcurrency TagResource UpdateFunctionCode UpdateFunctionConfiguration',
    ),
    'iam:PassRole',
  ],
  'Lambda::Permission': calls('lambda', 'AddPermission GetPolicy RemovePermission'),
  'IAM::Role': calls(
    'iam',
    'CreateRole DeleteRole DeleteRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies PutRolePolicy TagRole UpdateAssumeRolePolicy',
  ),
  'DynamoDB::Table': calls(
    'dynamodb',
    'CreateTable DeleteTable DescribeContinuousBackups DescribeContributorInsights DescribeKinesisStreamingDestination DescribeTable DescribeTimeToLive GetResourcePolicy ListTagsOfResource TagResource UpdateTable UpdateTimeToLive',
  ),
  'SQS::Queue': calls(
    'sqs',
    'CreateQueue DeleteQueue GetQueueAttributes ListQueueTags SetQueueAttributes TagQueue',
  ),
  'Logs::LogGroup': calls(
    'logs',
    'CreateLogGroup DeleteLogGroup DescribeIndexPolicies DescribeLogGroups ListTagsForResource PutRetentionPolicy TagResource',
  ),
};

function policy(name: (typeof NAMES)[number]): readonly Statement[] {
  const file = join(PACKAGE_ROOT, `probe/aws/policies/${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')).Statement;
}

function actionsOf(name: (typeof NAMES)[number]): readonly string[] {
  return [...new Set(policy(name).flatMap(({ Action }) => Action))];
}

const serviceOf = (action: string): string => action.split(':')[0] ?? '';

const PREFIXES: Readonly<Record<string, string>> = {
  cloudformation: 'cloudformation',
  'cloudwatch-logs': 'logs',
  dynamodb: 'dynamodb',
  sqs: 'sqs',
};
// They set up emulators (target/provision.ts), which ask for no permission.
const NOT_OF_AWS = ['apigatewayv2', 'lambda'];

/** By prefix of IAM: the actions behind the commands of each SDK client that src imports. */
function importedServices(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const file of readdirSync(join(PACKAGE_ROOT, 'src'), {
    recursive: true,
    encoding: 'utf8',
  })) {
    if (!file.endsWith('.ts') || /\.test\.ts$|fixture/.test(file)) continue;
    const text = readFileSync(join(PACKAGE_ROOT, 'src', file), 'utf8');
    for (const [, client = ''] of text.matchAll(/import\('@aws-sdk\/client-([\w-]+)'\)/g)) {
      if (NOT_OF_AWS.includes(client)) continue;
      const prefix = PREFIXES[client];
      if (prefix === undefined)
        throw new Error(`no policy knows @aws-sdk/client-${client}: ${file}`);
      const commands = [...text.matchAll(/\b([A-Z]\w+)Command\b/g)].map(([, name]) => name);
      const actions = [...new Set(commands)].map((name) => `${prefix}:${name}`);
      found.set(prefix, [...new Set([...(found.get(prefix) ?? []), ...actions])]);
    }
  }
  return found;
}
