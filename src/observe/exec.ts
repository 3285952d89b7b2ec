// Observes what a command prints: one record a line, for as long as it runs. That it ends is a failure,
// whatever its exit code: what comes later would not be seen.
import type { Buffer } from 'node:buffer';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '../base/clock.ts';
import { messageOf, ToolError } from '../base/errors.ts';
import { visible } from '../base/visible.ts';
import { createIntake } from './intake.ts';
import type { Observer, Watch } from './observer.ts';

/** Which command to run. */
export interface ExecSource {
  /** Program and arguments; no shell. */
  readonly command: readonly string[];
  /** Working directory. */
  readonly directory: string;
}

/**
 * Starts the command.
 *
 * @throws {ToolError} OBSERVER_FAILED when it cannot be started
 */
export async function observeExec(source: ExecSource, watch: Watch): Promise<Observer> {
  const [program = '', ...args] = source.command;
  const name = `the command ${source.command.join(' ')}`;
  const intake = createIntake(name, watch);
  const child = spawn(program, args, { cwd: source.directory, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = lastLineOf(child.stderr);
  let taken = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    intake.bytes(chunk, taken);
    taken += chunk.length;
  });
  const ended = endOf(child, watch.clock);
  await started(child, name);
  let failure: string | undefined;
  let closing: Promise<void> | undefined;
  void ended.then((how) => {
    intake.end();
    if (closing !== undefined) return;
    const last = said();
    failure = `${name} ${how}${last === undefined ? '' : `; it said: ${visible(last)}`}`;
  });
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    const cancel = watch.clock.after(PATIENCE_MS, () => child.kill('SIGKILL'));
    await ended;
    cancel();
  };
  return {
    name,
    get failure() {
      return failure;
    },
    get lastWords() {
      return said();
    },
    notices: () => intake.notices(),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

const PATIENCE_MS = 2000;

async function started(child: ChildProcess, name: string): Promise<void> {
  try {
    await once(child, 'spawn');
  } catch (thrown) {
    throw new ToolError('OBSERVER_FAILED', `Cannot start ${name}: ${messageOf(thrown)}.`, {
      cause: thrown,
      hint: 'It is a program with its arguments, not a shell line.',
    });
  }
}

/** When its output, too, has ended; a grandchild may hold that open for long after. */
function endOf(child: ChildProcess, clock: Clock): Promise<string> {
  return new Promise((resolve) => {
    const end = (code: number | null, signal: string | null): void =>
      resolve(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
    child.once('close', end);
    child.once('exit', (code, signal) => {
      clock.after(DRAIN_MS, () => end(code, signal));
    });
    child.once('error', () => undefined);
  });
}

const DRAIN_MS = 200;

/** The last line with something in it. */
function lastLineOf(stream: NodeJS.ReadableStream): () => string | undefined {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-2000);
  });
  return () => {
    const last =
      text
        .trim()
        .split(/[\r\n]+/)
        .at(-1)
        ?.trim() ?? '';
    return last === '' ? undefined : last;
  };
}
