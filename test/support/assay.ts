// Runs `ws-assay` inside the test's process and reads what it wrote.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { main } from '../../src/cli/main.ts';
import type { Finding } from '../../src/result/finding.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { type TestIo, testIo } from './io.ts';

/** What came of a run. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
  /** Every file of the working directory after the run, by path relative to it, as bytes. */
  readonly files: Readonly<Record<string, Buffer>>;
  /** The saved result; throws when none was written. */
  result(): RunResult;
}

/** What a run is given besides its arguments. */
export interface Given {
  readonly env?: Readonly<Record<string, string>>;
  /** Files to write into the working directory first. */
  readonly files?: Readonly<Record<string, string>>;
  /** Called with the Io before the run: to interrupt it, for example. */
  readonly before?: (io: TestIo) => void;
}

/** The folder that `runAssay` has reports written to, below the working directory. */
export const OUT = 'out';

/**
 * Runs `ws-assay run ARGS --out out` in a temporary working directory, which is removed after it.
 * `files` holds what the run wrote, without the files it was given.
 */
export async function runAssay(args: readonly string[], given: Given = {}): Promise<Ran> {
  const io = testIo({
    argv: ['run', ...args, '--out', OUT],
    ...(given.env === undefined ? {} : { env: given.env }),
  });
  try {
    writeAll(io.cwd, given.files ?? {});
    given.before?.(io);
    const startUs = io.clock.nowUs();
    const code = await main(io);
    const elapsedMs = (io.clock.nowUs() - startUs) / 1000;
    const files = readAll(io.cwd, new Set(Object.keys(given.files ?? {})));
    const ran = { code, stdout: io.stdoutText(), stderr: io.stderrText(), elapsedMs, files };
    return { ...ran, result: () => resultIn(files, ran.stderr) };
  } finally {
    rmSync(io.cwd, { recursive: true, force: true });
  }
}

/**
 * The verdicts that are not `passed` or `recorded`, one line each: `failed close#tcp-ends`. Axes
 * are kept, the folder of the scenario is not.
 */
export function deviations(result: RunResult): readonly string[] {
  return verdictLines(result)
    .filter((line) => !/^(passed|recorded) /.test(line))
    .toSorted();
}

/** All verdicts, one line each, as `deviations`. */
export function verdictLines(result: RunResult): readonly string[] {
  return result.cases.flatMap(({ id, findings }) =>
    findings.map(({ verdict, check }) => `${verdict} ${shortId(id)}#${check}`),
  );
}

/** The finding of one check; throws when there is none. */
export function findingOf(result: RunResult, id: string): Finding {
  const [caseId, check] = id.split('#');
  const found = result.cases.find((one) => shortId(one.id) === caseId);
  const finding = found?.findings.find((one) => one.check === check);
  if (finding === undefined) throw new Error(`there is no check ${id}`);
  return finding;
}

function shortId(id: string): string {
  return id.replace(/^[^[]*\//, '');
}

function resultIn(files: Readonly<Record<string, Buffer>>, stderr: string): RunResult {
  const bytes = files[`${OUT}/result.json`];
  if (bytes === undefined) throw new Error(`no result.json was written:\n${stderr}`);
  // our own file, whose shape the report's tests check
  return JSON.parse(bytes.toString('utf8')) as RunResult;
}

function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function readAll(folder: string, without: ReadonlySet<string>): Readonly<Record<string, Buffer>> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return Object.fromEntries(
    paths.flatMap((path) =>
      without.has(path) ? [] : [[path, readFileSync(join(folder, path))] as const],
    ),
  );
}
