// The text of requests: written once, with what differs from attempt to attempt left open.
import { loadNonce } from './nonce.ts';
import type { LoadEndpoint } from './plan.ts';
import { createRequestSigner, type SignedParts, secondOf } from './request-signer.ts';

/** Writes the requests of one endpoint. */
export interface RequestWriter {
  /** Its requests carry a nonce. */
  readonly hasNonce: boolean;
  /** Signs before it is due; undefined where requests are not signed. `wallMs`: when it will be sent. */
  readonly sign: ((number: number, wallMs: number) => SignedParts) | undefined;
  /** `signed`: what was signed before; made anew where it is of another second. */
  write(number: number, key: string, signed: SignedParts | undefined): string;
}

/** Makes a writer. `nonce`: what all nonces of the load begin with; `wallMs`: since the epoch. */
export function createRequestWriter(
  { request, sign: how }: LoadEndpoint,
  { nonce, wallMs }: { readonly nonce: string; readonly wallMs: () => number },
): RequestWriter {
  const hasNonce = [request, how?.target ?? ''].some((text) => text.includes('{nonce}'));
  if (how === undefined) {
    const parts = request.split(/(\{key\}|\{nonce\})/);
    const write: RequestWriter['write'] = (number, key) => {
      let text = '';
      for (const part of parts) {
        if (part === '{key}') text += key;
        else text += part === '{nonce}' ? loadNonce(nonce, number) : part;
      }
      return text;
    };
    return { hasNonce, sign: undefined, write };
  }
  const signer = createRequestSigner(how);
  const sign = (number: number, atMs: number): SignedParts =>
    signer(loadNonce(nonce, number), atMs);
  const parts = request.split(
    /(\{key\}|\{nonce\}|\{signed-target\}|\{x-amz-date\}|\{authorization\})/,
  );
  const write: RequestWriter['write'] = (number, key, signed) => {
    const now = wallMs();
    const good = signed?.second === secondOf(now) ? signed : sign(number, now);
    const open: Readonly<Record<string, string>> = {
      '{key}': key,
      '{nonce}': loadNonce(nonce, number),
      '{signed-target}': good.target,
      '{x-amz-date}': good.date,
      '{authorization}': good.authorization,
    };
    return parts.map((part) => open[part] ?? part).join('');
  };
  return { hasNonce, sign, write };
}
