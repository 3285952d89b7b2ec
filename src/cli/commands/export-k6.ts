// `ws-assay export k6`: a load scenario as a script for k6, and as a TestRun for Kubernetes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf, ToolError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { drawSeed, seededRandom } from '../../base/random.ts';
import { createRedactor } from '../../base/redact.ts';
import { drawNonce } from '../../case/nonce.ts';
import { forK6, type K6Version } from '../../k6/dialect.ts';
import { libraryPath } from '../../k6/library.ts';
import { type K6Script, k6Script, LIBRARY_FILE } from '../../k6/script.ts';
import { testRun } from '../../k6/test-run.ts';
import { PREFIX_LENGTH } from '../../load/nonce.ts';
import type { Io } from '../io.ts';
import { type K6SourceOptions, planLoad } from '../k6-source.ts';

/** Options of the command. */
export interface ExportK6Options extends K6SourceOptions {
  readonly out: string;
  readonly seed?: string;
  readonly k6Version?: K6Version;
  readonly kubernetes?: boolean;
  readonly parallelism?: number;
}

/** Writes the files and resolves with the exit code. */
export async function exportK6Command(
  io: Io,
  id: string,
  options: ExportK6Options,
): Promise<number> {
  const redactor = createRedactor();
  const seed = options.seed ?? drawSeed();
  const nonce = drawNonce(seededRandom(`${seed}/${io.clock.wallMs()}`)).slice(0, PREFIX_LENGTH);
  const { plan, source } = await planLoad(io, id, { options, redactor, seed, nonce });
  if (plan.target.preview.launch !== undefined) throw startedByUs();
  const { k6Version = '1.6' } = options;
  const script = k6Script({ ...source, k6Version });
  const name = (id.split('/').at(-1) ?? id).replace(/\.ya?ml$/, '').replaceAll(/[^\w-]/g, '-');
  const library = forK6(readFileSync(libraryPath(), 'utf8'), k6Version);
  const files = {
    [`${name}.k6.ts`]: script.text,
    [LIBRARY_FILE]: library,
    ...(options.kubernetes === true
      ? {
          [`${name}.testrun.yaml`]: testRun({
            name,
            script,
            library,
            parallelism: options.parallelism ?? 1,
          }),
        }
      : {}),
  };
  const folder = resolve(io.cwd, options.out);
  write(folder, files);
  io.stderr(redactor.text(told(script, { folder: options.out, names: Object.keys(files) })));
  return 0;
}

function startedByUs(): ToolError {
  return new ToolError('USAGE', 'The target is started by ws-assay: elsewhere it is not there.', {
    hint: 'Name the one that k6 shall reach: --url wss://…, or --target with a file that has a url.',
  });
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  try {
    makeFolder(folder);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  } catch (thrown) {
    throw new ToolError('REPORT_NOT_WRITABLE', `Cannot write to ${folder}: ${messageOf(thrown)}.`, {
      cause: thrown,
      hint: 'Choose another folder with --out.',
    });
  }
}

function told(
  { gaps, secrets, phases }: K6Script,
  { folder, names }: { readonly folder: string; readonly names: readonly string[] },
): string {
  const attempts = phases.reduce((sum, { count }) => sum + count, 0);
  const users = Math.max(0, ...phases.map(({ scenario }) => scenario.maxVUs ?? scenario.vus ?? 0));
  return [
    ...names.map((name) => `wrote ${join(folder, name)}`),
    `${attempts} attempts, at most ${users} virtual users at a time`,
    ...secrets.map(({ name, what }) => `set ${name} in the environment of k6: ${what}`),
    ...gaps.map((gap) => `k6 cannot do all of it: ${gap}`),
    '',
  ].join('\n');
}
