// A run as annotations of GitHub Actions: workflow commands on stdout, which GitHub shows at the lines of the scenario
// (docs.github.com, "Workflow commands for GitHub Actions").
import type { SourceSpan } from '../base/source-span.ts';
import { visible } from '../base/visible.ts';
import type { RunResult } from '../result/run-result.ts';
import { failsRun } from '../result/summary.ts';
import { conclude } from './conclusion.ts';
import { type Entry, entriesOf } from './entry.ts';

// "10 warning annotations and 10 error annotations per step"
const MOST = 10;

interface Annotation {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly text: string;
  readonly span?: SourceSpan;
}

/**
 * One line for each failure and each warning, ten of either at most, and how many there are besides.
 *
 * @param placeOf the path of a file from the root of the repository; undefined: it is not in it
 */
export function renderAnnotations(
  result: RunResult,
  placeOf: (file: string) => string | undefined,
): string {
  const all = [
    ...problems(result),
    ...stale(result),
    ...entriesOf(result).flatMap(annotated(result)),
  ];
  const lines = (['error', 'warning'] as const).flatMap((level) => {
    const own = all.filter((one) => one.level === level);
    const shown = own.slice(0, MOST).map((one) => command(one, placeOf));
    const rest = own.length - shown.length;
    return rest === 0 ? shown : [...shown, `${rest} more of level ${level} are in the report.`];
  });
  return [...lines, `::notice title=ws-assay::${data(conclude(result).sentence)}`, ''].join('\n');
}

function problems({ problems: all }: RunResult): readonly Annotation[] {
  return all.map(({ code, message, hint }) => ({
    level: 'error',
    title: code,
    text: hint === undefined ? message : `${message}\n${hint}`,
  }));
}

function stale({ stale: entries = [] }: RunResult): readonly Annotation[] {
  return entries.map(({ check, message, entry: { span } }) => ({
    level: 'error',
    title: check,
    text: message,
    span,
  }));
}

function annotated({ policy }: RunResult) {
  return ({ id, of, finding, requirement }: Entry): readonly Annotation[] => {
    const level = levelOf(finding, policy.failOn);
    if (level === undefined) return [];
    const lines = [
      finding.message,
      ...(finding.baseline === undefined ? [] : [finding.baseline.message]),
      ...(requirement === undefined ? [] : [`${finding.requirement}: ${requirement.statement}`]),
      `expected: ${finding.expected}`,
      `rerun: ${of.rerun}`,
    ];
    return [{ level, title: id, text: lines.join('\n'), span: finding.span }];
  };
}

function levelOf(
  finding: Entry['finding'],
  failOn: RunResult['policy']['failOn'],
): Annotation['level'] | undefined {
  if (failsRun(finding, failOn) || finding.verdict === 'errored') return 'error';
  const isKnown = finding.baseline !== undefined;
  const isDoubtful = finding.verdict === 'warned' || finding.verdict === 'inconclusive';
  return isDoubtful && !isKnown ? 'warning' : undefined;
}

function command(
  { level, title, text, span }: Annotation,
  placeOf: (file: string) => string | undefined,
): string {
  const file = span && placeOf(span.file);
  const place =
    span === undefined || file === undefined
      ? []
      : [`file=${property(file)}`, `line=${span.line}`, `col=${span.column}`];
  return `::${level} ${[...place, `title=${property(title)}`].join(',')}::${data(text)}`;
}

// As @actions/core escapes them; a server decides what stands in here.
function data(text: string): string {
  return visible(text, true).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
