// Functions in JavaScript: each environment is a worker thread.
import { Worker } from 'node:worker_threads';
import {
  type EnvironmentListener,
  type ExecutionEnvironment,
  type FunctionFacts,
  forwardLines,
  readMessage,
} from './execution-environment.ts';
import { WORKER_SOURCE } from './lambda-worker.ts';
import { REDIRECT_SOURCE } from './redirect-source.ts';

/** Starts a worker thread for a function. */
export function startNodeEnvironment(
  facts: FunctionFacts,
  listener: EnvironmentListener,
): ExecutionEnvironment {
  const worker = new Worker(WORKER_SOURCE, {
    eval: true,
    stdout: true,
    stderr: true,
    // A flag of the parent (a loader, a test runner) must not reach the function.
    execArgv: [],
    workerData: { ...facts, redirectSource: REDIRECT_SOURCE },
  });
  for (const stream of [worker.stdout, worker.stderr])
    forwardLines(stream, (line) => listener.onLine(line));
  worker.on('message', (said: unknown) => {
    const message = readMessage(said);
    if (message !== undefined) listener.onMessage(message);
  });
  worker.on('error', (error) => listener.onEnd(error.message));
  worker.on('exit', (code) => listener.onEnd(`the function ended its process with code ${code}`));
  return {
    // oxlint-disable-next-line require-post-message-target-origin -- a worker thread, not a window
    invoke: (order) => worker.postMessage(order),
    terminate: async () => {
      await worker.terminate();
    },
  };
}
