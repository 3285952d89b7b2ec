// The C programs of the benchmarks: built into a folder of their own, started on ports of the kernel's choice.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);
const BENCH = join(import.meta.dirname, '..');

/** Builds sources (paths from bench/, without `.c`) and gives `use` a function from a name to its program. */
export async function withPrograms(sources, use) {
  const folder = await mkdtemp(join(tmpdir(), 'assay-bench-'));
  const programOf = (name) => join(folder, name);
  try {
    for (const source of sources) {
      const out = programOf(basename(source));
      await run('cc', ['-O2', '-o', out, join(BENCH, `${source}.c`)]);
    }
    return await use(programOf, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts a program that prints its port, and ends it after `use`. */
export async function withServer([command, ...args], use) {
  const server = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    return await use(await firstLine(server).then(Number));
  } finally {
    server.kill('SIGKILL');
  }
}

/** Kernel timestamps of the handshakes with a port while `use` runs; undefined where they may not be taken. */
export async function withWire(program, { port, seconds }, use) {
  const wire = spawn(program, [String(port), String(seconds)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => wire.once('close', resolve));
  let text = '';
  wire.stdout.on('data', (bytes) => {
    text += bytes;
  });
  await Promise.race([firstLine(wire), ended]);
  const value = await use();
  // The last packets may still be on their way to it.
  await new Promise((resolve) => setTimeout(resolve, 300));
  wire.kill('SIGTERM');
  await ended;
  const [, line] = text.split('\n');
  return { value, wire: line === undefined || line === '' ? undefined : JSON.parse(line) };
}

function firstLine(child) {
  return new Promise((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(String(text)));
    child.once('error', reject);
    child.once('exit', () => reject(new Error('ended before it said anything')));
  });
}
