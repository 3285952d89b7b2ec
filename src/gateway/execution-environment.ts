// Where one function runs, one invocation at a time, outside the gateway's thread. Each runtime starts them in its
// way; what they say and are told is the same.
import { isJsonObject, type Json } from '../base/json.ts';

/** Which function, and what it finds around it. */
export interface FunctionFacts {
  /** The module, an absolute path. */
  readonly file: string;
  /** What it exports. */
  readonly exportName: string;
  readonly functionName: string;
  readonly functionArn: string;
  /** Beside the environment of the gateway. */
  readonly environment: Readonly<Record<string, string>>;
  /** Origins, by host name, that requests by HTTPS go to instead: `{ "chat.example.com": "http://127.0.0.1:4001" }`. */
  readonly redirects: Readonly<Record<string, string>>;
}

/** One invocation, as an environment is told. */
export interface InvocationOrder {
  /** JSON. */
  readonly event: string;
  readonly timeoutMs: number;
  readonly awsRequestId: string;
}

/** What an environment says. */
export type EnvironmentMessage =
  /** The function has been loaded. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'unloadable' | 'failed'; readonly errorMessage: string }
  /** JSON. */
  | { readonly kind: 'returned'; readonly value: string };

/** Who hears it. */
export interface EnvironmentListener {
  onMessage(message: EnvironmentMessage): void;
  /** It has ended, or could not be started; at least once, with the reason. */
  onEnd(errorMessage: string): void;
  /** A line that the function wrote to standard output or error. */
  onLine(line: string): void;
}

/** A running environment. */
export interface ExecutionEnvironment {
  /** Only after `ready`, and after the answer to the one before. */
  invoke(order: InvocationOrder): void;
  /** Ends it, also in the middle of an endless loop; resolves when it has ended. */
  terminate(): Promise<void>;
}

/** Starts an environment, which then loads the function. */
export type Runtime = (facts: FunctionFacts, listener: EnvironmentListener) => ExecutionEnvironment;

/** Reads what an environment said; `undefined` when it is nothing that one says. */
export function readMessage(message: unknown): EnvironmentMessage | undefined {
  if (!isJsonObject(message)) return undefined;
  const { kind, errorMessage, value } = message;
  if (kind === 'ready') return { kind };
  if (kind === 'unloadable' || kind === 'failed') {
    return { kind, errorMessage: typeof errorMessage === 'string' ? errorMessage : '' };
  }
  if (kind !== 'returned' || typeof value !== 'string') return undefined;
  return parsed(value) === undefined ? undefined : { kind, value };
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json; // JSON.parse gives Json
  } catch {
    return undefined;
  }
}

/** Gives each line of a stream, the last one also without a line feed. */
export function forwardLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.replace(/\r$/, ''));
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
