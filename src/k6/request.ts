// From the text of a load's request to what a k6 script is given: a URL with the nonce left open, headers that k6 lets
// a script set, and credentials as names of environment variables.
import { isSecretHeader, isSecretParameter, type Redactor } from '../base/redact.ts';
import type { LoadEndpoint, LoadSigning } from '../load/plan.ts';

/** A text in the script: pieces one after the other. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'nonce' }
  | { readonly kind: 'env'; readonly name: string };

/** One endpoint of a script. */
export interface K6Endpoint {
  readonly share: number;
  readonly role: string;
  readonly url: readonly Piece[];
  readonly subprotocols: readonly string[];
  readonly headers: readonly { readonly name: string; readonly value: readonly Piece[] }[];
  /** `host:port` of the URL and the address it was resolved to, where they differ. */
  readonly host: { readonly name: string; readonly address: string } | undefined;
  readonly insecure: boolean;
  /** Its URL is presigned for each attempt. */
  readonly sign?: K6Signing;
}

/** Who signs: names of environment variables. */
export interface K6Signing {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
  readonly service: string;
}

/** An environment variable that the script reads, and what it holds in this run. Never written down. */
export interface K6Secret {
  readonly name: string;
  /** What it is, for the reader: `the header x-api-key of api-key`. */
  readonly what: string;
  readonly value: string;
}

/** What became of a request. */
export interface K6Request {
  readonly endpoint: K6Endpoint;
  readonly secrets: readonly K6Secret[];
  /** What k6 cannot send, a sentence each. */
  readonly gaps: readonly string[];
}

// k6 (gorilla/websocket) writes these itself and refuses to be told.
const OWN = /^(?:upgrade|connection|sec-websocket-(?:key|version|extensions|protocol))$/i;

// What a signature in the headers writes: in k6 it stands in the URL.
const OF_SIGNATURE = /^(?:x-amz-date|x-amz-security-token|authorization)$/i;

/** Reads the request of an endpoint. `redactor` knows the credentials of the target by value. */
export function k6Request(endpoint: LoadEndpoint, redactor: Redactor): K6Request {
  const [line = '', ...fields] = endpoint.request.trimEnd().split('\r\n');
  const [method = 'GET', target = '/'] = line.split(' ');
  const headers = fields.map((field): readonly [string, string] => {
    const at = field.indexOf(':');
    return [field.slice(0, at), field.slice(at + 1).trim()];
  });
  const host = headers.find(([name]) => /^host$/i.test(name))?.[1] ?? endpoint.address;
  const book = createSecrets(endpoint.role, redactor);
  const url = [
    text(`${endpoint.tls === undefined ? 'ws' : 'wss'}://${host}`),
    ...targetPieces(endpoint.sign?.target ?? target, book),
  ];
  const sign = endpoint.sign === undefined ? undefined : signingOf(endpoint.sign, book);
  const isOwn = (name: string): boolean =>
    OWN.test(name) || (endpoint.sign !== undefined && OF_SIGNATURE.test(name));
  const own = headers.filter(([name]) => !isOwn(name) && !/^host$/i.test(name));
  return {
    endpoint: {
      share: endpoint.share,
      role: endpoint.role,
      url: merged(url),
      subprotocols: endpoint.subprotocols,
      headers: own.map(([name, value]) => ({
        name,
        value: book.hide(value, { name, what: `the header ${name}`, always: isSecretHeader(name) }),
      })),
      host: overridden(host, endpoint),
      insecure: endpoint.tls?.insecure ?? false,
      ...(sign === undefined ? {} : { sign }),
    },
    secrets: book.secrets(),
    gaps: gapsOf({ method, headers, own, endpoint }),
  };
}

