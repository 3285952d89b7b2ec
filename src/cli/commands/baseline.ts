// `ws-assay baseline update`: runs whole suites and writes what deviates into the target's baseline.
import { randomUUID } from 'node:crypto';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { messageOf, ToolError } from '../../base/errors.ts';
import { createRedactor, type Redactor } from '../../base/redact.ts';
import { visible } from '../../base/visible.ts';
import type { RunResult } from '../../result/run-result.ts';
import { type Baseline, otherTarget } from '../../target/baseline.ts';
import { isDate } from '../../target/baseline-schema.ts';
import { type BaselineUpdate, updateBaseline } from '../../target/baseline-update.ts';
import { baselineFileOf, readBaseline } from '../baseline-file.ts';
import { executeRun } from '../execute-run.ts';
import type { Io } from '../io.ts';
import { demandValid } from '../library.ts';
import type { RerunOptions } from '../rerun.ts';
import { planRun, type RunPlan, withBaseline } from '../run-plan.ts';
import type { TargetOptions } from '../target-choice.ts';
import { type FoundFile, findSuites } from '../workspace.ts';

/** Options of the command. */
export interface BaselineUpdateOptions extends TargetOptions, Omit<RerunOptions, 'failOn'> {
  readonly baseline?: string;
  readonly reason?: string;
  readonly expires?: string;
  readonly out?: string;
  readonly seed?: string;
  readonly tag?: string;
  readonly excludeTag?: string;
  readonly profile?: string;
}

/**
 * Updates the file after a run that tested everything; 0 when it is up to date then, otherwise the
 * exit code that says why nothing was written.
 */
export async function baselineUpdateCommand(
  io: Io,
  suites: readonly string[],
  options: BaselineUpdateOptions,
): Promise<number> {
  refuseFilters(io, suites, options);
  const expires = expiryOf(io, options.expires);
  const redactor = createRedactor();
  const plan = await planRun(io, suites, {
    options: { ...options, tag: [], excludeTag: [], failOn: 'must' },
    redactor,
    loadsBaseline: false,
  });
  const file = demandFile(io, options, plan);
  const before = await readBefore(io, file);
  const { result, code } = await run(io, plan, { options, before, redactor });
  const refusal = result === undefined ? 'the run failed' : whyUntested(result);
  if (result === undefined || refusal !== undefined) {
    io.stderr(`\nNothing was written to ${file.shown}: ${visible(refusal ?? '')}.\n`);
    return code === 1 ? 4 : code;
  }
  const { preview } = plan.target;
  const update = updateBaseline(
    before.text,
    {
      cases: result.cases,
      entries: before.baseline.entries,
      target: nameOf(preview),
      reason: options.reason ?? 'TODO',
      expires,
      schema: schemaFor(io, file),
    },
    { retarget: otherTarget(before.baseline, preview).length > 0 },
  );
  if (update.text !== before.text) await writeWhole(file, update.text);
  io.stderr(describeUpdate(file, update, before.text));
  return update.withoutEvidence.length > 0 ? 1 : 0;
}

/** A part of a suite would say nothing of the rest: an entry too many, or one too few. */
function refuseFilters(io: Io, suites: readonly string[], options: BaselineUpdateOptions): void {
  const flags = [
    ...(options.tag === undefined ? [] : ['--tag']),
    ...(options.excludeTag === undefined ? [] : ['--exclude-tag']),
    ...(options.profile === undefined ? [] : ['--profile']),
  ];
  const parts = suites.filter((word) => !findSuites(io).has(word) && !isFolder(io, word));
  const [first] = [...flags, ...parts];
  if (first === undefined) return;
  throw new ToolError('USAGE', `baseline update takes whole suites, not a part: ${first}.`, {
    hint: 'Leave it out; to change one entry edit the file.',
  });
}

function isFolder(io: Io, word: string): boolean {
  const path = resolve(io.cwd, word);
  return existsSync(path) && statSync(path).isDirectory();
}

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;

function expiryOf(io: Io, given: string | undefined): string {
  const dayAfter = (days: number): string =>
    new Date(io.clock.wallMs() + days * DAY_MS).toISOString().slice(0, 10);
  if (given === undefined) return dayAfter(DEFAULT_DAYS);
  if (isDate(given) && given >= dayAfter(0)) return given;
  throw new ToolError('USAGE', `--expires ${given} is not a day to come.`, {
    hint: `Write year, month, day: ${dayAfter(DEFAULT_DAYS)}.`,
  });
}

