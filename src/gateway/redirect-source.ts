// How a function in JavaScript reaches this gateway when it asks for the gateway's name on AWS by HTTPS. Text, as the worker
// that it runs in is.

/**
 * Source of `(require, redirects) => void`. Requests by `node:https` and `fetch` to a host of `redirects` on port 443 go to the
 * origin that it names; the `Host` header stays, so that a signature over it stays valid. With TLS the certificate of the
 * gateway is not verified: it stands for another name.
 */
export const REDIRECT_SOURCE = String.raw`
'use strict';
(require, redirects) => {
  if (Object.keys(redirects).length === 0) return;
  const http = require('node:http');
  const https = require('node:https');
  const { urlToHttpOptions } = require('node:url');
  const originOf = (host, port) => {
    const name = String(host ?? '').replace(/:443$/, '').toLowerCase();
    const isHttps = port === undefined || port === null || port === '' || Number(port) === 443;
    return isHttps && Object.hasOwn(redirects, name) ? new URL(redirects[name]) : undefined;
  };
  const { request } = https;
  const withHost = (headers, host) => {
    if (Array.isArray(headers)) return headers;
    const known = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'host');
    return known ? headers : { ...headers, Host: host };
  };
  https.request = function (...given) {
    const [first] = given;
    const isUrl = typeof first === 'string' || first instanceof URL;
    const base = isUrl ? urlToHttpOptions(new URL(first)) : {};
    const rest = isUrl ? given.slice(1) : given;
    const own = typeof rest[0] === 'object' && rest[0] !== null ? rest.shift() : {};
    const options = { ...base, ...own };
    const host = options.hostname ?? options.host;
    const origin = originOf(host, options.port);
    if (origin === undefined) return request.apply(this, given);
    const { agent, createConnection, servername, socketPath, defaultPort, ...kept } = options;
    const redirected = {
      ...kept, protocol: origin.protocol, host: origin.hostname, hostname: origin.hostname, port: origin.port,
      headers: withHost(kept.headers, host),
    };
    if (origin.protocol === 'http:') return http.request(redirected, ...rest);
    return request({ ...redirected, rejectUnauthorized: false }, ...rest);
  };
  https.get = function (...given) {
    const sent = https.request(...given);
    sent.end();
    return sent;
  };
  require('node:module').syncBuiltinESMExports();
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    // Asked for only now: Node loads what is behind it at the first look, which takes longer than most functions.
    const { Request } = globalThis;
    const url = new URL(input instanceof Request ? input.url : String(input));
    const origin = url.protocol === 'https:' ? originOf(url.hostname, url.port) : undefined;
    if (origin === undefined) return fetch(input, init);
    url.protocol = origin.protocol;
    url.host = origin.host;
    return fetch(input instanceof Request ? new Request(url, input) : url, init);
  };
}
`;
