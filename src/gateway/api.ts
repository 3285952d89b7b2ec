// One API at run time: what every part that serves it needs.
import type { WebSocketServer } from 'ws';
import type { Clock } from '../base/clock.ts';
import type { Account } from './api-key.ts';
import type { Behaviour } from './behaviour.ts';
import type { ApiConfig } from './config.ts';
import type { Connection } from './connection.ts';
import type { UsersConfig } from './iam.ts';
import type { Lambda } from './lambda.ts';
import type { Buckets } from './throttle.ts';
import type { TokenBucketLimits } from './token-bucket.ts';

/** An API that is being served. */
export interface Api {
  readonly config: ApiConfig;
  readonly region: string;
  readonly accountId: string;
  readonly clock: Clock;
  readonly lambda: Lambda;
  /** What functions find in their environment, and `${env:NAME}` in the URL of a backend. */
  readonly environment: Readonly<Record<string, string>>;
  readonly behaviour: Behaviour;
  /** API keys and usage plans, which all APIs share. */
  readonly account: Account;
  /** Who may sign requests: the users of all accounts. */
  readonly users: UsersConfig;
  /** What limits the account of the API; `undefined` when nothing does. */
  readonly accountLimits: TokenBucketLimits | undefined;
  /** The token buckets of routes and accounts, which all APIs share. */
  readonly buckets: Buckets;
  /** Gets what goes wrong inside the gateway itself; a client is never the reason. */
  readonly log: (line: string) => void;
  /** Writes the 101 and speaks the protocol afterwards. */
  readonly webSockets: WebSocketServer;
  /** Connections that exist, by id: from the 101 to the close. */
  readonly connections: Map<string, Connection>;
}
