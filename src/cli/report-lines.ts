// Where the reports are, as lines for the terminal.
import { relative } from 'node:path';
import { visible } from '../base/visible.ts';
import type { ReportPaths } from '../report/write.ts';

/** One line a report, paths relative to the working directory where they are below it. */
export function reportLines(cwd: string, paths: ReportPaths): string {
  const rows: readonly (readonly [string, string])[] = [
    ['HTML', paths.html],
    ['JUnit', paths.junit],
    ['JSON', paths.json],
  ];
  return rows.map(([name, path]) => `${name.padEnd(6)} ${visible(shorten(cwd, path))}\n`).join('');
}

function shorten(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
}
