// URLs of endpoints: `ws:` and `http:` mean plain, `wss:` and `https:` mean TLS.

/** Where a URL points. */
export interface Place {
  readonly url: URL;
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** Reads a URL; `undefined` for what is none or has another scheme. */
export function placeOf(text: string): Place | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const secure = url.protocol === 'wss:' || url.protocol === 'https:';
  if (!secure && url.protocol !== 'ws:' && url.protocol !== 'http:') return undefined;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  return { url, host, port, secure };
}
