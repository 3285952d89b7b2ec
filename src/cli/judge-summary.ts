// A summary of k6 as a case: what its thresholds came to, what it holds, and what it does not.
import { findingOf } from '../check/judge.ts';
import type { Settled } from '../check/outcome.ts';
import type { K6Summary } from '../k6/summary.ts';
import { summaryCounts, summaryFacts, summaryGaps } from '../k6/summary-account.ts';
import { summaryVerdict } from '../k6/summary-verdict.ts';
import { type K6Threshold, translated } from '../k6/threshold.ts';
import type { Finding } from '../result/finding.ts';
import type { CaseResult } from '../result/run-result.ts';
import type { CheckSpec } from '../scenario/model.ts';
import type { PlannedLoad } from './k6-source.ts';

/** One file. */
export interface SummaryFile {
  readonly summary: K6Summary;
  /** As the user named it. */
  readonly file: string;
  readonly text: string;
}

/** By what it is judged: the checks of a scenario, so many attempts of which the summary should be of. */
export interface SummaryJudging {
  readonly planned: PlannedLoad;
  readonly scheduled: number;
}

/** Judges one; without a scenario by the thresholds that k6 has judged. */
export function judgeSummary(
  of: SummaryFile,
  { by, rerun }: { readonly by: SummaryJudging | undefined; readonly rerun: string },
): CaseResult {
  const { summary, file } = of;
  const { form, version, durationMs = 0 } = summary;
  const spec = by?.planned.spec;
  return {
    id: spec === undefined ? file : `${spec.id}/${file}`,
    scenario: spec?.scenario ?? file,
    file: spec?.file ?? file,
    title: spec?.title ?? `A summary of k6${version === undefined ? '' : ` ${version}`}`,
    description: `Of a summary of k6 (${form}). It does not hold: ${summaryGaps(summary).join('; ')}.`,
    axes: {},
    tags: ['k6'],
    isolation: 'shared',
    connections: [],
    records: [],
    rerun,
    startedAtUs: 0,
    durationUs: Math.round(durationMs * 1000),
    findings: [...(by === undefined ? byK6(of) : byScenario(of, by)), ...recorded(of)],
  };
}

function byK6(of: SummaryFile): readonly Finding[] {
  const { thresholds = [] } = of.summary;
  if (thresholds.length === 0) {
    const why = 'this summary tells of no threshold: say with --scenario what shall hold';
    return [found(of, { check: 'thresholds', expected: 'a threshold' }, unheld(why))];
  }
  return thresholds.map(({ metric, expression }) => {
    const about = { check: `${metric} ${expression}`, expected: expression, metric };
    return found(of, about, settled(of, { metric, threshold: expression }));
  });
}

function byScenario(of: SummaryFile, { planned, scheduled }: SummaryJudging): readonly Finding[] {
  const { spec, plan } = planned;
  const counts = summaryCounts(of.summary);
  const partly =
    counts.attempts === scheduled && counts.dropped === 0
      ? undefined
      : `the summary is of ${counts.attempts} of ${scheduled} attempts: of one runner of several, of another script, or of a run that did not send all`;
  return spec.checks.map((check) => {
    const outcome = partly === undefined ? outcomeOf(of, check) : unheld(partly);
    return findingOf({ check, level: plan.levelOf(check) }, outcome, []);
  });
}

// Two bounds are two thresholds of k6: the worst one counts.
function outcomeOf(of: SummaryFile, check: CheckSpec): Settled {
  const { condition } = check;
  if (condition.kind === 'threshold' && condition.statistic.kind === 'percentile') return TIMES;
  const made = translated(check);
  if (typeof made === 'string') return unheld(`${made}: ${ATTEMPTS}`);
  const all = made.map((one) => settled(of, one));
  const worst = (['broken', 'inconclusive', 'held'] as const)
    .map((state) => all.find((one) => one.state === state))
    .find((one) => one !== undefined);
  return worst ?? unheld('k6 has no threshold for it');
}

const ATTEMPTS = 'only what k6 wrote with --out json= tells';
// Those of a scenario begin when an attempt was due; how late k6 was is not in a summary.
const TIMES = unheld(
  `k6 measures from the start of an attempt, not from when it was due: ${ATTEMPTS}`,
);

function settled({ summary }: SummaryFile, { metric, threshold }: K6Threshold): Settled {
  const verdict = summaryVerdict(summary, { metric, expression: threshold });
  if (verdict.kind === 'undecided') return unheld(verdict.why);
  const { values } = verdict;
  const [what = ''] = /^(?:p\([\d.]+\)|\w+)/.exec(threshold.trim()) ?? [];
  const actual = { [metric]: { ...values } };
  const seen = values[what] === undefined ? '' : `: ${what} is ${values[what]}`;
  return verdict.kind === 'held'
    ? { state: 'held', message: `${metric} meets ${threshold}${seen}`, actual, evidence: [] }
    : { state: 'broken', message: `${metric} crosses ${threshold}${seen}`, actual, evidence: [] };
}

function unheld(message: string): Settled {
  return { state: 'inconclusive', reason: 'NOT_IN_SUMMARY', message, actual: {}, evidence: [] };
}

/** What it holds is told whatever it is judged by. */
function recorded(of: SummaryFile): readonly Finding[] {
  return summaryFacts(of.summary).map(({ metric, text, values }) => ({
    check: metric,
    verdict: 'recorded',
    level: 'may',
    message: text,
    expected: 'what k6 counted and measured',
    actual: { ...values },
    span: spanOf(of, metric),
    evidence: [],
  }));
}

interface About {
  readonly check: string;
  readonly expected: string;
  readonly metric?: string;
}

const VERDICTS = { held: 'passed', broken: 'failed', inconclusive: 'inconclusive' } as const;

function found(of: SummaryFile, { check, expected, metric }: About, outcome: Settled): Finding {
  const { state, message, actual } = outcome;
  const verdict = state === 'held' || state === 'broken' ? VERDICTS[state] : VERDICTS.inconclusive;
  return {
    check,
    verdict,
    level: 'must',
    message,
    expected,
    actual,
    ...(verdict === 'failed' ? { deviation: { [check]: 'crossed' } } : {}),
    ...('reason' in outcome ? { reason: outcome.reason } : {}),
    span: spanOf(of, metric),
    evidence: [],
  };
}

/** Where a metric is named first. */
function spanOf({ file, text }: SummaryFile, metric: string | undefined): Finding['span'] {
  const name = JSON.stringify(metric ?? '');
  const at = metric === undefined ? 0 : Math.max(0, text.indexOf(name));
  const before = text.slice(0, at).split('\n');
  return {
    file,
    line: before.length,
    column: (before.at(-1) ?? '').length + 1,
    length: metric === undefined ? 1 : name.length,
  };
}
