// Why there was no answer, as a short word that a report counts by.

/** What Node's error code means; `local-ports` and `descriptors` are our own limits, not the server's. */
export function failureKind(code: string): string {
  return KINDS[code] ?? (isTls(code) ? 'tls' : code.toLowerCase());
}

/** True for what this machine could not do: the server has never heard of it. */
export function isOwnLimit(kind: string): boolean {
  return kind === 'local-ports' || kind === 'descriptors';
}

const KINDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'no-route',
  EHOSTUNREACH: 'no-route',
  ENETUNREACH: 'no-route',
  EADDRINUSE: 'local-ports',
  EADDRNOTAVAIL: 'local-ports',
  EMFILE: 'descriptors',
  ENFILE: 'descriptors',
  ENOBUFS: 'descriptors',
};

function isTls(code: string): boolean {
  return /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|EPROTO)/.test(
    code,
  );
}
