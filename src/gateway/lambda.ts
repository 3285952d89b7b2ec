// Lambda for the gateway: execution environments are worker threads, or processes of Python. One invocation at
// a time each; warm ones are used again; more are started while invocations wait. A time-out ends the
// environment, so that an endless loop ends too.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Json } from '../base/json.ts';
import type { GatewayConfig } from './config.ts';
import type { EnvironmentMessage, ExecutionEnvironment } from './execution-environment.ts';
import { functionIdOf } from './function-config.ts';
import { definitionOf, functionFacts } from './function-definition.ts';
import {
  EXECUTION_ENVIRONMENTS,
  INIT_TIMEOUT_MS,
  PATIENCE_MS,
  STARTING_ENVIRONMENTS,
} from './limits.ts';
import { startNodeEnvironment } from './node-runtime.ts';
import { isPythonHandler, pythonRuntime } from './python-runtime.ts';

/** How an invocation ended. */
export type InvocationOutcome =
  | { readonly kind: 'returned'; readonly value: Json }
  /** The function threw, could not be loaded, or took its environment down. */
  | { readonly kind: 'failed'; readonly errorMessage: string }
  | { readonly kind: 'timed-out' };

/** Runs functions. */
export interface Lambda {
  /**
   * Runs the function `path#export` or `function:<id>` with `event`. The time runs from the start of the function, not
   * while its environment is started. Never rejects.
   */
  invoke(handler: string, event: Json, timeoutMs: number): Promise<InvocationOutcome>;
  /**
   * Starts environments of the function ahead of their first use (provisioned concurrency); resolves
   * when that many have been loaded, or could not be. Never rejects.
   */
  warm(handler: string, count: number): Promise<void>;
  /**
   * Loads functions anew from now on, as they are then. Invocations that run end as they began.
   */
  renew(functions?: GatewayConfig['Functions']): void;
  /** Ends all environments; invocations that still run fail. */
  close(): Promise<void>;
}

/** What `startLambda` needs. */
export interface LambdaOptions {
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Functions with an environment of their own, by id. @default none */
  readonly functions?: GatewayConfig['Functions'];
  /** Where functions reach what, asked whenever an environment is started. @default nowhere else */
  readonly surroundings?: (handler: string) => FunctionSurroundings;
  /** The interpreter of functions in Python. @default `python3` */
  readonly python?: string | undefined;
  /** Gets each line that a function writes to its standard output or error. */
  readonly log: (line: string) => void;
}

/** What a function finds around it that is known only once the gateway listens. */
export interface FunctionSurroundings {
  /** Before the environment of all functions, after that of its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** As in `FunctionFacts`. */
  readonly redirects: Readonly<Record<string, string>>;
}

/** Makes a runtime without any environment yet. */
export function startLambda(given: LambdaOptions): Lambda {
  const options = { ...given };
  const functions = new Map<string, LambdaFunction>();
  let closed = false;
  const functionOf = (handler: string): LambdaFunction => {
    const known = functions.get(handler);
    if (known !== undefined) return known;
    const made = new LambdaFunction(handler, options);
    functions.set(handler, made);
    return made;
  };
  return {
    invoke: async (handler, event, timeoutMs) => {
      const outcome = closed ? CLOSED : await functionOf(handler).invoke(event, timeoutMs);
      // A function of the configuration is somebody's own: they want to know, as they would from CloudWatch.
      const id = functionIdOf(handler);
      if (id !== undefined && outcome !== CLOSED && outcome.kind !== 'returned') {
        const { log } = options;
        log(`${id}: ${outcome.kind === 'failed' ? outcome.errorMessage : LATE}`);
      }
      return outcome;
    },
    warm: async (handler, count) => {
      if (!closed) await functionOf(handler).warm(count);
    },
    renew: (definitions) => {
      if (definitions !== undefined) options.functions = definitions;
      for (const one of functions.values()) one.renew();
    },
    close: async () => {
      closed = true;
      await Promise.all([...functions.values()].map((one) => one.close()));
    },
  };
}

interface Invocation {
  readonly event: string;
  readonly timeoutMs: number;
  readonly settle: (outcome: InvocationOutcome) => void;
}

interface Environment {
  running: ExecutionEnvironment;
  state: 'starting' | 'idle' | 'busy' | 'ended';
  current: Invocation | undefined;
  /** Its function has been changed: it takes no further invocation. */
  outdated: boolean;
  /** Ends the wait for what must happen next: loading or answering. */
  cancelDeadline: () => void;
  /** Called once when it has loaded its function, or ended. */
  onceStarted: () => void;
}

class LambdaFunction {
  readonly #environments = new Set<Environment>();
  readonly #waiting: Invocation[] = [];
  readonly #options: LambdaOptions;
  readonly #handler: string;
  #growing = false;
  /** An invocation has ended since it was last looked at. */
  #moves = false;
  #closed = false;

  constructor(handler: string, options: LambdaOptions) {
    this.#handler = handler;
    this.#options = options;
  }

  invoke(event: Json, timeoutMs: number): Promise<InvocationOutcome> {
    return new Promise((settle) => {
      this.#waiting.push({ event: JSON.stringify(event), timeoutMs, settle });
      this.#dispatch();
    });
  }

  async warm(count: number): Promise<void> {
    const missing = Math.min(count, EXECUTION_ENVIRONMENTS) - this.#environments.size;
    await Promise.all(
      Array.from({ length: Math.max(0, missing) }, () => {
        const environment = this.#start();
        return new Promise<void>((resolve) => {
          environment.onceStarted = resolve;
        });
      }),
    );
  }

