// The detached signature of a manifest: Ed25519 over its bytes (RFC 8032), in base64.
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { messageOf } from '../base/errors.ts';

/** Either the text of the signature or why the key is none to sign with. Never throws. */
export function signManifest(
  manifest: Uint8Array,
  pem: string,
): { readonly signature: string } | { readonly problem: string } {
  const read = readKey(() => createPrivateKey(pem));
  if ('problem' in read) return read;
  return { signature: `${sign(null, manifest, read.key).toString('base64')}\n` };
}

/** Whether the signature is that of the key, or why the key is none to verify with. Never throws. */
export function verifySignature(
  manifest: Uint8Array,
  signature: string,
  pem: string,
): { readonly isRight: boolean } | { readonly problem: string } {
  // A private key would do as well, but nobody should hand one over.
  if (pem.includes('PRIVATE KEY'))
    return { problem: 'it is a private key; verify takes the public one' };
  const read = readKey(() => createPublicKey(pem));
  if ('problem' in read) return read;
  const bytes = Buffer.from(signature.trim(), 'base64');
  return { isRight: verify(null, manifest, read.key, bytes) };
}

function readKey(
  make: () => KeyObject,
): { readonly key: KeyObject } | { readonly problem: string } {
  try {
    const key = make();
    if (key.asymmetricKeyType === 'ed25519') return { key };
    return { problem: `it is a key of ${key.asymmetricKeyType}; only Ed25519 is taken` };
  } catch (thrown) {
    return { problem: `it is no key in PEM form: ${messageOf(thrown)}` };
  }
}
