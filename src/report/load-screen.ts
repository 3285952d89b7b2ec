// A load while it runs: on a terminal a few lines that are written anew each second, elsewhere one line
// every few seconds.
import { visible } from '../base/visible.ts';
import type { LoadProgress } from '../result/run-event.ts';
import type { ConsoleOptions } from './console.ts';
import { msText, number } from './load-lines.ts';

/** The place on the screen of a load that runs. */
export interface LoadScreen {
  draw(id: string, second: LoadProgress): void;
  /** Takes it away. */
  clear(): void;
}

/** Makes the screen of one run. */
export function createLoadScreen({ write, isTTY, columns }: ConsoleOptions): LoadScreen {
  const room = Math.max(20, columns ?? 80) - 1;
  let drawn = 0;
  // Up to its first line, and blank from there on: only a terminal is asked for that.
  const away = (): string => (drawn > 0 ? `\u001B[${drawn}A\u001B[J` : '');
  return {
    clear: () => {
      if (drawn > 0) write(away());
      drawn = 0;
    },
    draw: (id, second) => {
      if (!isTTY) {
        if (Math.round(second.atMs / 1000) % EVERY_S === 0) write(`${lineOf(id, second)}\n`);
        return;
      }
      const lines = screenOf(id, second).map((line) => cut(line, room));
      // At once, or it flickers.
      write(`${away()}${lines.join('\n')}\n`);
      drawn = lines.length;
    },
  };
}

const EVERY_S = 5;

/** The lines of the screen. */
function screenOf(id: string, second: LoadProgress): readonly string[] {
  const { atMs, phase, offered, opened, open, total, told } = second;
  return [
    `${visible(id)} · ${visible(phase)} · ${secondsOf(atMs)} s`,
    `  offered    ${perSecond(offered)}   in all ${number(total.offered)}`,
    `  opened     ${perSecond(opened)}   in all ${number(total.opened)}`,
    `  not opened ${outcomesOf(total, 'none')}`,
    `  open now   ${number(open)}`,
    `  due→open   p50 ${timeOf(second.p50Ms)} · p99 ${timeOf(second.p99Ms)} · lateness p99 ${timeOf(second.latenessP99Ms)}`,
    ...(told === undefined
      ? []
      : [`  told       ${number(told.delivered)} of ${number(told.ended)} that ended`]),
  ];
}

/** The same in one line. */
function lineOf(id: string, second: LoadProgress): string {
  const { atMs, phase, offered, opened, open, total, told } = second;
  const parts = [
    `${visible(id)} ${visible(phase)} ${secondsOf(atMs)} s`,
    `offered ${perSecond(offered)}`,
    `opened ${perSecond(opened)}`,
    outcomesOf(total, 'none refused'),
    `open ${number(open)}`,
    `p50 ${timeOf(second.p50Ms)}`,
    `p99 ${timeOf(second.p99Ms)}`,
    `lateness ${timeOf(second.latenessP99Ms)}`,
    ...(told === undefined ? [] : [`told ${number(told.delivered)}/${number(told.ended)}`]),
  ];
  return parts.join(' · ');
}

function secondsOf(atMs: number): number {
  return Math.round(atMs / 1000) + 1;
}

function perSecond(count: number): string {
  return `${number(count)}/s`;
}

function outcomesOf(
  { refused, failed, timedOut, unsent }: LoadProgress['total'],
  none: string,
): string {
  const failures = Object.values(failed).reduce((sum, one) => sum + one, 0) + timedOut;
  const parts = [
    ...Object.entries(refused).map(([status, count]) => `${number(count)} × ${status}`),
    ...(failures === 0 ? [] : [`${number(failures)} failed`]),
    ...(unsent === 0 ? [] : [`${number(unsent)} never sent`]),
  ];
  return parts.length === 0 ? none : parts.join(', ');
}

function timeOf(ms: number | undefined): string {
  return ms === undefined ? '–' : msText(ms);
}

function cut(line: string, room: number): string {
  return line.length <= room ? line : `${line.slice(0, room - 1)}…`;
}
