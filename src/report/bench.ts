// A benchmark as a table for a terminal. What came from the network is escaped.
import { formatRate } from '../base/rate.ts';
import { visible } from '../base/visible.ts';
import type {
  BenchEndpoint,
  BenchFigure,
  BenchFigureName,
  BenchRatio,
  BenchResult,
  BenchStage,
  BenchSweep,
} from '../result/bench-result.ts';
import { type Style, styleOf } from './console-style.ts';
import { msText, number } from './load-lines.ts';

/** Everything that was measured. */
export function renderBench(
  { endpoints, ratios, interrupted }: BenchResult,
  { color }: { readonly color: boolean },
): string {
  const style = styleOf(color);
  const parts = [
    ...endpoints.map((endpoint) => endpointText(endpoint, style)),
    ...(ratios.length === 0 ? [] : [ratiosText(ratios, endpoints, style)]),
    ...(interrupted ? ['Interrupted: what was measured until then.'] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

const LABELS: Readonly<Record<BenchFigureName, string>> = {
  tcp: 'TCP connect',
  tls: 'TLS handshake',
  upgrade: 'upgrade',
  open: 'connect (TCP to 101)',
  close: 'connect + close',
  message: 'connect + first message',
};

function endpointText(endpoint: BenchEndpoint, style: Style): string {
  const { url, address, insecure, figures, message, sweep, problem } = endpoint;
  const head = `${style.bold(visible(url))} ${style.dim(`at ${visible(address)}`)}`;
  const rows = [
    ['', 'n', 'mean', '±', 'p50', 'p99', 'p99.9', 'max', 'failed'],
    ...figures.map(figureRow),
  ];
  const lines = [
    insecure ? `${head}\n  its certificate was not verified (--insecure)` : head,
    ...aligned(rows, style),
    `  ${style.dim(`first message: ${visible(message)}`)}`,
    ...(problem === undefined ? [] : [`  no connection went well: ${visible(problem)}`]),
    ...(sweep === undefined ? [] : sweepLines(sweep, style)),
  ];
  return lines.join('\n');
}

function figureRow({ name, times, failed }: BenchFigure): readonly string[] {
  const failures = Object.entries(failed).map(([kind, count]) => `${number(count)} ${kind}`);
  const wrong = failures.length === 0 ? '–' : failures.join(', ');
  if (times === undefined) return [LABELS[name], '0', '–', '–', '–', '–', '–', '–', visible(wrong)];
  const { count, meanMs, marginMs, p50Ms, p99Ms, p999Ms, maxMs } = times;
  return [
    LABELS[name],
    number(count),
    msText(meanMs),
    timeOr(marginMs),
    msText(p50Ms),
    timeOr(p99Ms),
    timeOr(p999Ms),
    msText(maxMs),
    visible(wrong),
  ];
}

function timeOr(ms: number | undefined): string {
  return ms === undefined ? '–' : msText(ms);
}

// The first column and the last one begin at the left, numbers end at the right.
function aligned(rows: readonly (readonly string[])[], style: Style): readonly string[] {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row, line) => {
    const cells = row.map((cell, at) => {
      if (at === columns - 1) return cell;
      return at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
    });
    const text = `  ${cells.join('  ')}`.trimEnd();
    return line === 0 ? style.dim(text) : text;
  });
}

function ratiosText(
  ratios: readonly BenchRatio[],
  [first, second]: readonly BenchEndpoint[],
  style: Style,
): string {
  const rows = [
    ['', 'pairs', 'ratio', '99% interval', ''],
    ...ratios.map(({ name, pairs, ratio, low, high, verdict }) => [
      LABELS[name],
      number(pairs),
      factor(ratio),
      low === undefined || high === undefined ? '–' : `${factor(low)} to ${factor(high)}`,
      verdict,
    ]),
  ];
  const head = `${style.bold(visible(second?.url ?? ''))} against ${style.bold(visible(first?.url ?? ''))}`;
  return [head, ...aligned(rows, style)].join('\n');
}

function factor(ratio: number): string {
  return `× ${ratio >= 100 ? ratio.toFixed(0) : ratio.toFixed(2)}`;
}

function sweepLines(sweep: BenchSweep, style: Style): readonly string[] {
  const { p99LimitMs, stages, because } = sweep;
  const rows = [
    ['rate', 'opened', 'due to open p50', 'p99', 'start to open p99', 'lateness p99', ''],
    ...stages.map(stageRow),
  ];
  return [
    `  ${style.bold('rates')}, until the p99 from due to open is above ${msText(p99LimitMs)}`,
    ...aligned(rows, style),
    `  ${style.bold(visible(because))}`,
  ];
}

// What the other columns do not show. The last line says it in full.
const SHORT: Readonly<Partial<Record<BenchStage['verdict'], string>>> = {
  kept: 'kept',
  late: 'late',
  generator: 'the generator was the bottleneck',
};

function stageRow(stage: BenchStage): readonly string[] {
  const { ratePerS, attempts, opened, intended, actual, latenessP99Ms, verdict, because } = stage;
  return [
    formatRate(ratePerS),
    opened === attempts ? number(opened) : `${number(opened)} of ${number(attempts)}`,
    timeOr(intended?.p50Ms),
    timeOr(intended?.p99Ms),
    timeOr(actual?.p99Ms),
    timeOr(latenessP99Ms),
    SHORT[verdict] ?? visible(because),
  ];
}

/** Where nothing at all could be measured: one sentence an endpoint. */
export function renderUnreached(endpoints: readonly BenchEndpoint[]): string {
  return endpoints
    .filter(isUnreached)
    .map(
      ({ url, problem = 'no attempt came to an end' }) =>
        `ws-assay: ${visible(url)} could not be measured: ${visible(problem)}.\n`,
    )
    .join('');
}

/** Nothing was timed, not even TCP. */
export function isUnreached({ figures }: BenchEndpoint): boolean {
  return figures.every(({ times: measured }) => measured === undefined);
}
