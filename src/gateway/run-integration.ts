// Runs the integration of a route, whatever its type. What comes of it has the shape of a proxy response, so
// that an upgrade and a message are judged in one way.
import { messageOf } from '../base/errors.ts';
import { isJsonObject, type Json } from '../base/json.ts';
import type { Api } from './api.ts';
import type { IntegrationConfig } from './config.ts';
import { requestContent } from './content-handling.ts';
import { type BackendRequest, callBackend } from './http-integration.ts';
import type { IntegrationOutcome } from './integration.ts';
import type { BackendResult } from './integration-response.ts';
import { responseBody } from './integration-response.ts';
import type { InvocationOutcome } from './lambda.ts';
import type { RouteRequest } from './request-parameters.ts';
import { TemplateError } from './template/template-error.ts';
import { parsed, type TemplateInput } from './template/variables.ts';

/** Runs it with the event of the route. Never rejects. */
export async function runIntegration(
  api: Api,
  integration: IntegrationConfig,
  call: { readonly request: RouteRequest; readonly timeoutMs: number },
): Promise<IntegrationOutcome> {
  try {
    return await run(api, integration, call);
  } catch (thrown) {
    const place = thrown instanceof TemplateError ? `, character ${thrown.at + 1}` : '';
    const errorMessage = `a template cannot be rendered${place}: ${messageOf(thrown)}`;
    return misconfigured(api, call.request, errorMessage);
  }
}

type Call = Parameters<typeof runIntegration>[2];

async function run(
  api: Api,
  integration: IntegrationConfig,
  call: Call,
): Promise<IntegrationOutcome> {
  const { behaviour } = api;
  const { IntegrationType: type } = integration;
  const invokes = type === 'AWS' || type === 'AWS_PROXY';
  if (invokes && !behaviour.mayInvoke(integration)) {
    return misconfigured(api, call.request, 'API Gateway may not invoke the function');
  }
  if (type === 'AWS_PROXY') return invoke(api, integration, call, call.request.event);
  if (type === 'HTTP_PROXY') return proxied(api, integration, call);
  const input = behaviour.templateInput(call.request);
  const payload = behaviour.requestPayload(integration, input);
  if (payload.kind === 'unsupported') {
    return { kind: 'rejected', status: 415, errorMessage: 'no template fits the request' };
  }
  const content = requestContent(integration.ContentHandlingStrategy, payload.text);
  if (content === undefined) return misconfigured(api, call.request, NO_BASE64);
  const backend = await answerOf(api, integration, call, content);
  return backend.kind === 'answered'
    ? responded(api, integration, { call, input, result: backend.result })
    : backend;
}

const NO_BASE64 = 'the payload is to be converted to binary and is no base64';

type Backend =
  | Exclude<IntegrationOutcome, { kind: 'returned' }>
  | { readonly kind: 'answered'; readonly result: BackendResult };

async function answerOf(
  api: Api,
  integration: IntegrationConfig,
  call: Call,
  content: string | Buffer,
): Promise<Backend> {
  const payload = content.toString();
  if (integration.IntegrationType === 'MOCK') return mocked(api, call, payload);
  if (integration.IntegrationType === 'HTTP') {
    const headers = [['Content-Type', 'application/json']] as const;
    return http(api, integration, call, { headers, body: content });
  }
  // A function takes JSON; without a payload it gets an empty object.
  const event = payload.trim() === '' ? {} : parsed(payload);
  if (event === undefined)
    return misconfigured(api, call.request, 'the payload for the function is not JSON');
  const outcome = await invoke(api, integration, call, event);
  if (outcome.kind === 'timed-out') return outcome;
  return { kind: 'answered', result: functionResult(outcome) };
}

// A function that failed is an integration that failed (502), whatever response its error chooses.
function functionResult(outcome: Exclude<InvocationOutcome, { kind: 'timed-out' }>): BackendResult {
  const isGood = outcome.kind === 'returned';
  const body = JSON.stringify(isGood ? outcome.value : { errorMessage: outcome.errorMessage });
  return {
    status: isGood ? 200 : 502,
    headers: {},
    body,
    ...(!isGood && { errorMessage: outcome.errorMessage }),
  };
}

function invoke(
  api: Api,
  { Handler = '' }: IntegrationConfig,
  { timeoutMs }: Call,
  event: Json,
): ReturnType<Api['lambda']['invoke']> {
  return api.lambda.invoke(Handler, event, timeoutMs);
}

function mocked(api: Api, { request }: Call, payload: string): Backend {
  const status = api.behaviour.mockStatus(parsed(payload));
  if (status === undefined)
    return misconfigured(
      api,
      request,
      'a mock integration needs a template that makes {"statusCode": 200}',
    );
  return { kind: 'answered', result: { status, headers: {}, body: '' } };
}

/** The status that the template of a mock integration gives. */
export function mockStatus(value: Json | undefined): number | undefined {
  const status = isJsonObject(value) ? Number(value['statusCode']) : Number.NaN;
  return Number.isInteger(status) && status >= 200 && status <= 599 ? status : undefined;
}

