// The parts of one run (`--shard i/n`), put together again. A part that is not there leaves the run untested; what is
// no part of the same run is refused.
import { isDeepStrictEqual } from 'node:util';
import { ToolError } from '../base/errors.ts';
import type { BaselineInfo } from './baseline.ts';
import type { RunProblem, RunResult, ShardInfo } from './run-result.ts';
import { countVerdicts, exitCodeOf, nothingDecided } from './summary.ts';

/** A part, and where it was read. */
export interface Part {
  readonly file: string;
  readonly result: RunResult;
}

/**
 * The whole run. Instants within a case stay on the clock of its part.
 *
 * @param command what put it together
 * @throws {ToolError} FILE_INVALID, naming every part that does not fit
 */
export function mergeShards(given: readonly Part[], command: string): RunResult {
  const parts = inOrder(given);
  demandFitting(parts);
  const results = parts.map(({ result }) => result);
  const [first] = parts;
  const cases = results.flatMap((result) => result.cases).toSorted((a, b) => compare(a.id, b.id));
  const { shard: _, baseline: __, stale: ___, ...head } = first.result;
  const baseline = mergedBaseline(results);
  const stale = unique(results.flatMap((result) => result.stale ?? []));
  const notRun = results.flatMap((result) => result.notRun).toSorted(compare);
  const problems = [...unique(results.flatMap((result) => result.problems)), ...missing(parts)];
  const outcome = {
    cases,
    notRun,
    problems: [...problems, ...nothingDecided({ cases, notRun, problems })],
    interrupted: results.some(({ interrupted }) => interrupted),
  };
  return {
    ...head,
    ...spanOf(results),
    ...outcome,
    runId: `${first.result.runId}-merged`,
    command,
    seed: unique(results.map(({ seed }) => seed)).join(' '),
    merged: parts.map(({ result, shard }) => ({
      index: shard.index,
      runId: result.runId,
      startedAt: result.startedAt,
      durationMs: result.durationMs,
      command: result.command,
      seed: result.seed,
    })),
    requirements: Object.assign({}, ...results.map(({ requirements }) => requirements)),
    ...(baseline === undefined ? {} : { baseline, stale }),
    counts: countVerdicts(cases.flatMap(({ findings }) => findings)),
    exitCode: exitCodeOf({ ...outcome, stale, failOn: head.policy.failOn }),
  };
}

interface KnownPart extends Part {
  readonly shard: ShardInfo;
}

function inOrder(given: readonly Part[]): readonly [KnownPart, ...KnownPart[]] {
  const parts = given.flatMap((part) => {
    const { shard } = part.result;
    return shard === undefined ? [] : [{ ...part, shard }];
  });
  const whole = given.filter(({ result }) => result.shard === undefined);
  const [first, ...rest] = parts.toSorted((a, b) => a.shard.index - b.shard.index);
  if (first !== undefined && whole.length === 0) return [first, ...rest];
  throw new ToolError(
    'FILE_INVALID',
    `${whole.map(({ file }) => file).join(', ')}: this is no part of a run.`,
    { hint: 'Give the results of runs with --shard.' },
  );
}

/** @throws {ToolError} FILE_INVALID */
function demandFitting(parts: readonly [KnownPart, ...KnownPart[]]): void {
  const [first, ...rest] = parts;
  const mistakes = [...rest.flatMap((part) => foreign(first, part)), ...twice(parts)];
  if (mistakes.length === 0) return;
  throw new ToolError('FILE_INVALID', mistakes.join('\n'), {
    hint: 'Give each part of one run once: the same selection, target, options and version, --shard 1/n to n/n.',
  });
}

function foreign(first: KnownPart, part: KnownPart): readonly string[] {
  const differing = Object.entries(SAME).flatMap(([what, of]) =>
    isDeepStrictEqual(of(first), of(part)) ? [] : [what],
  );
  if (differing.length === 0) return [];
  return [
    `${part.file} is of another run than ${first.file}: not the same ${differing.join(', ')}.`,
  ];
}

const SAME: Readonly<Record<string, (part: KnownPart) => unknown>> = {
  'number of parts': ({ shard }) => shard.of,
  'cases and checks': ({ shard }) => [shard.cases, shard.plan],
  version: ({ result }) => result.tool.version,
  suite: ({ result }) => result.suite,
  target: ({ result }) => result.target,
  policy: ({ result }) => result.policy,
  baseline: ({ result: { baseline } }) =>
    baseline && [baseline.file, baseline.entries.length > 0 || baseline.unselected > 0],
};

function twice(parts: readonly KnownPart[]): readonly string[] {
  return parts.flatMap(({ file, shard: { index } }, at) => {
    const before = parts.slice(0, at).find(({ shard }) => shard.index === index);
    return before === undefined ? [] : [`${before.file} and ${file} are both part ${index}.`];
  });
}

function missing(parts: readonly [KnownPart, ...KnownPart[]]): readonly RunProblem[] {
  const [{ shard }] = parts;
  const there = new Set(parts.map(({ shard: { index } }) => index));
  const absent = Array.from({ length: shard.of }, (_, at) => at + 1).filter((i) => !there.has(i));
  const known = parts.reduce((sum, { result }) => sum + idsOf(result).length, 0);
  if (absent.length === 0 && known === shard.cases) return [];
  const which = absent.length === 1 ? 'Part' : 'Parts';
  const verb = absent.length === 1 ? 'is' : 'are';
  const said =
    absent.length === 0
      ? 'Parts have lost cases'
      : `${which} ${absent.join(', ')} of ${shard.of} ${verb} missing`;
  const message = `${said}: of ${shard.cases} cases ${known} are known.`;
  return [{ code: 'SHARD_MISSING', message }];
}

function idsOf({ cases, notRun }: RunResult): readonly string[] {
  return [...cases.map(({ id }) => id), ...notRun];
}

function mergedBaseline(results: readonly RunResult[]): BaselineInfo | undefined {
  const all = results.flatMap(({ baseline }) => (baseline === undefined ? [] : [baseline]));
  const [first] = all;
  if (first === undefined) return undefined;
  const entries = unique(all.flatMap((one) => one.entries));
  const total = first.entries.length + first.unselected;
  return { file: first.file, entries, unselected: total - entries.length };
}

function spanOf(results: readonly RunResult[]): Pick<RunResult, 'startedAt' | 'durationMs'> {
  const startMs = Math.min(...results.map(({ startedAt }) => Date.parse(startedAt)));
  const endMs = Math.max(
    ...results.map(({ startedAt, durationMs }) => Date.parse(startedAt) + durationMs),
  );
  return { startedAt: new Date(startMs).toISOString(), durationMs: endMs - startMs };
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
