// How the attempts of a load are signed: what a step signs for one request, with the nonce and the instant left open.
import type { AttemptRequest } from '../case/request.ts';
import { headersToSign, signingOf } from '../case/sign.ts';
import type { LoadSigning } from '../load/plan.ts';
import type { ConnectSpec, HeaderSpec } from '../scenario/model.ts';
import type { Credentials } from '../target/model.ts';

/** Where the nonce stands until it is known: 26 characters of its alphabet that nobody draws. */
export const NONCE_MARK = 'z7'.repeat(13);

/** A text with the nonce left open. */
export function openNonce(text: string): string {
  return text.replaceAll(NONCE_MARK, '{nonce}');
}

/** Undefined where the credentials do not sign, or the load says that they shall not. */
export function signingOfLoad(
  { sign: spec, method }: ConnectSpec,
  request: AttemptRequest,
  { sign }: Credentials,
): LoadSigning | undefined {
  if (sign === undefined || spec === false) return undefined;
  const { dateMs: offsetMs, ...by } = signingOf(sign, spec, 0);
  return {
    method,
    target: openNonce(request.target),
    headers: headersToSign(request).map(([name, value]) => [name, openNonce(value)]),
    by,
    offsetMs,
    ...(spec?.tamper === undefined ? {} : { tamper: spec.tamper }),
  };
}

/** The request with what a signature writes left open. */
export function openForSignature(
  { headers }: AttemptRequest,
  { by }: LoadSigning,
): { readonly target: string; readonly headers: readonly HeaderSpec[] } {
  const { place, keys } = by;
  const target = '{signed-target}';
  if (place === 'query') return { target, headers };
  const own = [
    { name: 'X-Amz-Date', value: '{x-amz-date}' },
    ...(keys.sessionToken === undefined
      ? []
      : [{ name: 'X-Amz-Security-Token', value: keys.sessionToken }]),
    { name: 'Authorization', value: '{authorization}' },
  ];
  return { target, headers: [...headers, ...own] };
}
