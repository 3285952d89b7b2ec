// Certificates for tests: an authority and what it signs.
import { generate } from 'selfsigned';

/** A certificate and its key, PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate authority. */
export async function createAuthority(): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: 'ws-assay test authority' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** Makes a certificate for a DNS name and, unless `withAddress` is false, for 127.0.0.1. */
export async function issueCertificate(
  ca: Pair,
  name: string,
  { withAddress = true }: { withAddress?: boolean } = {},
): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: name },
          ...(withAddress ? [{ type: 7 as const, ip: '127.0.0.1' }] : []),
        ],
      },
    ],
  });
  return { cert: made.cert, key: made.private };
}
