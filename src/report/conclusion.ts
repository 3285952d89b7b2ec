// The one sentence a run ends with. It explains `exitCode` and never contradicts it.
import type { RunResult } from '../result/run-result.ts';
import { countOf } from './count.ts';
import { countStandings } from './standing.ts';

/** What a run came to. */
export interface Conclusion {
  readonly outcome:
    | 'passed'
    | 'failed'
    | 'invalid'
    | 'untested'
    | 'inconclusive'
    | 'interrupted'
    | 'broken';
  readonly sentence: string;
  /** Checks that were decided: passed, failed or warned. */
  readonly decided: number;
  /** All checks of all cases that ran. */
  readonly total: number;
}

/** Says what `result` means (exit codes: docs/exit-codes.md). */
export function conclude(result: RunResult): Conclusion {
  const { counts } = result;
  const decided = counts.passed + counts.failed + counts.warned;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const { outcome, sentence } = explain(result, decided);
  return { outcome, sentence, decided, total };
}

function explain(result: RunResult, decided: number): Pick<Conclusion, 'outcome' | 'sentence'> {
  switch (result.exitCode) {
    case 0:
      return passed(result, decided);
    case 1:
      return { outcome: 'failed', sentence: failed(result, decided) };
    case 2:
      return { outcome: 'invalid', sentence: `Nothing to test: ${reasons(result)}.` };
    case 3:
      return { outcome: 'untested', sentence: untestedText(result, decided) };
    case 4:
      return { outcome: 'inconclusive', sentence: `Inconclusive: ${undecided(result)}.` };
    case 130:
      return { outcome: 'interrupted', sentence: interrupted(result, decided) };
    default:
      return {
        outcome: 'broken',
        sentence: `ws-assay itself failed (exit code ${result.exitCode}): ${reasons(result)}. Please report it.`,
      };
  }
}

function passed(result: RunResult, decided: number): Pick<Conclusion, 'outcome' | 'sentence'> {
  const counts = countStandings(result);
  if (decided === 0 && result.shard !== undefined) {
    const { index, of } = result.shard;
    const sentence = `Part ${index} of ${of}: no check was decided in it, and none failed.`;
    return { outcome: 'passed', sentence };
  }
  if (decided === 0) {
    const sentence = 'Exit code 0 although nothing was decided: this result contradicts itself.';
    return { outcome: 'broken', sentence };
  }
  const warned = counts.warned === 0 ? '' : `, ${counts.warned} with a warning`;
  if (counts.failed > 0) {
    const sentence = `Exit code 0 although ${countOf(counts.failed, 'check')} failed: this result contradicts itself.`;
    return { outcome: 'broken', sentence };
  }
  const known = counts.known === 0 ? '' : `, ${countOf(counts.known, 'known deviation')}`;
  const failures = counts.known === 0 ? 'none failed' : 'none failed unexpectedly';
  return {
    outcome: 'passed',
    sentence: `Passed: ${countOf(decided, 'check')} decided, ${failures}${known}${warned}.`,
  };
}

function failed(result: RunResult, decided: number): string {
  const { policy } = result;
  const counts = countStandings(result);
  const unlike = counts['unlike-baseline'];
  const parts = unlike === 0 ? [] : [`${countOf(unlike, 'check')} not as the baseline says`];
  if (counts.failed > 0 || unlike === 0) {
    parts.unshift(`${counts.failed} of ${decided} decided checks failed`);
  }
  if (counts.known > 0) parts.push(countOf(counts.known, 'known deviation'));
  if (counts.warned > 0) {
    const weight = policy.failOn === 'should' ? ', which the policy counts as failures' : '';
    parts.push(`${countOf(counts.warned, 'warning')}${weight}`);
  }
  return `Failed: ${[...parts, ...untested(result)].join('; ')}.`;
}

// What failed is said here, too: exit code 3 outranks 1 and must not hide it.
function untestedText(result: RunResult, decided: number): string {
  const { failed: failures, 'unlike-baseline': unlike } = countStandings(result);
  const failedToo = failures === 0 ? '' : ` Of ${decided} decided checks ${failures} failed.`;
  const other = unlike === 0 ? '' : ` ${countOf(unlike, 'check')} not as the baseline says.`;
  return `Could not test${decided === 0 ? '' : ' everything'}: ${reasons(result)}.${failedToo}${other}`;
}

function interrupted(result: RunResult, decided: number): string {
  const { notRun, cases } = result;
  const planned = cases.length + notRun.length;
  const so = `${countStandings(result).failed} of ${decided} decided checks failed so far`;
  return `Interrupted: ${cases.length} of ${countOf(planned, 'case')} ran; ${so}.`;
}

function undecided(result: RunResult): string {
  const { inconclusive } = result.counts;
  return inconclusive === 0
    ? 'no check could be decided'
    : `${countOf(inconclusive, 'check')} could not be decided from what was measured`;
}

function reasons(result: RunResult): string {
  const parts = untested(result);
  return parts.length === 0 ? 'no check could be decided' : parts.join('; ');
}

function untested({ counts, notRun, problems }: RunResult): readonly string[] {
  const [problem] = problems;
  return [
    ...(counts.errored === 0 ? [] : [`${countOf(counts.errored, 'check')} errored`]),
    ...(notRun.length === 0 ? [] : [`${countOf(notRun.length, 'planned case')} never ran`]),
    ...(problem === undefined ? [] : [problem.message.replace(/\.$/, '')]),
  ];
}
