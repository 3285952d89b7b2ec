// Integration responses of what is no proxy: which one a result belongs to, and what its template makes of
// it: "Set up WebSocket API integration responses" of the guide.
import type { IntegrationConfig } from './config.ts';
import { responseContent } from './content-handling.ts';
import { render, selectedKey, templateOf } from './integration-request.ts';
import type { TemplateInput } from './template/variables.ts';

/** What a backend answered. */
export interface BackendResult {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body as it came, where it came by HTTP. */
  readonly bytes?: Buffer;
  /** What an error of a function says; responses of functions are chosen by it. */
  readonly errorMessage?: string;
}

type Responses = IntegrationConfig['IntegrationResponses'];

/**
 * The key of the integration response for a result: the first pattern that matches its status, of a
 * function its error message, else `$default`; `undefined` when none fits. A function that succeeded
 * has status 200.
 */
export function selectResponse(
  responses: Responses,
  { status, errorMessage }: Pick<BackendResult, 'status' | 'errorMessage'>,
): string | undefined {
  const text = errorMessage ?? String(status);
  const keys = Object.keys(responses);
  const matching = keys.find((key) => key !== '$default' && patternOf(key).test(text));
  return matching ?? keys.find((key) => key === '$default');
}

/** The body that goes on: made by the response's template, or as it came without one. */
export function responseBody(
  response: Responses[string],
  given: BackendResult,
  input: TemplateInput,
): string {
  const result = responseContent(response.ContentHandlingStrategy, given);
  const { status: statuscode, headers: header } = result;
  const key = selectedKey(response.TemplateSelectionExpression, {
    body: input.body,
    response: { statuscode, header },
  });
  const template = templateOf(response.ResponseTemplates, key);
  return template === undefined ? result.body : render(template, { ...input, body: result.body });
}

function patternOf(key: string): RegExp {
  const pattern = /^\/(.+)\/$/.exec(key)?.[1] ?? key;
  return new RegExp(`^(?:${pattern})$`, 's');
}
