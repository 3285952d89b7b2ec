// A run as a short Markdown summary for `$GITHUB_STEP_SUMMARY`. GitHub renders inline HTML and
// mentions, so everything from outside is code or escaped.
import { formatPlace } from '../base/source-span.ts';
import { visible } from '../base/visible.ts';
import type { Finding } from '../result/finding.ts';
import type { CaseResult, RunResult } from '../result/run-result.ts';
import { conclude } from './conclusion.ts';
import { countOf, formatUs } from './count.ts';
import type { Entry } from './entry.ts';
import { entriesOf, entriesWith } from './entry.ts';
import { loadFacts } from './load-lines.ts';
import { cut } from './payload-text.ts';
import { countStandings, STANDING_SIGN, STANDING_WORD, STANDINGS } from './standing.ts';

/** Renders the summary; a few kilobytes, whatever the size of the run. */
export function renderMarkdown(result: RunResult): string {
  const entries = entriesOf(result);
  const sections = [
    headText(result),
    countsTable(result),
    ...result.cases.map(loadTable),
    findingsTable('Failed', entriesWith(entries, 'failed')),
    findingsTable('Unlike the baseline', entriesWith(entries, 'unlike-baseline')),
    staleList(result),
    findingsTable('Warnings', entriesWith(entries, 'warned')),
    findingsTable('Errored', entriesWith(entries, 'errored')),
    findingsTable('Inconclusive', entriesWith(entries, 'inconclusive')),
    knownTable(entriesWith(entries, 'known')),
    problemList(result),
    notRunText(result.notRun),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

// GitHub refuses a step summary beyond 1 MiB; nobody reads beyond a screen.
const LISTED = 25;
const CELL_LENGTH = 200;

function headText(result: RunResult): string {
  const { suite, target, tool, seed, durationMs, shard, merged } = result;
  const { outcome, sentence } = conclude(result);
  const mark = outcome === 'passed' ? '✅' : outcome === 'failed' ? '❌' : '⚠️';
  const facts = [
    `${tool.name} ${tool.version}`,
    ...(suite === undefined ? [] : [`suite ${code(suite.name)}`]),
    `target ${code(target.name)}`,
    ...(shard === undefined ? [] : [`part ${shard.index} of ${shard.of}`]),
    ...(merged === undefined ? [] : [`${merged.length} parts`]),
    formatUs(durationMs * 1000),
    `seed ${code(seed)}`,
    ...(target.route ?? []).map(escape),
    ...(target.insecure ? ['**TLS certificates were not verified**'] : []),
  ];
  return `### ${mark} ${escape(sentence)}\n\n${facts.join(' · ')}`;
}

function countsTable(result: RunResult): string {
  const counts = countStandings(result);
  const seen = STANDINGS.filter((standing) => counts[standing] > 0);
  if (seen.length === 0) return '';
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    row(seen.map((one) => `${STANDING_SIGN[one]} ${STANDING_WORD[one]}`)),
    row(seen.map(() => '--:')),
    row(seen.map((one) => String(counts[one]))),
  ].join('\n');
}

function loadTable({ id, load }: CaseResult): string {
  if (load === undefined) return '';
  const rows = loadFacts(load).map(({ label, text }) => `| ${escape(label)} | ${escape(text)} |`);
  return [`#### Load ${code(id)}`, '', '| | |', '|---|---|', ...rows].join('\n');
}

function findingsTable(title: string, entries: readonly Entry[]): string {
  if (entries.length === 0) return '';
  const rows = entries
    .slice(0, LISTED)
    .map(
      ({ id, finding, of }) =>
        `| ${code(id)}<br>${code(formatPlace(finding.span))} | ${escape(finding.expected)} | ${escape(seenIn(finding))} | ${code(of.rerun)} |`,
    );
  const head = ['| check | expected | actual | rerun |', '| --- | --- | --- | --- |'];
  return [`#### ${title}`, '', ...head, ...rows, ...more(entries.length)].join('\n');
}

function seenIn({ message, baseline }: Finding): string {
  return baseline === undefined ? message : `${message}; ${baseline.message}`;
}

function staleList({ stale = [] }: RunResult): string {
  if (stale.length === 0) return '';
  const lines = stale
    .slice(0, LISTED)
    .map(({ check, message }) => `- ${code(check)}: ${escape(message)}`);
  return [
    '#### Entries of the baseline that nothing answers to',
    '',
    ...lines,
    ...more(stale.length),
  ].join('\n');
}

function knownTable(entries: readonly Entry[]): string {
  if (entries.length === 0) return '';
  const rows = entries.slice(0, LISTED).map(({ id, finding: { baseline } }) => {
    const { reason = '', expires = '' } = baseline?.entry ?? {};
    return `| ${code(id)} | ${escape(reason)} | ${escape(expires)} |`;
  });
  const head = ['| check | reason | until |', '| --- | --- | --- |'];
  return ['#### Known deviations', '', ...head, ...rows, ...more(entries.length)].join('\n');
}

function problemList({ problems }: RunResult): string {
  if (problems.length === 0) return '';
  const lines = problems
    .slice(0, LISTED)
    .map(
      ({ code: id, message, hint }) =>
        `- ${code(id)}: ${escape(message)}${hint === undefined ? '' : ` ${escape(hint)}`}`,
    );
  return ['#### Problems', '', ...lines, ...more(problems.length)].join('\n');
}

function notRunText(ids: readonly string[]): string {
  if (ids.length === 0) return '';
  const named = ids.slice(0, LISTED).map(code).join(', ');
  return [`#### ${countOf(ids.length, 'case')} never ran`, '', named, ...more(ids.length)].join(
    '\n',
  );
}

function more(count: number): readonly string[] {
  return count > LISTED ? ['', `… and ${count - LISTED} more in the report.`] : [];
}

/** As a code span within a table cell: `<code>`, since a span of backticks cannot hold `|` there. */
function code(text: string): string {
  return `<code>${escape(text)}</code>`;
}

// What has a meaning in GitHub's Markdown or in HTML, as an entity. Only that: the summary is also read
// as it is written. Text from outside never begins a line, so what means something there alone stays.
function escape(text: string): string {
  const short = text.length > CELL_LENGTH ? `${cut(text, CELL_LENGTH)}…` : text;
  return visible(short).replaceAll(MARKUP, (char) => `&#${char.charCodeAt(0)};`);
}

// Underscores within a word emphasise nothing; `#1` is an issue; colons make addresses (`http://`,
// `mailto:`) and emoji (`:x:`); `www.` is an address without one.
const MARKUP =
  /[\\`*[\]<>|&~@$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|#(?=\d)|:(?=[^\s:]*:)|:(?=\/\/)|(?<=mailto|xmpp):|(?<=www)\./giu;
