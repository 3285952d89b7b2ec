// What GitHub Actions is told by files that it names (docs.github.com, "Workflow commands for GitHub Actions").
import { appendFileSync, existsSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { visible } from '../base/visible.ts';
import { conclude } from '../report/conclusion.ts';
import { renderMarkdown } from '../report/markdown.ts';
import type { ReportPaths } from '../report/write.ts';
import type { RunResult } from '../result/run-result.ts';
import type { Io } from './io.ts';

/** The summary of the run on the page of the job. */
export function toStepSummary(io: Io, result: RunResult): void {
  append(io, 'GITHUB_STEP_SUMMARY', () => renderMarkdown(result));
}

/** What later steps may ask for: `verdict`, `decided`, `failed`, `warned`, `errored` and the paths of the reports. */
export function toStepOutputs(io: Io, result: RunResult, paths: ReportPaths): void {
  const { outcome, decided } = conclude(result);
  const { failed, warned, errored } = result.counts;
  const outputs = {
    verdict: outcome,
    decided,
    failed,
    warned,
    errored,
    report: paths.html,
    junit: paths.junit,
    result: paths.json,
  };
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${oneLine(value)}\n`);
  append(io, 'GITHUB_OUTPUT', () => lines.join(''));
}

/** The path of a file from the root of the repository; undefined where it is not in it. */
export function pathInRepository(io: Io, file: string): string | undefined {
  const path = resolve(io.cwd, file);
  const from = relative(io.env['GITHUB_WORKSPACE'] ?? io.cwd, path);
  const isInside = !from.startsWith('..') && !isAbsolute(from) && !from.includes('node_modules');
  return isInside && existsSync(path) ? from.replaceAll('\\', '/') : undefined;
}

// A line break in it would be another output.
function oneLine(value: string | number): string {
  return String(value).replaceAll(/[\r\n]/g, ' ');
}

function append(io: Io, name: string, make: () => string): void {
  const path = io.env[name];
  if (path === undefined || path === '') return;
  try {
    appendFileSync(path, make());
  } catch (thrown) {
    io.stderr(`ws-assay: cannot write ${name}: ${visible(messageOf(thrown))}\n`);
  }
}