function gapsOf({
  method,
  headers,
  own,
  endpoint: { role, tls, sign },
}: {
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly own: readonly (readonly [string, string])[];
  readonly endpoint: LoadEndpoint;
}): readonly string[] {
  const gaps: string[] = [];
  if (method !== 'GET') gaps.push(`${role}: the method ${method}; k6 sends GET`);
  if (headers.some(([name]) => /^sec-websocket-extensions$/i.test(name))) {
    gaps.push(`${role}: Sec-WebSocket-Extensions as written; k6 offers none`);
  }
  const names = own.map(([name]) => name.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    gaps.push(`${role}: ${twice} more than once; k6 sends the last one only`);
  if (sign?.by.place === 'header')
    gaps.push(`${role}: the signature in headers; the URL is presigned`);
  if (sign !== undefined && (sign.tamper !== undefined || sign.offsetMs !== 0)) {
    gaps.push(`${role}: a signature that is wrong on purpose; a right one is sent`);
  }
  if (tls?.cert !== undefined) gaps.push(`${role}: a client certificate`);
  if (tls?.resume === true)
    gaps.push(`${role}: resumed TLS sessions; each handshake is a full one`);
  return gaps;
}

function signingOf({ by }: LoadSigning, book: SecretBook): K6Signing {
  const { keys, region, service } = by;
  const named = (value: string, name: string): string => book.keep(value, name);
  return {
    accessKeyId: named(keys.accessKeyId, 'access_key_id'),
    secretAccessKey: named(keys.secretAccessKey, 'secret_access_key'),
    ...(keys.sessionToken === undefined
      ? {}
      : { sessionToken: named(keys.sessionToken, 'session_token') }),
    region,
    service,
  };
}

function overridden(host: string, { address, port, tls }: LoadEndpoint): K6Endpoint['host'] {
  const name = host.replace(/:\d+$/, '');
  if (name === address || name === `[${address}]`) return undefined;
  const usual = tls === undefined ? 80 : 443;
  const at = address.includes(':') ? `[${address}]` : address;
  return { name: `${name}${port === usual ? '' : `:${port}`}`, address: `${at}:${port}` };
}

interface SecretBook {
  /** The name of the variable that holds it. */
  keep(value: string, name: string): string;
  hide(
    value: string,
    about: { readonly name: string; readonly what: string; readonly always: boolean },
  ): readonly Piece[];
  secrets(): readonly K6Secret[];
}

/** Takes what is secret out of texts and remembers it under the name of an environment variable. */
function createSecrets(role: string, redactor: Redactor): SecretBook {
  const secrets = new Map<string, K6Secret>();
  const keep = (value: string, name: string, what: string): string => {
    const variable = `ASSAY_${role}_${name}`.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
    secrets.set(variable, { name: variable, what: `${what} of ${role}`, value });
    return variable;
  };
  return {
    keep: (value, name) => keep(value, name, `the ${name.replaceAll('_', ' ')}`),
    hide: (value, { name, what, always }) => {
      if (!always && redactor.text(value) === value) return withNonce(value);
      return [{ kind: 'env', name: keep(value, name, what) }];
    },
    secrets: () => [...secrets.values()],
  };
}

const NONCE = '{nonce}';

function withNonce(value: string): readonly Piece[] {
  return merged(
    value
      .split(NONCE)
      .flatMap((part, index): readonly Piece[] =>
        index === 0 ? [text(part)] : [{ kind: 'nonce' }, text(part)],
      ),
  );
}

// Parameters one by one, so that only a credential is taken out.
function targetPieces(target: string, book: SecretBook): readonly Piece[] {
  const [path = '', ...rest] = target.split('?');
  const query = rest.join('?');
  const start = book.hide(path, { name: 'path', what: 'the path', always: false });
  if (query === '') return start;
  const parameters = query.split('&').flatMap((one, index): readonly Piece[] => {
    const [name = '', ...value] = one.split('=');
    const pieces = book.hide(value.join('='), {
      name,
      what: `the query parameter ${name}`,
      always: isSecretParameter(name),
    });
    return [text(`${index === 0 ? '?' : '&'}${name}${value.length > 0 ? '=' : ''}`), ...pieces];
  });
  return [...start, ...parameters];
}

function text(value: string): Piece {
  return { kind: 'text', text: value };
}

function merged(pieces: readonly Piece[]): readonly Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (piece.kind === 'text' && last?.kind === 'text') {
      out[out.length - 1] = text(last.text + piece.text);
    } else if (piece.kind !== 'text' || piece.text !== '') out.push(piece);
  }
  return out;
}