  renew(): void {
    for (const environment of this.#environments) {
      environment.outdated = true;
      if (environment.state === 'idle') void this.#end(environment, CLOSED);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.settle(failed('the gateway is closed'));
    await Promise.all([...this.#environments].map((one) => this.#end(one, CLOSED)));
  }

  #dispatch(): void {
    if (this.#closed) {
      for (const waiting of this.#waiting.splice(0)) waiting.settle(CLOSED);
    }
    for (const environment of this.#environments) {
      if (environment.state !== 'idle') continue;
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#run(environment, next);
    }
    if (this.#waiting.length === 0 || this.#growing) return;
    if (this.#environments.size === 0) this.#grow();
    else this.#growLater();
  }

  // As long as invocations end, those that wait have their turn: a burst is not worth a thread each.
  #growLater(): void {
    this.#growing = true;
    this.#moves = false;
    this.#options.clock.after(PATIENCE_MS, () => {
      this.#growing = false;
      if (this.#closed || this.#waiting.length === 0) return;
      if (!this.#moves) this.#grow();
      this.#growLater();
    });
  }

  #grow(): void {
    const starting = [...this.#environments].filter(({ state }) => state === 'starting').length;
    const wanted = Math.min(
      this.#waiting.length - starting,
      STARTING_ENVIRONMENTS - starting,
      EXECUTION_ENVIRONMENTS - this.#environments.size,
    );
    for (let count = 0; count < wanted; count++) this.#start();
  }

  #start(): Environment {
    const { clock, log, python } = this.#options;
    const definition = definitionOf(this.#handler, this.#options.functions ?? {});
    const runtime = isPythonHandler(definition.handler)
      ? pythonRuntime(python ?? 'python3')
      : startNodeEnvironment;
    const around = this.#options.surroundings?.(this.#handler);
    const facts = functionFacts(definition, {
      ...this.#options,
      environment: { ...this.#options.environment, ...around?.environment },
      redirects: around?.redirects ?? {},
    });
    const environment: Environment = {
      running: runtime(facts, {
        onMessage: (message) => this.#hear(environment, message),
        onEnd: (errorMessage) => void this.#end(environment, failed(errorMessage)),
        onLine: log,
      }),
      state: 'starting',
      current: undefined,
      outdated: false,
      onceStarted: () => undefined,
      cancelDeadline: clock.after(INIT_TIMEOUT_MS, () => {
        this.#fail(environment, failed('the function did not load in time'));
      }),
    };
    this.#environments.add(environment);
    return environment;
  }

  #run(environment: Environment, invocation: Invocation): void {
    environment.state = 'busy';
    environment.current = invocation;
    const { event } = invocation;
    const { own, timeoutMs } = this.#deadline(invocation);
    environment.cancelDeadline = this.#options.clock.after(timeoutMs, () => {
      // To API Gateway a function that Lambda has ended is one that failed.
      const seconds = (timeoutMs / 1000).toFixed(2);
      const ended = failed(`Task timed out after ${seconds} seconds`);
      void this.#end(environment, own ? ended : { kind: 'timed-out' });
    });
    environment.running.invoke({ event, timeoutMs, awsRequestId: randomUUID() });
  }

  #deadline({ timeoutMs }: Invocation): { readonly own: boolean; readonly timeoutMs: number } {
    const own = definitionOf(this.#handler, this.#options.functions ?? {}).timeoutMs;
    return own !== undefined && own < timeoutMs
      ? { own: true, timeoutMs: own }
      : { own: false, timeoutMs };
  }

  #hear(environment: Environment, message: EnvironmentMessage): void {
    if (environment.state === 'ended') return;
    environment.cancelDeadline();
    environment.onceStarted();
    if (message.kind === 'unloadable' && environment.outdated) {
      environment.state = 'idle';
      void this.#end(environment, CLOSED);
      return;
    }
    if (message.kind === 'unloadable') {
      this.#fail(environment, failed(message.errorMessage));
      return;
    }
    const { current } = environment;
    this.#moves ||= current !== undefined;
    environment.state = 'idle';
    environment.current = undefined;
    current?.settle(outcomeOf(message));
    if (environment.outdated) void this.#end(environment, CLOSED);
    this.#dispatch();
  }

  // A function that cannot be loaded fails the invocation that waits longest, as on Lambda.
  #fail(environment: Environment, outcome: InvocationOutcome): void {
    environment.current = this.#waiting.shift();
    void this.#end(environment, outcome);
  }

  async #end(environment: Environment, outcome: InvocationOutcome): Promise<void> {
    if (environment.state === 'ended') return;
    const loading = environment.state === 'starting' && environment.current === undefined;
    const { current } = environment;
    environment.state = 'ended';
    environment.current = undefined;
    environment.cancelDeadline();
    environment.onceStarted();
    this.#environments.delete(environment);
    (loading ? this.#waiting.shift() : current)?.settle(outcome);
    this.#dispatch();
    await environment.running.terminate();
  }
}

const LATE = 'it did not answer before the time-out of the integration';

const CLOSED: InvocationOutcome = failed('the gateway is closed');

function failed(errorMessage: string): InvocationOutcome {
  return { kind: 'failed', errorMessage };
}

// `ready` answers no invocation: nobody waits for its outcome.
function outcomeOf(message: EnvironmentMessage): InvocationOutcome {
  if (message.kind !== 'returned')
    return failed('errorMessage' in message ? message.errorMessage : '');
  return { kind: 'returned', value: JSON.parse(message.value) as Json }; // JSON.parse gives Json
}
