// A signature that was right when it was made, and is not any more when it is sent.
import type { Signature } from './sigv4.ts';

/** What is changed: the last digit of the signature, or the query, which gets one more parameter. */
export type Tamper = 'signature' | 'query';

/** The signature after it was changed. */
export function tampered(signature: Signature, tamper: Tamper | undefined): Signature {
  const { target, headers } = signature;
  if (tamper === undefined) return signature;
  if (tamper === 'query') {
    return { headers, target: `${target}${target.includes('?') ? '&' : '?'}tampered=1` };
  }
  const last = headers.length - 1;
  return {
    target: headers.length === 0 ? otherDigit(target) : target,
    headers: headers.map(([name, value], index) => [
      name,
      index === last ? otherDigit(value) : value,
    ]),
  };
}

// The signature stands last, in a header as in a query.
function otherDigit(text: string): string {
  return `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`;
}