function demandFile(io: Io, options: BaselineUpdateOptions, plan: RunPlan): FoundFile {
  const file = baselineFileOf(io, options, plan.target.preview);
  if (file === undefined) {
    throw new ToolError('USAGE', `The target ${plan.target.name} names no baseline.`, {
      hint: 'Write baseline: baseline.yaml in its target file, or give --baseline <file>.',
    });
  }
  if (existsSync(dirname(file.path))) return file;
  throw new ToolError('USAGE', `There is no folder for ${file.shown}.`);
}

interface Before {
  /** Empty where there is no file yet. */
  readonly text: string;
  readonly baseline: Baseline;
}

/** What an update corrects, or leaves for a person as it is, does not keep it from being made. */
async function readBefore(io: Io, file: FoundFile): Promise<Before> {
  if (!existsSync(file.path)) {
    return { text: '', baseline: { file: file.shown, target: undefined, entries: [] } };
  }
  const { text, baseline, diagnostics } = await readBaseline(io, file, [
    'BSL_NO_REASON',
    'BSL_UNKNOWN_CHECK',
  ]);
  demandValid({ diagnostics, texts: { [file.shown]: text } });
  return { text, baseline: baseline ?? { file: file.shown, target: undefined, entries: [] } };
}

function run(
  io: Io,
  plan: RunPlan,
  {
    options,
    before,
    redactor,
  }: {
    readonly options: BaselineUpdateOptions;
    readonly before: Before;
    readonly redactor: Redactor;
  },
): ReturnType<typeof executeRun> {
  if (plan.notices !== '') io.stderr(`${redactor.text(plan.notices)}\n`);
  const { out, seed } = options;
  return executeRun(io, withBaseline(plan, before.baseline), {
    options: {
      failOn: 'must',
      reporter: 'console',
      junitDialect: 'ci',
      ...(out === undefined ? {} : { out }),
      ...(seed === undefined ? {} : { seed }),
    },
    redactor,
  });
}

/** Of what was not tested nobody knows whether it deviates. */
function whyUntested({ interrupted, problems, notRun, counts }: RunResult): string | undefined {
  if (interrupted) return 'the run was interrupted';
  const [problem] = problems;
  if (problem !== undefined) return problem.message.replace(/\.$/, '');
  if (notRun.length > 0) return `${notRun.length} cases never ran`;
  if (counts.errored > 0) return `${counts.errored} checks errored`;
  return counts.inconclusive > 0 ? `${counts.inconclusive} checks were inconclusive` : undefined;
}

function nameOf({
  name,
  version,
}: {
  readonly name: string;
  readonly version: string | undefined;
}) {
  return version === undefined ? name : `${name}@${version}`;
}

function schemaFor(io: Io, { path }: FoundFile): string {
  const schema = join(io.packageRoot, 'schema', 'baseline-1.schema.json');
  return relative(dirname(path), schema).split(sep).join('/');
}

/** All or nothing: what was there is replaced in one step, at the end of a link as well. */
async function writeWhole({ path, shown }: FoundFile, text: string): Promise<void> {
  const place = existsSync(path) ? realpathSync(path) : path;
  const temporary = `${place}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    await rename(temporary, place);
  } catch (thrown) {
    throw new ToolError('REPORT_NOT_WRITABLE', `Cannot write ${shown}: ${messageOf(thrown)}.`, {
      hint: 'Nothing in it was changed.',
      cause: thrown,
    });
  } finally {
    await rm(temporary, { force: true });
  }
}

function describeUpdate({ shown }: FoundFile, update: BaselineUpdate, before: string): string {
  const { text, added, changed, removed, expired, withoutEvidence } = update;
  const groups: readonly (readonly [string, readonly string[]])[] = [
    ['added', added],
    ['changed', changed],
    ['removed', removed],
    ['expired, and left: only you can set a later date', expired],
    ['not added, nothing shows how they deviate', withoutEvidence],
  ];
  const lines = groups.flatMap(([what, checks]) =>
    checks.length === 0
      ? []
      : [`  ${what}: ${checks.length}`, ...checks.map((check) => `    ${visible(check)}`)],
  );
  const open = text.match(/^\s+reason: TODO$/gm)?.length ?? 0;
  const todo =
    open === 0
      ? []
      : [`  reasons to write: ${open}. A run refuses the file as long as one is TODO.`];
  const head = text === before ? `${shown} is up to date.` : `${shown} was written.`;
  return `\n${[head, ...lines, ...todo].join('\n')}\n`;
}
