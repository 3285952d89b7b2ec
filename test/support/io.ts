// An Io for tests: a temporary working directory, captured streams, no terminal, the real clock.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { realClock } from '../../src/base/clock.ts';
import { adoptGroup, type Io } from '../../src/cli/io.ts';

/** The root of this repository, with a slash at its end. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** An Io and what was printed through it. */
export interface TestIo extends Io {
  stdoutText(): string;
  stderrText(): string;
  /** Sends SIGINT to whoever listens. */
  interrupt(): void;
}

/**
 * Makes an Io.
 *
 * @param options.argv what follows `ws-assay` on the command line
 * @param options.env the whole environment (default: empty)
 * @param options.cwd working directory (default: a new temporary one)
 */
export function testIo(options: {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}): TestIo {
  let out = '';
  let err = '';
  const listeners = new Set<(signal: string) => void>();
  return {
    argv: options.argv,
    env: options.env ?? {},
    cwd: options.cwd ?? mkdtempSync(join(tmpdir(), 'ws-assay-test-')),
    packageRoot: PACKAGE_ROOT,
    version: '0.0.0-test',
    self: [process.execPath, join(PACKAGE_ROOT, 'dist/cli/bin.js')],
    environment: { node: process.version, platform: process.platform, arch: process.arch },
    clock: realClock(),
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    terminal: { isTTY: false, color: false, columns: 100 },
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ask: undefined,
    stdinEnded: () => new Promise(() => {}),
    adoptGroup,
    usage: () => ({ cpuSeconds: 0, rssBytes: 0 }),
    exitNow: (code) => {
      throw new Error(`exitNow(${code})`);
    },
    stdoutText: () => out,
    stderrText: () => err,
    interrupt: () => {
      for (const listener of listeners) listener('SIGINT');
    },
  };
}
