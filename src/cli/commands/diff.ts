// `ws-assay diff`: what is not the same in two finished runs.
import { visible, visibleJson } from '../../base/visible.ts';
import {
  type ChangedCheck,
  type ChangedValue,
  compareRuns,
  isSame,
  type OnlyThere,
  type RunComparison,
} from '../../certify/compare-runs.ts';
import type { RunResult } from '../../result/run-result.ts';
import type { Io } from '../io.ts';
import { readRun } from '../read-run.ts';

/** Options of the command. */
export interface DiffOptions {
  readonly json?: boolean;
}

/** Resolves with 0 where every check came out the same, with 1 where not. */
export async function diffCommand(
  io: Io,
  [beforeFile, afterFile]: readonly [before: string, after: string],
  { json = false }: DiffOptions,
): Promise<number> {
  const before = readRun(io, beforeFile).result;
  const after = readRun(io, afterFile).result;
  const comparison = compareRuns(before, after);
  const told = { before: headOf(before), after: headOf(after), ...comparison };
  io.stdout(json ? `${visibleJson(told)}\n` : describe(comparison, before, after));
  return isSame(comparison) ? 0 : 1;
}

function headOf({ runId, startedAt, tool, suite, target, interrupted, notRun }: RunResult) {
  const { name, version } = target;
  return {
    runId,
    startedAt,
    tool: tool.version,
    ...(suite === undefined ? {} : { suite }),
    target: { name, ...(version === undefined ? {} : { version }) },
    interrupted,
    notRun,
  };
}

function describe(comparison: RunComparison, before: RunResult, after: RunResult): string {
  const { added, changed, gone, same } = comparison;
  const lines = [
    `${nameOf(before)} → ${nameOf(after)}`,
    ...notices(before, after),
    ...changed.flatMap(changedLines),
    ...added.map((one) => onlyLine('added', one)),
    ...gone.map((one) => onlyLine('gone', one)),
    `${same} checks the same, ${changed.length} changed, ${added.length} added, ${gone.length} gone.`,
  ];
  return `${lines.map((line) => visible(line)).join('\n')}\n`;
}

function nameOf({ runId, startedAt, target: { name, version } }: RunResult): string {
  return `${name}${version === undefined ? '' : `@${version}`} ${startedAt} (${runId})`;
}

function notices(before: RunResult, after: RunResult): readonly string[] {
  const [was, is] = [before, after].map(({ suite }) => suite && [suite.name, suite.version]);
  return [
    ...(before.target.name === after.target.name ? [] : ['These are two targets.']),
    ...(JSON.stringify(was) === JSON.stringify(is) ? [] : ['They did not run the same suite.']),
    ...(before.tool.version === after.tool.version
      ? []
      : [`Run by ws-assay ${before.tool.version} and ${after.tool.version}.`]),
    ...[before, after].flatMap(unfinished),
  ];
}

function unfinished({ runId, interrupted, notRun }: RunResult): readonly string[] {
  if (!interrupted && notRun.length === 0) return [];
  const cases = notRun.length === 1 ? 'case' : 'cases';
  return [`${runId} is not finished: ${notRun.length} planned ${cases} never ran.`];
}

function changedLines({ check, requirement, before, after, values }: ChangedCheck) {
  const cited = requirement === undefined ? '' : ` (${requirement})`;
  const verdict = before === after ? before : `${before} → ${after}`;
  return [`  changed  ${check}${cited}: ${verdict}`, ...values.map(valueLine)];
}

function valueLine({ path, before, after }: ChangedValue): string {
  return `             ${path}: ${shown(before)} → ${shown(after)}`;
}

function shown(value: ChangedValue['before']): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).toWellFormed()}…`;
}

const LONGEST = 100;

function onlyLine(kind: 'added' | 'gone', { check, verdict, requirement }: OnlyThere): string {
  const cited = requirement === undefined ? '' : ` (${requirement})`;
  return `  ${kind.padEnd(7)}  ${check}${cited}: ${verdict}`;
}
