// Whether the body of a message is as the model of its route wants it.
import type { Json } from '../base/json.ts';
import { validateSchema } from '../base/json-schema.ts';
import type { ApiConfig, RouteConfig } from './config.ts';
import { parseQuietly, selectedValue } from './route-selection.ts';

/** True when the body satisfies the model that its route has for it, or the route has none. */
export function fitsModel(api: ApiConfig, route: RouteConfig, body: string): boolean {
  const schema = schemaFor(api, route, body);
  if (schema === undefined) return true;
  const value = parseQuietly(body);
  return value !== undefined && validateSchema(schema, value).length === 0;
}

function schemaFor(
  api: ApiConfig,
  { ModelSelectionExpression, RequestModels = {} }: RouteConfig,
  body: string,
): Json | undefined {
  if (ModelSelectionExpression === undefined) return undefined;
  const chosen = selectedValue(ModelSelectionExpression, body) ?? '$default';
  const key = Object.hasOwn(RequestModels, chosen) ? chosen : '$default';
  const id = Object.hasOwn(RequestModels, key) ? RequestModels[key] : undefined;
  return id === undefined ? undefined : api.Models[id]?.Schema;
}
