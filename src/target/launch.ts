// Starts a target's process, waits until it is ready, notices when it dies, stops it.

import type { ChildProcess } from 'node:child_process';
import { execa } from 'execa';
import { type Clock, settlesWithin } from '../base/clock.ts';
import { ToolError } from '../base/errors.ts';
import type { Redactor } from '../base/redact.ts';
import type { Launch } from './model.ts';
import { isUp, whenReady } from './ready.ts';

/**
 * Takes charge of the group of processes that `leader` began: it is killed when this process ends.
 *
 * @returns a function that kills it now
 */
export type AdoptGroup = (leader: number) => () => void;

/** A running target process. */
export interface RunningTarget {
  /** Resolves when the process has ended, with how, as one clause; never rejects. */
  readonly ended: Promise<string>;
  readonly pid: number | undefined;
  /** What it printed last, at most 15 lines, redacted. */
  lastLines(): readonly string[];
  /** Asks it to end, and after three seconds makes it. */
  stop(): Promise<void>;
}

/** A process that has been started. */
export interface StartedProcess {
  readonly pid: number | undefined;
  /** Resolves when it has ended and all that it printed was given, with how, as one clause; never rejects. */
  readonly ended: Promise<string>;
  /** Asks it to end, and after three seconds makes it. */
  end(): void;
}

/** Starts what a launch says; each line that it prints goes to `onLine`. Never throws: what cannot be started has ended. */
export type StartProcess = (launch: Launch, onLine: (line: string) => void) => StartedProcess;

/**
 * Starts the process and resolves when it is ready.
 *
 * @throws {ToolError} TARGET_LAUNCH_FAILED with the last lines it printed
 */
export async function launchTarget(
  launch: Launch,
  {
    clock,
    redactor,
    adoptGroup,
    signal,
    start = startCommand({ clock, adoptGroup }),
  }: {
    readonly clock: Clock;
    readonly redactor: Redactor;
    /** Where the system has groups: what the process leaves behind ends with it. */
    readonly adoptGroup?: AdoptGroup | undefined;
    /** Aborts when nobody wants it any more. */
    readonly signal?: AbortSignal | undefined;
    /** @default a process of its own, from the command */
    readonly start?: StartProcess | undefined;
  },
): Promise<RunningTarget> {
  await demandFree(launch);
  const lines: string[] = [];
  let sawLine: (line: string) => void = () => {};
  const started = start(launch, (line) => {
    lines.push(redactor.text(line));
    if (lines.length > KEPT_LINES) lines.shift();
    sawLine(line);
  });
  const { ended, pid } = started;
  const stop = async (): Promise<void> => {
    started.end();
    await ended;
  };
  const giveUp = new AbortController();
  const lineSeen = new Promise<void>((resolve) => {
    sawLine = (line) => {
      if (launch.ready.kind === 'line' && new RegExp(launch.ready.pattern).test(line)) resolve();
    };
  });
  const outcome = await Promise.race([
    whenReady(launch.ready, { clock, signal: giveUp.signal, lineSeen }).then(() => 'ready'),
    ended,
    clock
      .sleep(launch.readyWithinMs, giveUp.signal)
      .then(() => `it was not ready within ${launch.readyWithinMs} ms`),
    aborted(signal).then(() => 'the run was interrupted'),
  ]);
  giveUp.abort();
  if (outcome === 'ready') return { ended, pid, lastLines: () => [...lines], stop };
  await stop();
  throw new ToolError('TARGET_LAUNCH_FAILED', `The target did not start: ${outcome}.`, {
    hint: lines.length === 0 ? 'It printed nothing.' : `It printed:\n  ${lines.join('\n  ')}`,
  });
}

function startCommand({
  clock,
  adoptGroup,
}: {
  readonly clock: Clock;
  readonly adoptGroup: AdoptGroup | undefined;
}): StartProcess {
  return (launch, onLine) => {
    const [command = '', ...args] = launch.command;
    const child = execa(command, args, {
      cwd: launch.directory,
      env: launch.env,
      // A pipe that ends with us: a target that watches its standard input ends when we are killed.
      stdin: 'pipe',
      buffer: false,
      reject: false,
      // Ours ends with the process; execa's waits for its streams too, and would hold up our own end.
      forceKillAfterDelay: false,
      // At the head of a group of its own, which can be ended as a whole.
      detached: adoptGroup !== undefined,
    });
    const endGroup = child.pid === undefined ? undefined : adoptGroup?.(child.pid);
    child.stdin?.on('error', () => {});
    const drained = Promise.allSettled([
      eachLine(child.stdout, onLine),
      eachLine(child.stderr, onLine),
    ]);
    const ended = Promise.race([exitOf(child), outcomeOf(child)]).then(async (how) => {
      // What it started would keep its ports, and its pipes.
      endGroup?.();
      // A grandchild may hold the pipes open for long after.
      await settlesWithin(clock, drained, DRAIN_MS);
      return how;
    });
    const end = (): void => {
      child.kill('SIGTERM');
      void ended.then(clock.after(FORCE_MS, () => void child.kill('SIGKILL')));
    };
    return { pid: child.pid, ended, end };
  };
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** What answers before it is started is something else, and would be tested in its place. */
async function demandFree({ ready }: Launch): Promise<void> {
  if (ready.kind === 'line' || !(await isUp(ready))) return;
  const place = ready.kind === 'tcp' ? ready.address : ready.url;
  const message = `The target was not started: something else answers at ${place} already.`;
  const hint = 'End it, or let the run choose free ports: ports: [ws] and ${port.ws}.';
  throw new ToolError('TARGET_LAUNCH_FAILED', message, { hint });
}

const KEPT_LINES = 15;
const FORCE_MS = 3000;
const DRAIN_MS = 200;

function exitOf(child: Pick<ChildProcess, 'once'>): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(howItEnded(code ?? undefined, signal ?? undefined)),
    );
  });
}

interface Outcome {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly shortMessage?: string | undefined;
}

/** For what never ran; otherwise the exit came first. */
async function outcomeOf(child: Promise<Outcome>): Promise<string> {
  const { exitCode, signal, shortMessage } = await child;
  const ran = exitCode !== undefined || signal !== undefined;
  return ran ? howItEnded(exitCode, signal) : (shortMessage ?? 'it did not start');
}

/** How a process ended, as one clause. */
export function howItEnded(exitCode: number | undefined, signal: string | undefined): string {
  return signal === undefined ? `it ended with exit code ${exitCode}` : `it was ended by ${signal}`;
}

async function eachLine(
  stream: AsyncIterable<unknown> | null,
  use: (line: string) => void,
): Promise<void> {
  if (stream === null) return;
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + String(chunk)).split('\n');
    rest = (parts.pop() ?? '').slice(-4096);
    for (const line of parts) use(line.trimEnd());
  }
  if (rest !== '') use(rest);
}
