// The cases of a finished run that are worth running again: what failed there, and what could not be tested.
import { ToolError } from '../base/errors.ts';
import type { RunResult } from '../result/run-result.ts';
import { failsRun } from '../result/summary.ts';
import type { Io } from './io.ts';
import { readRun } from './read-run.ts';

/** Which cases, and the file that says so. */
export interface FailedCases {
  readonly ids: ReadonlySet<string>;
  readonly file: string;
}

/**
 * Reads them from `given`: result.json, a journal, or the folder of a run.
 *
 * @throws {ToolError} FILE_UNREADABLE, FILE_INVALID; NOTHING_MATCHED where nothing failed
 */
export function failedCases(io: Io, given: string): FailedCases {
  const { file, result } = readRun(io, given);
  const ids = new Set([
    ...result.notRun,
    ...result.cases.filter(isWorthIt(result)).map(({ id }) => id),
  ]);
  if (ids.size > 0) return { ids, file };
  throw new ToolError('NOTHING_MATCHED', `Nothing failed in ${file}. Nothing was run.`, {
    hint: 'Run without --only-failed to run everything.',
  });
}

function isWorthIt({ policy, cases, stale = [] }: RunResult) {
  const scenarios = new Set(stale.map(({ check }) => check.replace(/#.*$/s, '')));
  return ({ id, scenario, findings }: (typeof cases)[number]): boolean =>
    scenarios.has(id) ||
    scenarios.has(scenario) ||
    findings.some(
      (finding) =>
        finding.verdict === 'errored' ||
        finding.verdict === 'inconclusive' ||
        failsRun(finding, policy.failOn),
    );
}

/** What is said of those that are not selected any more; nothing where all are. */
export function goneNotice(
  failed: FailedCases | undefined,
  selected: ReadonlySet<string>,
): readonly string[] {
  const gone = [...(failed?.ids ?? [])].filter((id) => !selected.has(id));
  if (failed === undefined || gone.length === 0) return [];
  const [cases, are] = gone.length === 1 ? ['1 case', 'is'] : [`${gone.length} cases`, 'are'];
  return [
    `${cases} of those that failed in ${failed.file} ${are} not selected now: ${gone.join(', ')}`,
  ];
}
