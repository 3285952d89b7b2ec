// Functions in Python: each environment is a process of `python3`.
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ToolError } from '../base/errors.ts';
import {
  type EnvironmentListener,
  forwardLines,
  type Runtime,
  readMessage,
} from './execution-environment.ts';
import { PYTHON_WORKER_SOURCE } from './python-worker.ts';

/** True for a function in Python, `path.py#function`. */
export function isPythonHandler(handler: string): boolean {
  return /\.py#[^#]*$/.test(handler);
}

/**
 * The interpreter that `python3` stands for.
 *
 * @throws {ToolError} GATEWAY_CONFIG when there is none, or one before 3.8
 */
export async function findPython(program = 'python3'): Promise<string> {
  const [found = '', version = ''] = await new Promise<readonly string[]>((resolve) => {
    execFile(program, ['-c', VERSION], { timeout: 10_000 }, (error, stdout) => {
      resolve(error === null ? stdout.split('\n') : []);
    });
  });
  if (found !== '' && Number(version) >= 8) return found;
  const what = found === '' ? 'there is no python3 in PATH' : `python3 is version 3.${version}`;
  throw new ToolError('GATEWAY_CONFIG', `a handler is in Python, and ${what}`, {
    hint: 'Install Python 3.8 or later and see that `python3 --version` works.',
  });
}

const VERSION = 'import sys; print(sys.executable); print(sys.version_info[1])';

/** Makes the runtime of an interpreter. */
export function pythonRuntime(python: string): Runtime {
  return (facts, listener) => {
    // Unbuffered, in UTF-8 as on Lambda, and without writing byte code beside the function.
    const child = spawn(python, ['-u', '-B', '-X', 'utf8', '-c', PYTHON_WORKER_SOURCE]);
    const tell = (value: unknown): void => {
      child.stdin.write(`${JSON.stringify(value)}\n`);
    };
    listen(child, listener);
    tell(facts);
    return {
      invoke: tell,
      terminate: async () => {
        if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      },
    };
  };
}

// What the function writes comes on standard error, also what it prints: standard output is the gateway's own.
function listen(child: ChildProcessWithoutNullStreams, listener: EnvironmentListener): void {
  forwardLines(child.stderr, (line) => listener.onLine(line));
  forwardLines(child.stdout, (line) => {
    const message = readMessage(parsed(line));
    if (message !== undefined) listener.onMessage(message);
  });
  child.stdin.on('error', () => undefined); // it has ended, and `exit` says so
  child.on('error', ({ message }) => listener.onEnd(`python3 could not be started: ${message}`));
  child.on('exit', (code, signal) => {
    listener.onEnd(`the function ended its process with ${signal ?? `code ${code}`}`);
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
