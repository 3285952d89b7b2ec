// Quotas and time-outs, each with where it comes from.

/** Longest frame from a client; a longer one closes with 1009 (quota table, message payload note). */
export const FRAME_BYTES = 32 * 1024;

/** Longest message from a client, and longest @connections POST (quota table). */
export const MESSAGE_BYTES = 128 * 1024;

/** Longest connection URL (quota table). The status of a refusal is not documented; 414 here. */
export const URL_BYTES = 4096;

/** Longest request head. Not documented for WebSocket APIs; REST APIs allow 10,240 bytes of headers. */
export const HEAD_BYTES = 16 * 1024;

/** How long a client may take to send a request head. Not documented. */
export const HEAD_TIMEOUT_MS = 10_000;

/** How long a client may take to send a whole request to @connections. Not documented. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** What a client may send before it has its 101; nothing more is read until then. */
export const EARLY_BYTES = 64 * 1024;

/** How long the peer has to answer a close frame before its socket is destroyed. */
export const CLOSE_TIMEOUT_MS = 2000;

/** How long a refused or ended socket may stay half open. */
export const LINGER_MS = 1000;

/** Largest authorizer result (quota table); a larger one is a failed authorizer. */
export const AUTHORIZER_RESULT_BYTES = 8 * 1024;

/** What may wait for a slow client before @connections answers 429. Threshold not documented. */
export const SEND_BUFFER_BYTES = 1024 * 1024;

/** Integration time-outs that API Gateway accepts (TimeoutInMillis). */
export const INTEGRATION_TIMEOUT_MS = { least: 50, most: 29_000 } as const;

/** Longest answer of an HTTP integration. Not documented. */
export const HTTP_RESULT_BYTES = 1024 * 1024;

/** Idle time after which a connection is closed (quota table: 10 minutes). */
export const IDLE_TIMEOUT_MS = 600_000;

/** Age at which a connection is closed (quota table: 2 hours). */
export const MAX_DURATION_MS = 7_200_000;

/** Execution environments of one function at a time. */
export const EXECUTION_ENVIRONMENTS = 200;

/** Execution environments of one function that start at the same time. */
export const STARTING_ENVIRONMENTS = 4;

/** How long no invocation may have ended, while others wait, before more of them are started. */
export const PATIENCE_MS = 50;

/** Time in which an execution environment must have loaded its function (Lambda: 10 s). */
export const INIT_TIMEOUT_MS = 10_000;

/** How long the value of an API key may be (CreateApiKey). */
export const API_KEY_LENGTH = { least: 20, most: 128 } as const;

/** Greatest offset of a quota by its period, in days (CreateUsagePlan). */
export const QUOTA_OFFSET_DAYS = { DAY: 0, WEEK: 6, MONTH: 27 } as const;

/** How many days one GetUsage may ask for, which is how long API Gateway keeps them. */
export const USAGE_DAYS = 90;

/** How far the date of a signature may be from the gateway's clock (SigV4: 5 minutes; not documented for WebSocket APIs). */
export const SIGNATURE_SKEW_MS = 300_000;
