// Signs the requests of one endpoint, each for its own instant: a signature ages. It says that instant in whole
// seconds, so that one made before it is due is good as long as it is sent in the second that it was made for.
import { rememberKey, signRequest } from '../wire/sigv4.ts';
import { tampered } from '../wire/tampered-signature.ts';
import type { LoadSigning } from './plan.ts';

/** What a signature writes into the request of one attempt. */
export interface SignedParts {
  /** Seconds since the epoch. */
  readonly second: number;
  /** Path and query. */
  readonly target: string;
  /** `X-Amz-Date` and `Authorization`; empty where the signature is in the query. */
  readonly date: string;
  readonly authorization: string;
}

/** Signs the request that has this nonce. `wallMs`: when it is sent, in milliseconds since the epoch. */
export type RequestSigner = (nonce: string, wallMs: number) => SignedParts;

/** Makes a signer. */
export function createRequestSigner(how: LoadSigning): RequestSigner {
  const { method, by, offsetMs, tamper } = how;
  const keyOf = rememberKey();
  return (nonce, wallMs) => {
    const fill = (text: string): string => text.replaceAll('{nonce}', nonce);
    const headers = how.headers.map(([name, value]) => [name, fill(value)] as const);
    const request = { method, target: fill(how.target), headers };
    const right = signRequest(request, { ...by, dateMs: wallMs + offsetMs }, keyOf);
    const { target, headers: own } = tampered(right, tamper);
    const [, date = ''] = own[0] ?? [];
    const [, authorization = ''] = own.at(-1) ?? [];
    return { second: secondOf(wallMs), target, date, authorization };
  };
}

/** The second that a signature of an instant says. */
export function secondOf(wallMs: number): number {
  return Math.floor(wallMs / 1000);
}
