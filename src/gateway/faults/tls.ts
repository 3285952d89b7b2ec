// Faults of TLS.
import type { Fault } from './fault.ts';

/** Faults of TLS. */
export const TLS_FAULTS: readonly Fault[] = [
  {
    name: 'serves-plain-text',
    description: 'serves plain text on the port of TLS, too',
    breaks: ['tls/plain-text#never-opens'],
    change: () => ({ servesPlainText: true }),
  },
  {
    name: 'speaks-tls-1-0',
    description: 'speaks TLS 1.0 and 1.1',
    breaks: ['tls/old-versions#never-opens'],
    change: () => ({
      // OpenSSL 3 refuses them at its default security level.
      tlsVersions: { minVersion: 'TLSv1', maxVersion: 'TLSv1.3', ciphers: 'DEFAULT@SECLEVEL=0' },
    }),
  },
  {
    name: 'no-tls-1-3',
    description: 'speaks no TLS 1.3',
    breaks: ['tls/versions#opens'],
    change: () => ({ tlsVersions: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } }),
  },
  {
    name: 'no-tls-1-2',
    description: 'speaks TLS 1.3 only',
    breaks: ['tls/versions#opens'],
    change: () => ({ tlsVersions: { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } }),
  },
];
