// What the library of the scripts tells of an attempt: twice, as JSON in the metadata of points.

/** When it begins; beside what k6 tells of its connecting. */
export interface Begun {
  /** Its place in the whole schedule. */
  readonly n: number;
  /** Indexes of its ending and its endpoint. */
  readonly x: number;
  readonly e: number;
  /** When its scenario began, in ms since the epoch. */
  readonly at: number;
}

/** When nothing more will happen to it; instants in ms since the epoch, 0: it never came to that. */
export interface Done extends Begun {
  readonly outcome: 'opened' | 'refused' | 'failed' | 'timeout';
  /** Of the close frame that came; 0 without one, -1 where k6 does not tell. */
  readonly code: number;
  readonly startMs: number;
  readonly openMs: number;
  readonly closingMs: number;
  readonly endMs: number;
  /** As k6 words it. */
  readonly error: string;
  readonly sent: number;
  readonly received: number;
  readonly pongs: number;
}

/** Reads it; undefined of what the library did not write. */
export function readTold(text: string): Begun | Done | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { n, x, e, at } = (
    typeof value === 'object' && value !== null ? value : {}
  ) as Partial<Done>;
  const isWhole = [n, x, e, at].every((one) => typeof one === 'number' && one >= 0);
  return isWhole && Number.isSafeInteger(n) && (n ?? 0) < MOST
    ? (value as Begun | Done)
    : undefined;
}

// A nonce has room for so many.
const MOST = 32 ** 7;

/** True where it is over. */
export function isDone(told: Begun | Done): told is Done {
  return 'outcome' in told;
}

/** Why there was no answer, by the text of k6's error; as the built-in engine counts it. */
export function failureOf(error: string): string {
  return FAILURES.find(([pattern]) => pattern.test(error))?.[1] ?? 'other';
}

// Texts of Go's net, crypto/tls and of gorilla/websocket.
const FAILURES: readonly (readonly [RegExp, string])[] = [
  [/cannot assign requested address|address already in use/, 'local-ports'],
  [/too many open files/, 'descriptors'],
  [/connection refused/, 'refused'],
  [/connection reset|broken pipe/, 'reset'],
  [/no such host|lookup /, 'dns'],
  [/tls: |x509: /, 'tls'],
  [/no route to host|network is unreachable/, 'no-route'],
  [/i\/o timeout|deadline exceeded/, 'no-answer'],
  [/EOF/, 'closed'],
  [/malformed HTTP/, 'protocol'],
];
