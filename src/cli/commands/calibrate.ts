// `ws-assay calibrate`: records what a target does where the catalogue leaves it open.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { messageOf, ToolError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { drawSeed } from '../../base/random.ts';
import { createRedactor } from '../../base/redact.ts';
import { visible } from '../../base/visible.ts';
import type { Calibration } from '../../certify/calibration.ts';
import { renderCalibration } from '../../certify/calibration-file.ts';
import type { Tier } from '../../scenario/model.ts';
import { onInterrupt } from '../interrupt.ts';
import type { Io } from '../io.ts';
import { planCalibration, type Recorded, recordCalibration } from '../record-calibration.ts';
import type { PlanOptions } from '../run-plan.ts';
import type { TargetOptions } from '../target-choice.ts';

/** Options of the command. */
export interface CalibrateOptions extends TargetOptions {
  readonly out?: string;
  readonly repeat: number;
  readonly tier: Tier;
  readonly var: readonly string[];
  readonly seed?: string;
}

/** Writes a dated file; 0 when everything that was asked was observed, 3 when not. */
export async function calibrateCommand(
  io: Io,
  given: readonly string[],
  options: CalibrateOptions,
): Promise<number> {
  if (options.out !== undefined) demandNew(io, resolve(io.cwd, options.out));
  const recorded = await record(io, given, options);
  if (recorded === undefined) return 130;
  const { calibration } = recorded;
  if (countObserved(calibration) === 0) {
    sayProblems(io, recorded);
    io.stderr('\nNothing was observed, and nothing was written.\n');
    return 3;
  }
  const path = resolve(io.cwd, options.out ?? join('calibrations', fileName(calibration)));
  await write(io, path, renderCalibration(calibration));
  io.stderr(describeCalibration(calibration));
  sayProblems(io, recorded);
  io.stderr(`Written to ${visible(shorten(io, path))}\n`);
  return recorded.problems.length > 0 || hasGaps(calibration) ? 3 : 0;
}

/** Records; undefined when it was interrupted. */
export async function record(
  io: Io,
  given: readonly string[],
  options: CalibrateOptions,
): Promise<Recorded | undefined> {
  const redactor = createRedactor();
  const planned: PlanOptions = { ...options, tag: [], excludeTag: [], failOn: 'must' };
  const plan = await planCalibration(io, given, { options: planned, redactor });
  if (plan.notices !== '') io.stderr(`${redactor.text(plan.notices)}\n`);
  const interrupt = onInterrupt(io);
  try {
    const { signal } = interrupt;
    const seed = options.seed ?? drawSeed();
    const recorded = await recordCalibration(io, plan, {
      redactor,
      seed,
      runs: options.repeat,
      signal,
    });
    if (!signal.aborted) return recorded;
    io.stderr('\nInterrupted: nothing was written.\n');
    return undefined;
  } finally {
    interrupt.stop();
  }
}

/** What was tested and came to nothing, as lines on stderr. */
export function sayProblems(io: Io, { problems, calibration: { unobserved } }: Recorded): void {
  const gaps = unobserved.filter(({ reason }) => GAPS.has(reason));
  const lines = [
    ...problems.map(({ code, message }) => `${code}: ${message}`),
    ...gaps.map(({ check = '', reason, message }) => `${check}: ${reason}: ${message}`),
  ];
  for (const line of lines) io.stderr(`  ${visible(line)}\n`);
}

/** Something that applies was asked and is not known. */
export function hasGaps({ unobserved }: Calibration): boolean {
  return unobserved.some(({ reason }) => GAPS.has(reason));
}

const GAPS: ReadonlySet<string> = new Set(['errored', 'inconclusive', 'failed', 'not-run']);

/** How many values it holds. */
export function countObserved({ requirements, withoutRequirement }: Calibration): number {
  const cited = Object.values(requirements).map(({ observed }) => observed.length);
  return cited.reduce((sum, count) => sum + count, withoutRequirement.length);
}

function describeCalibration(calibration: Calibration): string {
  const { requirements, withoutRequirement, unobserved, runs } = calibration;
  const all = [
    ...Object.values(requirements).flatMap(({ observed }) => observed),
    ...withoutRequirement,
  ];
  const of = (stability: string): number => all.filter((one) => one.stability === stability).length;
  const why = new Map<string, number>();
  for (const { reason } of unobserved) why.set(reason, (why.get(reason) ?? 0) + 1);
  const reasons = [...why].map(([reason, count]) => `${count} ${reason}`).join(' · ');
  return (
    `\n${all.length} values of ${Object.keys(requirements).length} requirements in ${runs} runs: ` +
    `${of('stable')} stable · ${of('generated')} generated · ${of('unstable')} unstable\n` +
    (reasons === '' ? '' : `Not observed: ${reasons}\n`)
  );
}

/** `reference-20261124T003501Z.json` */
function fileName({ target: { name }, recordedAt }: Calibration): string {
  const at = recordedAt.replaceAll(/[-:]|\.\d+/g, '');
  return `${name.replaceAll(/[^\w.-]+/g, '-')}-${at}.json`;
}

/** @throws {ToolError} USAGE */
export function demandNew(io: Io, path: string): void {
  if (!existsSync(path)) return;
  throw new ToolError('USAGE', `${shorten(io, path)} is there already.`, {
    hint: 'A calibration is never replaced: give --out another name.',
  });
}

/** @throws {ToolError} REPORT_NOT_WRITABLE */
export async function write(io: Io, path: string, text: string): Promise<void> {
  try {
    makeFolder(dirname(path));
    await writeFile(path, text, { flag: 'wx' });
  } catch (thrown) {
    const message = `Cannot write ${shorten(io, path)}: ${messageOf(thrown)}.`;
    throw new ToolError('REPORT_NOT_WRITABLE', message, {
      cause: thrown,
      hint: 'Choose another file with --out.',
    });
  }
}

function shorten(io: Io, path: string): string {
  const short = relative(io.cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
}
