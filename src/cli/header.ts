// `--header 'Name: value'`: what is sent to a bare URL where a scenario names no other credentials.
import { ToolError } from '../base/errors.ts';
import type { Redactor } from '../base/redact.ts';
import { registerCredentials } from '../case/credentials.ts';
import type { UrlHeaders } from '../target/parse.ts';
import type { Io } from './io.ts';

/** What signs the requests to a bare URL. */
export interface SignOptions {
  readonly sign?: 'header' | 'query';
  readonly region?: string;
}

/**
 * Reads the headers; the values under names of credentials become secrets.
 *
 * @throws {ToolError} USAGE
 */
export function readHeaders(
  { header: given = [], sign, region }: SignOptions & { readonly header?: readonly string[] },
  { io, redactor }: { readonly io: Io; readonly redactor: Redactor },
): UrlHeaders {
  const headers: Record<string, string[]> = {};
  for (const text of given) {
    const [name, value] = readHeader(text);
    headers[name] = [...(headers[name] ?? []), value];
    // What names a variable is no secret, and belongs in the line that runs a failure again.
    if (!value.includes('${'))
      registerCredentials(redactor, { target: '', headers: [{ name, value }] });
  }
  return {
    headers,
    ...(sign === undefined
      ? {}
      : { sign: { in: sign, ...(region === undefined ? {} : { region }) } }),
    variables: { env: (name) => io.env[name], registerSecret: redactor.register },
  };
}

// RFC 9110 section 5.6.2: a token.
const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;

function readHeader(text: string): readonly [name: string, value: string] {
  const [, name, value] = HEADER.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  // Not repeated: it may hold a secret.
  throw new ToolError('USAGE', 'A --header is not of the form Name: value.', {
    hint: "For example --header 'Authorization: Bearer ${secret:TOKEN}', which reads the environment variable TOKEN.",
  });
}
