// Selection expressions over the body of a message, and the route that one chooses
// ("Working with WebSocket selection expressions").
import { isJsonObject, type Json } from '../base/json.ts';
import type { ApiConfig } from './config.ts';
import { BODY_EXPRESSION } from './model-config.ts';

/**
 * The route that the selection expression chooses; `$default` for text that is not JSON or matches
 * no route; `undefined` when there is none. The predefined keys cannot be asked for.
 */
export function routeKeyOf(api: ApiConfig, text: string): string | undefined {
  const selected = selectedValue(api.RouteSelectionExpression, text);
  if (selected !== undefined && !selected.startsWith('$') && Object.hasOwn(api.Routes, selected)) {
    return selected;
  }
  return Object.hasOwn(api.Routes, '$default') ? '$default' : undefined;
}

/** What an expression finds in a body, as text; `undefined` for anything but a string or a number. */
export function selectedValue(expression: string, text: string): string | undefined {
  const [, bare, braced] = BODY_EXPRESSION.exec(expression) ?? [];
  const path = (bare ?? braced ?? '').split('.').slice(1);
  if (path.length === 0) return undefined;
  let value = parseQuietly(text);
  for (const key of path) {
    value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** The JSON value of a text; `undefined` when it is none. */
export function parseQuietly(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json; // JSON.parse gives Json
  } catch {
    return undefined;
  }
}
