// The only access to the process: arguments, environment, folders, streams, signals, exit.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { type Clock, realClock } from '../base/clock.ts';
import { systemCodeOf } from '../base/errors.ts';
import type { AdoptGroup } from '../target/launch.ts';

/** What a command may touch of the world outside. A test makes its own. */
export interface Io {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The folder of the installed package: its scenarios, suites, targets. */
  readonly packageRoot: string;
  readonly version: string;
  /** Node's executable and the command's entry file, to start ourselves again. */
  readonly self: readonly [node: string, entry: string];
  readonly environment: { readonly node: string; readonly platform: string; readonly arch: string };
  readonly clock: Clock;
  /** Machine text. */
  stdout(text: string): void;
  /** Human text. */
  stderr(text: string): void;
  readonly terminal: { readonly isTTY: boolean; readonly color: boolean; readonly columns: number };
  /** Calls `listener` at SIGINT, SIGTERM and SIGHUP with the signal's name; returns the function that stops it. */
  onInterrupt(listener: (signal: string) => void): () => void;
  /** Asks a question; resolves with undefined where nobody answers any more (Ctrl-C, Ctrl-D). Undefined: nobody is there. */
  readonly ask: ((question: string) => Promise<string | undefined>) | undefined;
  /** Resolves when the standard input has ended. */
  stdinEnded(): Promise<void>;
  /** As `launchTarget` takes it; undefined where the system has no groups of processes. */
  readonly adoptGroup: AdoptGroup | undefined;
  /** What this process has used up so far. */
  usage(): { readonly cpuSeconds: number; readonly rssBytes: number };
  /** Ends the process at once. */
  exitNow(code: number): void;
}

/** The real world. */
export function processIo(): Io {
  const packageRoot = fileURLToPath(new URL('../../', import.meta.url));
  const { stderr } = process;
  // Of a pipe or file it is undefined, whatever the type says.
  const stream: { readonly isTTY?: boolean } = stderr;
  const isTTY = stream.isTTY ?? false;
  surviveLostOutput();
  return {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    packageRoot,
    version: readVersion(packageRoot),
    self: [process.execPath, fileURLToPath(new URL('./bin.js', import.meta.url))],
    environment: { node: process.version, platform: process.platform, arch: process.arch },
    clock: realClock(),
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void stderr.write(text),
    terminal: {
      // What cannot move its cursor gets lines, as a log does.
      isTTY: isTTY && !isSet(process.env['CI']) && process.env['TERM'] !== 'dumb',
      color: usesColor(process.env, isTTY),
      columns: stderr.columns ?? 80,
    },
    onInterrupt: (listener) => {
      for (const signal of SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of SIGNALS) process.off(signal, listener);
      };
    },
    ask: isTTY && isatty(0) ? askHere : undefined,
    stdinEnded: () =>
      new Promise((resolve) => {
        const { stdin } = process;
        stdin.once('end', resolve).once('close', resolve).once('error', resolve).resume();
        // Waiting for it must not keep the process alive once everything else has ended. A file as
        // standard input has no unref, whatever the type says; it ends by itself.
        if ('unref' in stdin) stdin.unref();
      }),
    adoptGroup: process.platform === 'win32' ? undefined : adoptGroup,
    usage: () => {
      const { user, system } = process.cpuUsage();
      return { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() };
    },
    exitNow: (code) => process.exit(code),
  };
}

function askHere(question: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    // Whoever ends it without a line, ends it.
    lines.once('close', () => resolve(undefined));
    lines.question(question, (answer) => {
      resolve(answer);
      lines.close();
    });
  });
}

const groups = new Set<number>();

/** Takes charge of a group of processes, of which none shall outlive this one. */
export function adoptGroup(leader: number): () => void {
  if (groups.size === 0) process.once('exit', endGroups);
  groups.add(leader);
  return () => endGroup(leader);
}

function endGroups(): void {
  for (const leader of groups) endGroup(leader);
}

function endGroup(leader: number): void {
  if (!groups.delete(leader)) return;
  if (groups.size === 0) process.off('exit', endGroups);
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

/**
 * An output that cannot be written must not end the run before its reports are written. That whoever
 * read it has left is their choice; a disk that is full loses what was asked for: exit code 3.
 */
function surviveLostOutput(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error) => {
    if (systemCodeOf(error) === 'EPIPE') return;
    process.stderr.write(`ws-assay: Cannot write to the standard output: ${error.message}.\n`);
    process.once('exit', (code) => {
      if (LESS_THAN_LOST.has(code)) process.exitCode = 3;
    });
  });
}

const LESS_THAN_LOST: ReadonlySet<number> = new Set([0, 1, 4]);

// A target is in a group of its own: it does not hear that the terminal was closed.
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** https://no-color.org, and FORCE_COLOR as Node reads it. */
function usesColor(env: NodeJS.ProcessEnv, isTTY: boolean): boolean {
  if (isSet(env['NO_COLOR'])) return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0';
  return isTTY && env['TERM'] !== 'dumb';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}

function readVersion(packageRoot: string): string {
  const text = readFileSync(`${packageRoot}/package.json`, 'utf8');
  const parsed: unknown = JSON.parse(text);
  const known = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  return known && typeof parsed.version === 'string' ? parsed.version : '0.0.0';
}
