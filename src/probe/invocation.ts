// Decodes what a probe POSTs. Unknown keys are let through: a probe may be newer than the runner.
import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { ProbeInvocation } from './contract.ts';

/** A decoded value, or every reason why there is none. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reasons: readonly string[] };

/** Decodes the body of `POST /v1/invocations`. The event itself is not looked into: it is evidence. */
export function decodeInvocation(text: string): Decoded<ProbeInvocation> {
  const json = decodeJson(text);
  if (!json.ok) return json;
  const parsed = INVOCATION.safeParse(json.value);
  if (!parsed.success) return { ok: false, reasons: reasonsOf(parsed.error) };
  const { remainingMs, ...rest } = parsed.data;
  const value = remainingMs === undefined ? rest : { ...rest, remainingMs };
  return { ok: true, value };
}

/** Parses JSON; the reason of a failure is the parser's sentence. */
export function decodeJson(text: string): Decoded<unknown> {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (thrown) {
    return {
      ok: false,
      reasons: [`body: ${thrown instanceof Error ? thrown.message : 'not JSON'}`],
    };
  }
}

/** One `path: message` for each issue. */
export function reasonsOf(error: z.ZodError): readonly string[] {
  return error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
}

/** Any JSON object, kept as it stands. */
export const jsonObject = z.custom<JsonObject>(isJsonObject, { error: 'expected an object' });

const INVOCATION = z.object({
  v: z.literal(1),
  type: z.enum(['AUTHORIZER', 'CONNECT', 'MESSAGE', 'DISCONNECT']),
  invocationId: z.string().min(1).max(200),
  remainingMs: z.number().optional(),
  event: jsonObject,
});
