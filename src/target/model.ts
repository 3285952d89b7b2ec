// A target after parsing: where the endpoints are, what they can do, how they are started.
import type { HeaderSpec } from '../scenario/model.ts';
import type { Override, Proxy, ProxyRules } from '../wire/route.ts';

/** Credentials by name: what is added to a request, and what its authorizer knows of it. */
export interface Credentials {
  readonly headers: readonly HeaderSpec[];
  readonly query: readonly HeaderSpec[];
  /** API key that the authorizer gives to the connection; needs the probe. */
  readonly usageIdentifierKey?: string | undefined;
  /** How its requests are signed; `undefined` for credentials that do not sign. */
  readonly sign?: SigningCredentials | undefined;
}

/** Keys, and what they sign for (SigV4). */
export interface SigningCredentials {
  readonly keys: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string | undefined;
  };
  readonly in: 'header' | 'query';
  readonly region: string;
  readonly service: string;
  /** For how long a presigned URL is valid. */
  readonly expiresMs: number;
}

/** One endpoint of a role. */
export interface Endpoint {
  readonly url: string;
  /** The name of the stage, with which the path of the URL ends. */
  readonly stage?: string | undefined;
  readonly credentials: Readonly<Record<string, Credentials>>;
  /** Where its connections are managed, when not where those of the target are; contains `{id}`. */
  readonly management?: string;
  /** For calls of it, before those of the target. */
  readonly managementCredentials?: Readonly<Record<string, Credentials>>;
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

/** Where it is set up by the calls that one would make to AWS. */
export interface Provision {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What it costs to use. */
export interface Prices {
  readonly currency: string;
  /** The day on which they were looked up. */
  readonly dated: string;
  readonly source: string;
  /** A million of each, in the currency. */
  readonly perMillion: {
    readonly connections: number;
    readonly messages: number;
    readonly connectionMinutes: number;
  };
}

/** How its integration is controlled: it asks the runner, or it does what the handshake says. */
export type Probe =
  | { readonly kind: 'remote'; readonly listen: string; readonly advertise: string | undefined }
  | {
      readonly kind: 'scripted';
      /** What plans are signed with. */
      readonly secret: string;
      /** It remembers the plan of a connection until `$disconnect`. */
      readonly remembers: boolean;
    };

/** Keys and indexes into a line of a log, outermost first. */
type Keys = readonly (string | number)[];

interface WordMap {
  readonly path: Keys;
  readonly values: Readonly<Record<string, string>> | undefined;
}

/** Where an existing log keeps the fields of an event record. */
export interface RecordMap {
  readonly type: WordMap;
  readonly phase: WordMap | undefined;
  readonly at: { readonly path: Keys; readonly format: 'ms' | 's' | 'iso' | undefined };
  readonly texts: Readonly<Record<string, Keys>>;
  readonly event: readonly { readonly to: Keys; readonly from: Keys }[] | undefined;
}

/** What sees its backend. */
export type ObserverSpec = {
  readonly map: RecordMap | undefined;
  /** The command that puts a canary where it looks, and its working directory. */
  readonly canary: { readonly command: readonly string[]; readonly directory: string } | undefined;
} & (
  | {
      readonly kind: 'http';
      readonly listen: string;
      readonly advertise: string | undefined;
      /** What a backend shows; drawn for each run where it is not given. */
      readonly token: string | undefined;
    }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'exec'; readonly command: readonly string[]; readonly directory: string }
  | {
      readonly kind: 'redis';
      readonly url: string;
      readonly stream: string;
      /** Field of an entry that holds a record as JSON. */
      readonly field: string;
      readonly username: string | undefined;
      readonly password: string | undefined;
      /** Path of a file with PEM certificates of authorities. */
      readonly ca: string | undefined;
    }
  | {
      readonly kind: 'cwlogs';
      readonly group: string;
      readonly region: string | undefined;
      readonly endpoint: string | undefined;
      readonly overlapMs: number;
    }
);

/** How an attempt is recognised in the backend. */
export type Correlate =
  /** `none`: there is no backend to recognise it. `close-reason`: by the nonce in our close frame. */
  | { readonly kind: 'query' | 'none' | 'close-reason' }
  | { readonly kind: 'header'; readonly name: string }
  | {
      readonly kind: 'connection-id';
      /** Where a reply names it: in the answer to the upgrade, or in a message. */
      readonly from: {
        readonly root: 'handshake' | 'received';
        /** `headers` and a name; `json` and a path; `text`. */
        readonly keys: Keys;
      };
      /** What makes the endpoint tell it, sent in the look before the run. */
      readonly ask: string | undefined;
    };

/** A target whose variables are filled in. */
export interface Target {
  readonly name: string;
  readonly title: string;
  readonly version: string | undefined;
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  /** Contains `{id}`. */
  readonly management: string | undefined;
  /** By name, for calls of `management`; `default` is used when a call names none. */
  readonly managementCredentials?: Readonly<Record<string, Credentials>>;
  readonly probe: Probe | undefined;
  readonly observer: ObserverSpec | undefined;
  readonly settleMs: number;
  readonly correlate: Correlate;
  readonly concurrency: number;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  readonly vars: Readonly<Record<string, string | number | boolean>>;
  readonly network: Network;
  /** Path of its baseline file. */
  readonly baseline?: string;
  readonly prices?: Prices;
  readonly launch: Launch | undefined;
  /** Its endpoints contain `{apiId}` until it is set up. */
  readonly provision?: Provision;
}
