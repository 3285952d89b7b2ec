// A run on a terminal or in a CI log while it goes on: a line a case, and on a terminal one more
// that is rewritten. What is left at the end is renderSummary's.
import { visible } from '../base/visible.ts';
import type { Finding } from '../result/finding.ts';
import type { RunEvent, RunHead } from '../result/run-event.ts';
import type { CaseResult } from '../result/run-result.ts';
import { failsRun } from '../result/summary.ts';
import type { Style } from './console-style.ts';
import { styleOf } from './console-style.ts';
import { countOf, formatUs } from './count.ts';
import { createLoadScreen } from './load-screen.ts';
import { STANDING_WORD, STANDINGS, type Standing, standingOf, worstOf } from './standing.ts';
import { suiteName } from './suite-name.ts';

/** Where and how progress is written. */
export interface ConsoleOptions {
  readonly write: (text: string) => void;
  /** A line can be rewritten. Without it: plain lines only. */
  readonly isTTY: boolean;
  /** Escape sequences for colour; nothing else ever uses one. */
  readonly color: boolean;
  /** Width of the terminal. @default 80 */
  readonly columns?: number | undefined;
}

/** Hears the events of a run. */
export interface ConsoleListener {
  onEvent(event: RunEvent): void;
}

/** Makes a listener for one run. */
export function createConsoleListener(options: ConsoleOptions): ConsoleListener {
  const style = styleOf(options.color);
  const line = progressLine(options);
  const screen = createLoadScreen(options);
  const running = new Set<string>();
  let planned = 0;
  let ended = 0;
  let failed = 0;
  const say = (text: string): void => {
    line.clear();
    screen.clear();
    options.write(`${text}\n`);
  };
  const progress = (): void => {
    const [first] = running;
    const others = running.size > 1 ? ` and ${running.size - 1} more` : '';
    const failures = failed === 0 ? '' : `${countOf(failed, 'failure')} · `;
    if (first !== undefined)
      line.draw(`${ended}/${planned} · ${failures}${visible(first)}${others}`);
  };
  const onEvent = (event: RunEvent): void => {
    switch (event.event) {
      case 'run-started':
        planned = event.planned.length;
        say(headText(event.head, planned, style));
        break;
      case 'case-started':
        running.add(event.id);
        break;
      case 'load-second':
        line.clear();
        screen.draw(event.id, event.second);
        return;
      case 'case-ended':
        running.delete(event.result.id);
        ended += 1;
        failed += event.result.findings.filter((one) => failsRun(one, 'must')).length;
        if (!wasKeptBack(event.result)) say(caseText(event.result, style));
        break;
      case 'problem':
        say(problemText(event.problem, style));
        break;
      case 'run-ended':
        running.clear();
        line.clear();
        screen.clear();
        if (event.interrupted) say('Interrupted: what is known so far follows.');
        return;
    }
    progress();
  };
  return { onEvent };
}

// Its problem has been said, once for all the cases that it keeps from being driven.
function wasKeptBack({ findings, records, load }: CaseResult): boolean {
  return (
    load === undefined &&
    records.length === 0 &&
    findings.every(({ verdict }) => verdict === 'errored')
  );
}

interface ProgressLine {
  draw(text: string): void;
  clear(): void;
}

// Carriage return and blanks, not an escape sequence: this works with colour off, too.
function progressLine({ write, isTTY, columns }: ConsoleOptions): ProgressLine {
  if (!isTTY) return { draw: () => undefined, clear: () => undefined };
  const room = Math.max(20, columns ?? 80) - 1;
  let drawn = 0;
  const draw = (text: string): void => {
    const fitted = fit(text, room);
    const width = widthOf(fitted);
    write(`\r${fitted}${' '.repeat(Math.max(0, drawn - width))}`);
    drawn = Math.max(drawn, width);
  };
  const clear = (): void => {
    if (drawn > 0) write(`\r${' '.repeat(drawn)}\r`);
    drawn = 0;
  };
  return { draw, clear };
}

// A line that is too long would wrap and could not be rewritten: count what may be wide as two.
function fit(text: string, room: number): string {
  if (widthOf(text) <= room) return text;
  let width = 1;
  let kept = '';
  for (const char of text) {
    width += widthOf(char);
    if (width > room) break;
    kept += char;
  }
  return `${kept}…`;
}

function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += (char.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2;
  return width;
}

function headText(head: RunHead, planned: number, style: Style): string {
  const { tool, suite, target, seed } = head;
  const named = suite === undefined ? [] : [`suite ${suiteName(suite)}`];
  const parts = [
    `${tool.name} ${tool.version}`,
    ...named,
    `target ${target.name}`,
    countOf(planned, 'case'),
    ...shardText(head),
    `seed ${seed}`,
  ];
  const route = (target.route ?? []).map((fact) => `\n${visible(fact)}`).join('');
  const insecure = target.insecure ? `\n${style.verdict('warned', INSECURE)}` : '';
  return `${style.bold(visible(parts.join(' · ')))}${route}${insecure}`;
}

/** `part 2 of 4`, where it is one. */
function shardText({ shard }: RunHead): readonly string[] {
  return shard === undefined ? [] : [`part ${shard.index} of ${shard.of}`];
}

const INSECURE = '▲ TLS certificates are NOT verified (--insecure).';

function caseText(result: CaseResult, style: Style): string {
  const worst = worstOf(result.findings.map(standingOf)) ?? 'errored';
  const summary = `${countsText(result.findings)}, ${formatUs(result.durationUs)}`;
  const died =
    result.targetDied === undefined ? '' : `\n  target died: ${visible(result.targetDied)}`;
  const told = result.findings.filter((finding) => TOLD.has(standingOf(finding)));
  const lines = told.map(
    (finding) =>
      `\n  ${style.sign(standingOf(finding))} ${visible(finding.check)}: ${visible(toldOf(finding))}`,
  );
  return `${style.sign(worst)} ${visible(result.id)} ${style.dim(summary)}${died}${lines.join('')}`;
}

const TOLD: ReadonlySet<Standing> = new Set(['failed', 'unlike-baseline', 'errored']);

function toldOf({ message, baseline }: Finding): string {
  return baseline?.message ?? message;
}

function countsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'no findings';
  return STANDINGS.map(
    (standing) =>
      [standing, findings.filter((one) => standingOf(one) === standing).length] as const,
  )
    .filter(([, count]) => count > 0)
    .map(([standing, count]) => `${count} ${STANDING_WORD[standing]}`)
    .join(', ');
}

function problemText(
  { code, message, hint }: Extract<RunEvent, { event: 'problem' }>['problem'],
  style: Style,
): string {
  const advice = hint === undefined ? '' : `\n  ${visible(hint, true).replaceAll('\n', '\n  ')}`;
  return `${style.sign('errored')} ${visible(code)}: ${visible(message)}${advice}`;
}
