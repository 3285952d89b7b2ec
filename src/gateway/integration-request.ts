// The payload of an integration request that is no proxy: which template makes it, or whether the payload
// goes through as it came ("Template selection expressions", "Integration passthrough behaviors").
import type { JsonObject } from '../base/json.ts';
import type { IntegrationConfig } from './config.ts';
import type { RouteRequest } from './request-parameters.ts';
import { findPath } from './template/json-path.ts';
import { readTemplate } from './template/read-template.ts';
import { renderTemplate } from './template/render.ts';
import { objectOf, parsed, type TemplateInput, templateVariables } from './template/variables.ts';

/** The payload; `unsupported` when no template fits and nothing may pass without one. */
export type RequestPayload =
  | { readonly kind: 'payload'; readonly text: string }
  | { readonly kind: 'unsupported' };

/**
 * Makes the payload.
 *
 * @throws {TemplateError} when the template cannot be rendered
 */
export function requestPayload(
  integration: Pick<
    IntegrationConfig,
    'RequestTemplates' | 'TemplateSelectionExpression' | 'PassthroughBehavior'
  >,
  input: TemplateInput,
): RequestPayload {
  const { RequestTemplates: templates, PassthroughBehavior: passthrough } = integration;
  const key = selectedKey(integration.TemplateSelectionExpression, { body: input.body });
  const template = templateOf(templates, key);
  if (template !== undefined) return { kind: 'payload', text: render(template, input) };
  const none = Object.keys(templates).length === 0;
  const passes = passthrough === 'WHEN_NO_MATCH' || (passthrough === 'WHEN_NO_TEMPLATES' && none);
  return passes ? { kind: 'payload', text: input.body } : { kind: 'unsupported' };
}

/** What templates see of a route request. */
export function templateInput({ event, stageVariables }: RouteRequest): TemplateInput {
  return {
    body: typeof event['body'] === 'string' ? event['body'] : '',
    path: {},
    querystring: objectOf(event['queryStringParameters']),
    header: objectOf(event['headers']),
    context: objectOf(event['requestContext']),
    stageVariables,
  };
}

/** The template of a key, else that of `$default`; without an expression also that of JSON. */
export function templateOf(
  templates: Readonly<Record<string, string>>,
  key: string | undefined,
): string | undefined {
  const keys = key === undefined ? ['$default', 'application/json'] : [key, '$default'];
  const found = keys.find((one) => Object.hasOwn(templates, one));
  return found === undefined ? undefined : templates[found];
}

/** The key that a template selection expression gives; `undefined` without an expression. */
export function selectedKey(
  expression: string | undefined,
  of: { readonly body: string; readonly response?: JsonObject },
): string | undefined {
  return expression?.replaceAll(
    /\\\$|\$\{([^}]*)\}|\$((?:request\.body|integration\.response)(?:\.[\w-]+)+)/g,
    (escaped, braced?: string, bare?: string) => {
      const name = braced ?? bare;
      return name === undefined ? escaped.slice(1) : variable(name, of);
    },
  );
}

function variable(
  name: string,
  { body, response }: { readonly body: string; readonly response?: JsonObject },
): string {
  const [, path] = /^request\.body\.(.+)$/.exec(name) ?? [];
  const [, field] = /^integration\.response\.(.+)$/.exec(name) ?? [];
  const value =
    path === undefined
      ? findPath(response, `$.${field ?? ''}`)
      : findPath(parsed(body), `$.${path}`);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Renders a template that has been checked. @throws {TemplateError} */
export function render(template: string, input: TemplateInput): string {
  return renderTemplate(readTemplate(template), templateVariables(input));
}
