// Reads a CloudFormation or SAM template into the gateway's configuration: its WebSocket APIs and the functions behind
// them. All mistakes are given at once, each with its place.
import { type ConfigProblem, checkConfig, type GatewayConfig } from '../config.ts';
import { apiConfig } from './api-config.ts';
import { type ApiResource, apiResources, PART_TYPES, partsOf } from './api-resource.ts';
import { isApi } from './attribute.ts';
import { placeOf, toData } from './config-data.ts';
import { scopeOf } from './evaluate.ts';
import type { TemplateFunction } from './function.ts';
import { FunctionFinder } from './function-finder.ts';
import { hideValues } from './hidden-values.ts';
import { keyConfig } from './key-resource.ts';
import { readParameters } from './parameter.ts';
import { noteDeployments, noteEndpoint, notePermissions, noteResponses } from './permission.ts';
import { Findings, inOrder, type TemplateNote, type TemplateProblem } from './problem.ts';
import { checkReferences } from './reference.ts';
import { expandWebSocketApis } from './sam-websocket-api.ts';
import type { Scope, Surroundings } from './scope.ts';
import { takeApart } from './template.ts';
import { mapNode, type TemplateNode, textOf, valueOf } from './template-node.ts';
import { readTemplateText } from './yaml-template.ts';

/** Credentials of AWS. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** What a template is read with. */
export interface TemplateOptions extends Surroundings {
  readonly parameters: Readonly<Record<string, string>>;
  /** Where the code of functions is looked for: the folder of the template, absolute. */
  readonly folder: string;
  /** Where code that stands in the template will be written. */
  readonly inlineFolder: string;
  /** Those that sign requests where a route has AWS_IAM. */
  readonly credentials: Credentials;
  /** Gives the value of an API key that has none in the template, as AWS would draw one. */
  readonly drawKey: (id: string) => string;
}

/** What a template gives. */
export type TemplateReading =
  | {
      readonly kind: 'template';
      readonly config: GatewayConfig;
      /** The functions that are served. */
      readonly functions: readonly TemplateFunction[];
      readonly notes: readonly TemplateNote[];
      /** Resources that are left alone: logical ids by type. */
      readonly ignored: ReadonlyMap<string, readonly string[]>;
    }
  | {
      readonly kind: 'problems';
      readonly problems: readonly TemplateProblem[];
      /** The template as it may be shown, without secrets. */
      readonly shown: string;
    };

/** Reads the text of a template; `file` is what places call it. Never throws. */
export function readTemplate(
  text: string,
  file: string,
  options: TemplateOptions,
): TemplateReading {
  const findings = new Findings();
  const root = readTemplateText(text, file, findings);
  const reading = readQuietly(root, options, findings);
  if (reading !== undefined && findings.problems.length === 0) return reading;
  const shown = hideValues(text, root);
  return { kind: 'problems', problems: inOrder(findings.problems), shown };
}

// A chain of thousands of conditions is deeper than the stack.
function readQuietly(
  root: TemplateNode | undefined,
  options: TemplateOptions,
  findings: Findings,
): Served | undefined {
  try {
    return read(root, options, findings);
  } catch (thrown) {
    if (!(thrown instanceof RangeError) || root === undefined) throw thrown;
    findings.problem(
      root.span,
      'the values refer to one another too deeply',
      'write some of them out',
    );
    return undefined;
  }
}

type Served = Extract<TemplateReading, { kind: 'template' }>;

function read(
  root: TemplateNode | undefined,
  options: TemplateOptions,
  findings: Findings,
): Served | undefined {
  const written = root && takeApart(root, findings);
  const template = written && expandWebSocketApis(written, findings);
  if (template === undefined || !checkReferences(template, findings)) return undefined;
  const parameters = readParameters(template, options.parameters, findings);
  const scope = scopeOf({ ...options, template, findings, parameters });
  const apis = apiResources(scope);
  if (apis.length === 0 && findings.problems.length === 0) {
    const hint = 'write a resource of Type: AWS::ApiGatewayV2::Api with ProtocolType: WEBSOCKET';
    findings.problem(template.root.span, 'the template has no WebSocket API', hint);
  }
  return configure(scope, apis, options);
}