/** Whether the function's policy lets API Gateway invoke it. */
export function mayInvoke({ InvokePermission }: IntegrationConfig): boolean {
  return InvokePermission;
}

// A result needs an integration response. On $connect its status is what the backend answered.
function responded(
  api: Api,
  { IntegrationResponses: responses }: IntegrationConfig,
  {
    call,
    input,
    result,
  }: { readonly call: Call; readonly input: TemplateInput; readonly result: BackendResult },
): IntegrationOutcome {
  const key = api.behaviour.selectResponse(responses, result);
  const response = key === undefined ? undefined : responses[key];
  if (key === undefined && isOneWay(api, call.request.routeKey)) {
    return { kind: 'returned', value: { statusCode: result.status } };
  }
  if (key === undefined)
    return misconfigured(api, call.request, `no integration response for ${result.status}`);
  const body = response === undefined ? result.body : responseBody(response, result, input);
  return { kind: 'returned', value: { statusCode: result.status, body } };
}

// "Regardless of any integration response configuration, no response will be returned" of a route without a
// route response (guide, integration responses): what is not returned needs no response to be made of.
function isOneWay({ config }: Api, routeKey: string): boolean {
  const route = config.Routes[routeKey];
  return routeKey !== '$connect' && route?.RouteResponseSelectionExpression === undefined;
}

async function proxied(
  api: Api,
  integration: IntegrationConfig,
  call: Call,
): Promise<IntegrationOutcome> {
  const { event } = call.request;
  const text = typeof event['body'] === 'string' ? event['body'] : '';
  const body = requestContent(integration.ContentHandlingStrategy, text);
  if (body === undefined) return misconfigured(api, call.request, NO_BASE64);
  const headers = api.behaviour.forwardedHeaders(call.request);
  const answer = await http(api, integration, call, { headers, body });
  if (answer.kind !== 'answered') return answer;
  const { status: statusCode, headers: given, body: answered } = answer.result;
  return { kind: 'returned', value: { statusCode, headers: given, body: answered } };
}

/** The headers of the upgrade request, which an HTTP proxy integration of $connect hands on. */
export function forwardedHeaders({ event, routeKey }: RouteRequest): BackendRequest['headers'] {
  const headers = event['headers'];
  if (routeKey !== '$connect' || !isJsonObject(headers)) return [];
  return Object.entries(headers)
    .filter(([name]) => name.toLowerCase() !== 'host')
    .map(([name, value]) => [name, typeof value === 'string' ? value : '']);
}

async function http(
  api: Api,
  integration: IntegrationConfig,
  { request, timeoutMs }: Call,
  given: Pick<BackendRequest, 'headers' | 'body'>,
): Promise<Backend> {
  const mapped = api.behaviour.mapParameters(integration.RequestParameters, request);
  const text = filledUri(integration.IntegrationUri ?? '', { mapped, request, api });
  if (!/^https?:/.test(text) || !URL.canParse(text)) {
    return misconfigured(
      api,
      request,
      `${integration.IntegrationUri ?? ''} is not the URL of a backend`,
    );
  }
  const url = new URL(text);
  for (const [name, value] of mapped.querystring) url.searchParams.append(name, value);
  const set = new Set(mapped.header.map(([name]) => name.toLowerCase()));
  const headers = [
    ...given.headers.filter(([name]) => !set.has(name.toLowerCase())),
    ...mapped.header,
  ];
  const answer = await callBackend(
    { url, method: integration.IntegrationMethod, headers, body: given.body, timeoutMs },
    api.clock,
  );
  return answer.kind === 'answered'
    ? { ...answer, result: api.behaviour.httpResult(answer.result) }
    : answer;
}

function filledUri(
  uri: string,
  {
    mapped,
    request,
    api,
  }: {
    readonly mapped: ReturnType<Api['behaviour']['mapParameters']>;
    readonly request: RouteRequest;
    readonly api: Api;
  },
): string {
  return uri
    .replaceAll(
      /\$\{stageVariables\.(\w+)\}/g,
      (_, name: string) => request.stageVariables[name] ?? '',
    )
    .replaceAll(/\$\{env:(\w+)\}(?=(\/)?)/g, (_, name: string, slash?: string) => {
      const value = api.environment[name] ?? '';
      return slash === undefined ? value : value.replace(/\/+$/, '');
    })
    .replaceAll(/\{([\w.-]+)\}/g, (whole, name: string) => {
      const value = mapped.path.find(([key]) => key === name)?.[1];
      return value === undefined ? whole : encodeURIComponent(value);
    });
}

// API_CONFIGURATION_ERROR of REST APIs: 500, and the reason in the log alone.
function misconfigured(
  api: Api,
  { routeKey }: RouteRequest,
  errorMessage: string,
): Extract<IntegrationOutcome, { kind: 'rejected' }> {
  api.log(`${api.config.ApiId} ${routeKey}: ${errorMessage}`);
  return { kind: 'rejected', status: 500, errorMessage };
}
