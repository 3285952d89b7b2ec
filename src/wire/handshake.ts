// placeholder types, owned by the wire helper
/** RFC 6455 violations of an answer that claims to open the connection. */
export type Violation =
  | 'accept-mismatch'
  | 'upgrade-missing'
  | 'connection-missing'
  | 'subprotocol-not-offered'
  | 'subprotocol-repeated'
  | 'extension-not-offered'
  | 'not-http'
  | 'bare-lf'
  | 'header-invalid';
