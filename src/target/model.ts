// A target after parsing: where the endpoints are, what they can do, how they are started.
import type { HeaderSpec } from '../scenario/model.ts';
import type { Override, Proxy, ProxyRules } from '../wire/route.ts';

/** Credentials by name: what is added to a request, and what its authorizer knows of it. */
export interface Credentials {
  readonly headers: readonly HeaderSpec[];
  readonly query: readonly HeaderSpec[];
  /** API key that the authorizer gives to the connection; needs the probe. */
  readonly usageIdentifierKey?: string | undefined;
}

/** One endpoint of a role. */
export interface Endpoint {
  readonly url: string;
  readonly credentials: Readonly<Record<string, Credentials>>;
}

/** How to reach it. */
export interface Network {
  /** PEM text of certificate authorities, beside none of the system's. */
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly servername: string | undefined;
  readonly insecure: boolean;
  /** Addresses that stand in for names, in the order they were given. */
  readonly overrides: readonly Override[];
  /** `direct`: no proxy, whatever the environment says; undefined: as the environment says. */
  readonly proxy: Proxy | 'direct' | undefined;
  /** The proxies by what the environment says; not written in a file. */
  readonly environment?: ProxyRules | undefined;
}

/** When a launched target is ready. */
export type Readiness =
  | { readonly kind: 'tcp'; readonly address: string }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'line'; readonly pattern: string };

/** How to start it. */
export interface Launch {
  /** Empty with `gateway`. */
  readonly command: readonly string[];
  /** A configuration of the reference gateway, started instead of a command. */
  readonly gateway?: string;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ready: Readiness;
  readonly readyWithinMs: number;
}

/** A target whose variables are filled in. */
export interface Target {
  readonly name: string;
  readonly title: string;
  readonly version: string | undefined;
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  /** Contains `{id}`. */
  readonly management: string | undefined;
  readonly probe: { readonly listen: string; readonly advertise: string | undefined } | undefined;
  readonly observer: { readonly kind: 'http'; readonly listen: string } | undefined;
  readonly settleMs: number;
  readonly correlate:
    | { readonly kind: 'query' | 'none' }
    | { readonly kind: 'header'; readonly name: string };
  readonly concurrency: number;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  readonly vars: Readonly<Record<string, string | number | boolean>>;
  readonly network: Network;
  /** Path of its baseline file. */
  readonly baseline?: string;
  readonly launch: Launch | undefined;
}
