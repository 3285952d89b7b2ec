// Servers that are other programs: whether they are installed, starting them, stopping them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** True when `program args` ends with 0. Nothing it prints is shown. */
export function succeeds(program: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(program, [...args], { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

/** Debian's own interpreter: another one in PATH would not see Debian's packages. */
export const PYTHON = '/usr/bin/python3';

/** True when Debian's Python can import `module`. */
export function pythonHas(module: string): boolean {
  return succeeds(PYTHON, '-c', `import ${module}`);
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** The port that a server listens on. */
export function portOf(server: { address(): unknown }): number {
  const address = server.address();
  if (typeof address === 'object' && address !== null && 'port' in address) {
    return Number(address.port);
  }
  throw new Error('the server does not listen on a port');
}

/** Something that was started and must be stopped. */
export interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a program and resolves when it accepts connections on `port` of 127.0.0.1. */
export async function startProgram(
  command: readonly [string, ...string[]],
  { port, env = {}, cwd }: { port: number; env?: Record<string, string>; cwd?: string },
): Promise<Running> {
  const [program, ...args] = command;
  let printed = '';
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const keep = (bytes: Buffer): void => {
    printed = `${printed}${bytes.toString('utf8')}`.slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const untilMs = Date.now() + 30_000;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > untilMs) {
      await stop(child);
      throw new Error(`${command.join(' ')} does not listen on ${port}:\n${printed}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { port, stop: () => stop(child) };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 3000);
  await ended;
  clearTimeout(late);
}