function configure(
  scope: Scope,
  apis: readonly ApiResource[],
  options: TemplateOptions,
): Served | undefined {
  const { findings, template } = scope;
  const { span } = template.root;
  const finder = new FunctionFinder(scope, options);
  const names = namesOf(apis);
  const Apis = mapNode(
    Object.fromEntries(
      apis.map((api) => [names.get(api) ?? api.id, apiConfig(scope, api, finder.lookup(api))]),
    ),
    span,
  );
  const tree = mapNode({ Apis, ...keyConfig(scope, apis, options.drawKey) }, span);
  const data = {
    Region: scope.region,
    AccountId: scope.accountId,
    Functions: finder.config(),
    ...users(apis, options),
    ...(toData(tree) as object), // a map is an object
  };
  const config = checkConfig(data);
  if (config.kind === 'problems') {
    // Where something is unknown that has been reported, the rest cannot be judged.
    const hidden = findings.problems.length > 0;
    for (const problem of config.problems) if (!hidden) report(scope, tree, problem);
  }
  for (const api of apis) noteDeployments(scope, api);
  for (const api of apis) noteResponses(scope, api);
  for (const api of apis) noteEndpoint(scope, api);
  notePermissions(scope, finder.calls);
  if (config.kind === 'problems') return undefined;
  return {
    kind: 'template',
    config: config.config,
    functions: finder.functions(),
    notes: inOrder(findings.notes),
    ignored: ignoredIn(scope, finder),
  };
}

// Whoever has the credentials may do everything, as the person who develops the API on their own account.
function users(apis: readonly ApiResource[], { credentials }: TemplateOptions): object {
  const signed = apis.some((api) =>
    partsOf(api, 'Route').some(
      ({ properties }) => textOf(valueOf(properties, 'AuthorizationType')) === 'AWS_IAM',
    ),
  );
  if (!signed) return {};
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const key = {
    SecretAccessKey: secretAccessKey,
    ...(sessionToken === undefined ? {} : { SessionToken: sessionToken }),
  };
  const Statement = { Effect: 'Allow', Action: 'execute-api:*', Resource: '*' };
  const PolicyDocument = { Version: '2012-10-17', Statement };
  return { Users: { local: { AccessKeys: { [accessKeyId]: key }, PolicyDocument } } };
}

function report({ findings }: Scope, tree: TemplateNode, { path, message }: ConfigProblem): void {
  const [kind = '', , , , property] = path.map(String);
  const what = path.at(-1);
  const name = typeof what === 'string' ? what : property;
  const notServed =
    message === 'unknown key' ||
    message.startsWith('Invalid option') ||
    message.startsWith('Invalid input: expected "');
  const value = path.reduce<TemplateNode | undefined>(
    (node, part) => valueOf(node, String(part)),
    tree,
  );
  const shown = message === 'unknown key' ? name : `${name} ${textOf(value) ?? ''}`.trim();
  const told = notServed
    ? `${shown} is not served yet`
    : `${kind === '' ? '' : `${name}: `}${message}`;
  findings.problem(placeOf(tree, path), told);
}

// `SimpleChatWebSocket` is called simple-chat-web-socket.
function namesOf(apis: readonly ApiResource[]): ReadonlyMap<ApiResource, string> {
  const taken = new Set<string>();
  return new Map(
    apis.map((api) => {
      const words = api.id.replaceAll(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3-$2$4');
      const plain =
        words
          .toLowerCase()
          .replaceAll(/[^a-z0-9-]/g, '')
          .replace(/^[^a-z]+/, '') || 'api';
      const name = taken.has(plain) ? `${plain}-${taken.size + 1}` : plain;
      taken.add(name);
      return [api, name];
    }),
  );
}

function ignoredIn(scope: Scope, finder: FunctionFinder): ReadonlyMap<string, readonly string[]> {
  const used = new Set(finder.functions().map(({ id }) => id));
  const ignored = new Map<string, string[]>();
  for (const resource of scope.template.resources.values()) {
    if (SERVED.has(resource.type) || isApi(resource) || used.has(resource.id)) continue;
    ignored.set(resource.type, [...(ignored.get(resource.type) ?? []), resource.id]);
  }
  return ignored;
}

const SERVED = new Set([
  ...PART_TYPES,
  'AWS::ApiGateway::ApiKey',
  'AWS::ApiGateway::UsagePlan',
  'AWS::ApiGateway::UsagePlanKey',
  'AWS::Lambda::Permission',
]);
