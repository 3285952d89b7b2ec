// Runs `ws-assay`: inside this process, through an Io of the test; or the built program in a process
// of its own, for signals, standard input and all that only a process has.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { PACKAGE_ROOT, testIo } from './io.ts';

/** The built program. */
export const BIN = join(PACKAGE_ROOT, 'dist/cli/bin.js');

/** How a command ended. */
export interface Done {
  /** -1 when a signal ended the process. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Where {
  readonly cwd: string;
  /** The whole environment. @default empty, for a process PATH alone */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `ws-assay ARGV` inside this process. */
export async function inProcess(argv: readonly string[], where: Where): Promise<Done> {
  const io = testIo({ argv, ...where });
  const code = await main(io);
  return { code, stdout: io.stdoutText(), stderr: io.stderrText() };
}

/** A process that was started. */
export interface Started {
  readonly child: ChildProcess;
  /** Resolves when what it printed matches; rejects when it ends before. */
  readonly printed: (stream: 'stdout' | 'stderr', pattern: RegExp) => Promise<void>;
  readonly done: Promise<Done>;
}

/** Starts the built program. It is killed if it outlives the test. */
export function startBin(argv: readonly string[], where: Where): Started {
  return start([process.execPath, BIN, ...argv], where);
}

/** Runs the built program and waits for its end. Its standard input is empty. */
export async function runBin(argv: readonly string[], where: Where): Promise<Done> {
  const { child, done } = startBin(argv, where);
  child.stdin?.end();
  return await done;
}

/** Starts any program, as `startBin`. */
export function start(command: readonly string[], { cwd, env = {} }: Where): Started {
  const [program = '', ...args] = command;
  const { PATH = '' } = process.env;
  const child = spawn(program, args, { cwd, env: { PATH, ...env } });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      child.emit(`printed ${name}`);
    });
  }
  const done = once(child, 'close').then(([code]) => ({
    code: typeof code === 'number' ? code : -1,
    ...text,
  }));
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await done;
  });
  const printed = async (stream: 'stdout' | 'stderr', pattern: RegExp): Promise<void> => {
    while (!pattern.test(text[stream])) {
      const ended = await Promise.race([
        once(child, `printed ${stream}`).then(() => false),
        done.then(() => true),
      ]);
      if (ended && !pattern.test(text[stream])) {
        throw new Error(`it ended without printing ${pattern}:\n${text.stdout}\n${text.stderr}`);
      }
    }
  };
  return { child, printed, done };
}
