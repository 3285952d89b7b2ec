// A worker in a process of its own: a process has its own descriptors, its own garbage and its own core.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WorkerOrder, WorkerReport } from './worker-messages.ts';

/** A worker that was started. */
export interface LoadWorker {
  order(order: WorkerOrder): void;
  kill(): void;
}

/** What a worker's coordinator hears. */
export interface WorkerListener {
  heard(report: WorkerReport): void;
  /** It is gone; `why` is undefined where it had done its work. */
  gone(why: string | undefined): void;
}

/** Starts a worker. */
export type StartWorker = (listener: WorkerListener) => LoadWorker;

// What V8 lets young garbage grow to, twice over. Attempts die young: with its default of 16 a worker grows by 50 MB in
// the course of minutes, for a load that is the same all the time.
const YOUNG_MEGABYTES = 8;

/** Starts one as a process. */
export const startWorkerProcess: StartWorker = (listener) => {
  const child = fork(fileURLToPath(new URL('./worker.js', import.meta.url)), [], {
    serialization: 'advanced',
    execArgv: [`--max-semi-space-size=${YOUNG_MEGABYTES}`],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let isDone = false;
  child.on('message', (message) => {
    const report = message as WorkerReport; // from worker.ts
    if (report.kind === 'done') isDone = true;
    listener.heard(report);
  });
  child.on('error', (error) => listener.gone(error.message));
  child.on('exit', (code, signal) => {
    listener.gone(isDone ? undefined : `it ended with ${signal ?? `code ${code}`}`);
  });
  return {
    order: (order) => {
      if (child.connected) child.send(order, () => {});
    },
    kill: () => void child.kill('SIGKILL'),
  };
};
