// `--var name=value`.
import { ToolError } from '../base/errors.ts';
import { isJsonObject, type Json } from '../base/json.ts';

/** `name=value`; the value is read as JSON where it is a number, true or false, else as text. @throws {ToolError} USAGE */
export function parseVars(given: readonly string[]): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value = ''] = /^([A-Za-z][\w-]*)=(.*)$/s.exec(text) ?? [];
      if (name !== undefined) return [name, scalarOf(value)] as const;
      throw new ToolError('USAGE', `--var ${text}: write a name, =, and a value: --var token=abc.`);
    }),
  );
}

function scalarOf(text: string): Json {
  if (!/^(-?\d+(\.\d+)?|true|false)$/.test(text)) return text;
  const value: unknown = JSON.parse(text);
  return isJsonObject(value) ? text : (value as Json); // the pattern allows scalars only
}
