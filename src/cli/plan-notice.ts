// What is said of a plan before anything is started, and why there is none.
import { join } from 'node:path';
import { ToolError } from '../base/errors.ts';
import type { Io } from './io.ts';
import { type FailedCases } from './only-failed.ts';
import type { PlanOptions } from './run-plan.ts';
import type { Selection } from './selection.ts';

/** A scenario of one's own is seldom meant for the embedded gateway. */
export function embeddedNotice(
  io: Io,
  options: PlanOptions,
  { suite, files }: Selection,
): readonly string[] {
  const chosen = options.url ?? options.target ?? suite?.target;
  const shipped = join(io.packageRoot, 'scenarios');
  if (chosen !== undefined || files.every(({ path }) => path.startsWith(shipped))) return [];
  return ['Neither --url nor --target is given: this runs against the embedded reference gateway.'];
}

/** Why a selection is empty. */
export function nothingLeft(
  given: readonly string[],
  options: PlanOptions,
  only: FailedCases | undefined,
): ToolError {
  if (only !== undefined) {
    const message = `None of the cases that failed in ${only.file} is selected now. Nothing was run.`;
    return new ToolError('NOTHING_MATCHED', message, {
      hint: 'Give the selection, target and tags of that run.',
    });
  }
  const tags = [
    ...options.tag.map((tag) => `--tag ${tag}`),
    ...options.excludeTag.map((tag) => `--exclude-tag ${tag}`),
  ];
  const what = [...given, ...tags].join(' ');
  return new ToolError('NOTHING_MATCHED', `Nothing matches ${what}. Nothing was run.`, {
    hint: 'The scenario is there, but none of its cases or checks: see ws-assay list.',
  });
}
