// The integrations of an API, in API Gateway's own words (CreateIntegration, CreateIntegrationResponse).
// Templates are read here, so that a mistake in one has a place in the file.
import { z } from 'zod';
import { fileAndExport, handlerProblem, Runtime } from './handler-config.ts';
import { EXECUTION_ENVIRONMENTS, INTEGRATION_TIMEOUT_MS } from './limits.ts';
import { parameterProblem } from './request-parameters.ts';
import { readTemplate } from './template/read-template.ts';
import { placeIn, TemplateError } from './template/template-error.ts';

/** How long an integration or authorizer may take. */
export const TimeoutInMillis = z
  .int()
  .min(INTEGRATION_TIMEOUT_MS.least)
  .max(INTEGRATION_TIMEOUT_MS.most)
  .default(INTEGRATION_TIMEOUT_MS.most);

/** Execution environments that are started before the gateway is ready. */
export const ProvisionedConcurrency = z.int().min(0).max(EXECUTION_ENVIRONMENTS).default(1);

const Template = z.string().superRefine((text, context) => {
  const problem = templateProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', ...problem });
});

const Templates = z.record(z.string().min(1), Template);

const IntegrationResponse = z.strictObject({
  ResponseTemplates: Templates.default({}),
  TemplateSelectionExpression: z.string().optional(),
  /** What a client would get of bytes is not documented: text only. */
  ContentHandlingStrategy: z
    .literal('CONVERT_TO_TEXT', 'a response is converted to text or not at all: CONVERT_TO_TEXT')
    .optional(),
});

/** An integration response is chosen by `$default`, by a status, or by a pattern such as `/2\d\d/`. */
const ResponseKey = z.string().refine((key) => {
  const pattern = /^\/(.+)\/$/.exec(key)?.[1];
  return pattern === undefined ? /^(\$default|[^/]+)$/.test(key) : isPattern(pattern);
}, 'write $default, a status, or a pattern between slashes such as /2\\d\\d/');

const TYPES = ['AWS_PROXY', 'AWS', 'HTTP_PROXY', 'HTTP', 'MOCK'] as const;

/** An integration of any type; which keys belong to which is checked together. */
export const Integration = z
  .strictObject({
    IntegrationType: z.enum(TYPES).default('AWS_PROXY'),
    Handler: z.string().optional(),
    Runtime,
    ProvisionedConcurrency,
    /** Whether the function's policy lets API Gateway invoke it. */
    InvokePermission: z.boolean().default(true),
    IntegrationUri: z
      .string()
      .regex(/^(https?:\/\/|\$\{)\S+$/, 'write a URL that begins with http:// or https://')
      .optional(),
    IntegrationMethod: z
      .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])
      .default('POST'),
    TimeoutInMillis,
    RequestParameters: z.record(z.string(), z.string()).default({}),
    RequestTemplates: Templates.default({}),
    TemplateSelectionExpression: z.string().optional(),
    PassthroughBehavior: z
      .enum(['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'])
      .default('WHEN_NO_MATCH'),
    IntegrationResponses: z.record(ResponseKey, IntegrationResponse).default({}),
    ContentHandlingStrategy: z.enum(['CONVERT_TO_BINARY', 'CONVERT_TO_TEXT']).optional(),
  })
  .transform((integration, context) => {
    for (const [path, message] of problemsOf(integration)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
    const { Handler } = integration;
    return Handler === undefined
      ? integration
      : { ...integration, Handler: fileAndExport({ ...integration, Handler }) };
  });

/** A problem of a template and its place in the text, both from 1. */
export interface TemplatePlace {
  readonly line: number;
  readonly column: number;
}

function templateProblem(
  text: string,
): { readonly message: string; readonly params: { readonly within: TemplatePlace } } | undefined {
  try {
    readTemplate(text);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof TemplateError)) throw thrown;
    return { message: thrown.message, params: { within: placeIn(text, thrown.at) } };
  }
}

type Given = {
  readonly IntegrationType: (typeof TYPES)[number];
  readonly Handler?: string | undefined;
  readonly Runtime?: string | undefined;
  readonly IntegrationUri?: string | undefined;
  readonly RequestParameters: Readonly<Record<string, string>>;
  readonly RequestTemplates: object;
  readonly IntegrationResponses: object;
  readonly ContentHandlingStrategy?: string | undefined;
};

type Found = readonly [path: readonly string[], message: string];

function problemsOf(given: Given): readonly Found[] {
  const { IntegrationType: type, Handler } = given;
  const takes = (types: string, key: 'Handler' | 'IntegrationUri'): Found | undefined => {
    if (types.split(' ').includes(type)) {
      return given[key] === undefined ? [[key], `${type} needs ${key}`] : undefined;
    }
    return given[key] === undefined ? undefined : [[key], `${type} has no ${key}`];
  };
  const only = (
    types: string,
    key: 'RequestParameters' | 'RequestTemplates' | 'IntegrationResponses',
  ) =>
    types.split(' ').includes(type) || Object.keys(given[key]).length === 0
      ? undefined
      : ([[key], `${type} has no ${key}`] as const);
  const handler =
    Handler === undefined ? undefined : handlerProblem(fileAndExport({ ...given, Handler }), given);
  return [
    takes('AWS_PROXY AWS', 'Handler'),
    handler === undefined ? undefined : ([['Handler'], handler] as const),
    takes('HTTP_PROXY HTTP', 'IntegrationUri'),
    // What a proxied function would get of bytes is not documented.
    type === 'AWS_PROXY' && given.ContentHandlingStrategy === 'CONVERT_TO_BINARY'
      ? ([
          ['ContentHandlingStrategy'],
          'AWS_PROXY takes no bytes; decode event.body in the function',
        ] as const)
      : undefined,
    only('HTTP_PROXY HTTP', 'RequestParameters'),
    only('AWS HTTP MOCK', 'RequestTemplates'),
    only('AWS HTTP MOCK', 'IntegrationResponses'),
    ...Object.entries(given.RequestParameters).map(([target, source]): Found | undefined => {
      const problem = parameterProblem(target, source);
      return problem === undefined ? undefined : [['RequestParameters', target], problem];
    }),
  ].filter((one) => one !== undefined);
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
