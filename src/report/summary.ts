// A finished run as text for a terminal or a CI log: failures first and in full, then what asks for
// attention, then counts and one sentence that agrees with the exit code.
import { visible } from '../base/visible.ts';
import type { CaseResult, RunResult } from '../result/run-result.ts';
import type { Conclusion } from './conclusion.ts';
import { conclude } from './conclusion.ts';
import type { Style } from './console-style.ts';
import { styleOf } from './console-style.ts';
import { countOf, formatUs } from './count.ts';
import { actualLines, detailRows } from './detail.ts';
import type { Entry } from './entry.ts';
import { entriesOf, entriesWith } from './entry.ts';
import { groupBy } from './group.ts';
import { loadFacts } from './load-lines.ts';
import { cut } from './payload-text.ts';
import { ranAlone, slowestCases } from './slowest.ts';
import { countStandings, STANDING_WORD, STANDINGS, type Standing, standingOf } from './standing.ts';

/** Renders the summary; it ends with a newline. Without colour it holds no escape sequence. */
export function renderSummary(result: RunResult, { color }: { readonly color: boolean }): string {
  const style = styleOf(color);
  const entries = entriesOf(result);
  const sections = [
    ...result.cases.map((one) => loadText(one, style)),
    ...entriesWith(entries, 'failed').map((entry) => detailText(entry, style)),
    ...entriesWith(entries, 'unlike-baseline').map((entry) => detailText(entry, style)),
    ...entriesWith(entries, 'warned').map((entry) => detailText(entry, style)),
    listText('Unlike the baseline', (result.stale ?? []).map(staleLine), style),
    listText('Errored', undecidedLines(entriesWith(entries, 'errored'), style), style),
    listText('Inconclusive', undecidedLines(entriesWith(entries, 'inconclusive'), style), style),
    listText('Ended early', result.cases.flatMap(endedEarlyLines), style),
    listText('Problems', result.problems.map(problemLine), style),
    listText('Never ran', notRunLines(result.notRun), style),
    listText('Known deviations', knownLines(entriesWith(entries, 'known')), style),
    listText('Skipped', entriesWith(entries, 'skipped').map(skippedLine), style),
    listText('Not applicable', notApplicableLines(entries), style),
    listText('Recorded', entriesWith(entries, 'recorded').map(recordedLine), style),
    listText('Slowest cases', slowestLines(result), style),
    countsText(result, style),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function detailText(entry: Entry, style: Style): string {
  const { finding } = entry;
  const title = finding.title ?? entry.of.title;
  const head = `${style.sign(standingOf(finding))} ${style.bold(visible(entry.id))}: ${visible(title)}`;
  const rows = detailRows(entry).flatMap(({ label, lines }) =>
    lines.map((line, at) => `  ${style.dim((at === 0 ? label : '').padEnd(12))} ${line}`),
  );
  return [head, ...rows].join('\n');
}

function loadText({ id, load }: CaseResult, style: Style): string {
  if (load === undefined) return '';
  const rows = loadFacts(load).map(
    ({ label, text }) => `  ${style.dim(visible(label).padEnd(25))} ${visible(text)}`,
  );
  return [style.bold(`Load ${visible(id)}`), ...rows].join('\n');
}

function listText(title: string, lines: readonly string[], style: Style): string {
  if (lines.length === 0) return '';
  return [style.bold(title), ...lines.map((line) => `  ${line}`)].join('\n');
}

// One cause often keeps many checks from being decided (nobody listens): it is said once.
function undecidedLines(entries: readonly Entry[], style: Style): readonly string[] {
  const byCause = groupBy(entries, ({ finding: { message, reason } }) => `${reason} ${message}`);
  return [...byCause.values()].flatMap((of) =>
    of.length > NAMED ? [causeLine(of, style)] : of.map((entry) => undecidedLine(entry, style)),
  );
}

function causeLine(of: readonly Entry[], style: Style): string {
  const [first] = of;
  if (first === undefined) return '';
  const { verdict, message, reason } = first.finding;
  return `${style.sign(verdict)} ${visible(message)}${causeOf(reason)}: ${namedText(of)}`;
}

function undecidedLine({ id, finding, of }: Entry, style: Style): string {
  const { verdict, message, reason } = finding;
  const head = `${style.sign(verdict)} ${visible(id)}: ${visible(message)}${causeOf(reason)}`;
  return `${head}\n    ${style.dim('rerun')} ${visible(of.rerun)}`;
}

function causeOf(reason: string | undefined): string {
  return reason === undefined ? '' : ` (${visible(reason)})`;
}

function namedText(of: readonly Entry[]): string {
  const ids = of.slice(0, NAMED).map(({ id }) => visible(id));
  const rest = of.length > NAMED ? [`${of.length - NAMED} more`] : [];
  return `${countOf(of.length, 'check')} (${[...ids, ...rest].join(', ')})`;
}

// Such a case has no finding to be listed with, or its findings do not say why.
function endedEarlyLines({ id, targetDied, findings, rerun }: CaseResult): readonly string[] {
  if (targetDied === undefined && findings.length > 0) return [];
  const cause = targetDied === undefined ? 'no finding was made' : `target died: ${targetDied}`;
  return [`${visible(id)}: ${visible(cause)}`, `  rerun ${visible(rerun)}`];
}

function problemLine({ code, message, hint }: RunResult['problems'][number]): string {
  const advice = hint === undefined ? '' : ` ${visible(hint, true).replaceAll('\n', '\n    ')}`;
  return `${visible(code)}: ${visible(message)}${advice}`;
}

function notRunLines(ids: readonly string[]): readonly string[] {
  return capped(ids.map((id) => visible(id)));
}

function staleLine({ check, message }: NonNullable<RunResult['stale']>[number]): string {
  return `${visible(check)}: ${visible(message)}`;
}

// Their evidence stands in the reports; here it is enough to know that they are there, and why.
function knownLines(entries: readonly Entry[]): readonly string[] {
  const byReason = groupBy(entries, ({ finding }) => finding.baseline?.entry.reason ?? '');
  return [...byReason].map(([reason, of]) => `${visible(reason)}: ${namedText(of)}`);
}

function skippedLine({ id, finding }: Entry): string {
  return `${visible(id)}: ${visible(finding.reason ?? finding.message)}`;
}

// A target that lacks one feature has many checks that it does not concern: one line a feature.
function notApplicableLines(entries: readonly Entry[]): readonly string[] {
  const byFeature = groupBy(
    entriesWith(entries, 'not-applicable'),
    ({ finding }) => finding.reason ?? finding.message,
  );
  return [...byFeature].map(([feature, of]) => `${visible(feature)}: ${namedText(of)}`);
}

const NAMED = 3;

function recordedLine({ id, finding }: Entry): string {
  const values = actualLines(finding.actual).map((line) => visible(line));
  const seen = values.length === 0 ? visible(finding.message) : values.join(', ');
  return `${visible(id)}: ${cut(seen, RECORDED_LENGTH)}`;
}

function slowestLines(result: RunResult): readonly string[] {
  const slowest = slowestCases(result).map((of) => ({ of, took: formatUs(of.durationUs) }));
  const width = Math.max(...slowest.map(({ took }) => took.length));
  return slowest.map(
    ({ of, took }) => `${took.padEnd(width)}  ${visible(of.id)}${ranAlone(of) ? ' (alone)' : ''}`,
  );
}

// The whole values stand in the reports.
const RECORDED_LENGTH = 120;

function capped(lines: readonly string[]): readonly string[] {
  if (lines.length <= LISTED) return lines;
  return [...lines.slice(0, LISTED), `… and ${lines.length - LISTED} more`];
}

const LISTED = 20;

function countsText(result: RunResult, style: Style): string {
  const conclusion = conclude(result);
  const numbers = countStandings(result);
  const counts = STANDINGS.filter((standing) => numbers[standing] > 0).map((standing) =>
    style.verdict(standing, `${numbers[standing]} ${STANDING_WORD[standing]}`),
  );
  const decided = `decided ${conclusion.decided} of ${countOf(conclusion.total, 'check')} in ${countOf(result.cases.length, 'case')}`;
  const policy = result.policy.failOn === 'should' ? ' · fail on should' : '';
  const insecure = result.target.insecure ? ' · TLS NOT verified' : '';
  const line = [...counts, decided, formatUs(result.durationMs * 1000)].join(' · ');
  const tone = TONE[conclusion.outcome];
  return `${line}${policy}${insecure}\n${style.verdict(tone, style.bold(visible(conclusion.sentence)))}`;
}

const TONE: Readonly<Record<Conclusion['outcome'], Standing>> = {
  passed: 'passed',
  failed: 'failed',
  invalid: 'errored',
  untested: 'errored',
  inconclusive: 'inconclusive',
  interrupted: 'errored',
  broken: 'errored',
};
