// Draws the source line under a message, with carets. The only place that does.
import type { SourceSpan } from './source-span.ts';
import { visible } from './visible.ts';

/**
 * The line before, the line itself marked with `>`, carets below it and `fix` beside them.
 * Lines are cut to about 80 columns around the place, marked by …; control characters are made visible.
 */
export function codeFrame(text: string, span: SourceSpan, fix = ''): string {
  const lines = text.split(/\r\n|\r|\n/);
  const gutter = String(span.line).length;
  const cut = Math.max(0, span.column - 60);
  const row = (line: number, mark: string): string =>
    `${mark} ${String(line).padStart(gutter)} | ${clip(lines[line - 1] ?? '', cut)}`.trimEnd();
  const source = lines[span.line - 1] ?? '';
  const lead = clip(source.slice(0, span.column - 1), cut).replaceAll(/[^\t]/g, ' ');
  const room = Math.max(1, Math.min(span.length, source.length - span.column + 1, WIDTH));
  const carets = `  ${' '.repeat(gutter)} | ${lead}${'^'.repeat(room)} ${fix}`.trimEnd();
  const before = span.line > 1 ? [row(span.line - 1, ' ')] : [];
  return [...before, row(span.line, '>'), carets].join('\n');
}

const WIDTH = 80;

function clip(line: string, from: number): string {
  const part = line.slice(from, from + WIDTH);
  const head = from > 0 && part.length > 0 ? `…${part.slice(1)}` : part;
  const whole = line.length > from + WIDTH ? `${head.slice(0, -1)}…` : head;
  return visible(whole.replaceAll('\t', ' '));
}
