// The only file here that touches the disk. A report appears whole or not at all.
import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, systemCodeOf, ToolError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import type { RunResult } from '../result/run-result.ts';
import { renderHtml } from './html.tsx';
import { renderJson } from './json.ts';
import { renderJUnit } from './junit.ts';
import type { JUnitDialect } from './junit-document.ts';
import { renderMarkdown } from './markdown.ts';

/** Where the reports of a run are. */
export interface ReportPaths {
  readonly json: string;
  readonly junit: string;
  readonly html: string;
  readonly markdown: string;
}

/**
 * Writes `result.json`, `junit.xml`, `report.html` and `summary.md` into `directory`, which is made
 * if need be. JSON comes first: the others can be made again from it.
 *
 * @throws {ToolError} REPORT_NOT_WRITABLE
 */
export async function writeReports(
  result: RunResult,
  directory: string,
  { junitDialect = 'ci' }: { readonly junitDialect?: JUnitDialect | undefined } = {},
): Promise<ReportPaths> {
  const paths: ReportPaths = {
    json: join(directory, 'result.json'),
    junit: join(directory, 'junit.xml'),
    html: join(directory, 'report.html'),
    markdown: join(directory, 'summary.md'),
  };
  await guarded(directory, async () => makeFolder(resolve(directory)));
  await writeWhole(paths.json, renderJson(result));
  await writeWhole(
    paths.junit,
    renderJUnit(result, { dialect: junitDialect, attachments: [paths.html] }),
  );
  await writeWhole(paths.html, renderHtml(result));
  await writeWhole(paths.markdown, renderMarkdown(result));
  return paths;
}

// `wx` neither follows nor overwrites what stands at the temporary name; renaming replaces a link
// at the final name instead of writing through it.
async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await guarded(path, async () => {
    try {
      await writeFile(temporary, text, { flag: 'wx' });
      await rename(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
  });
}

async function guarded(path: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    throw new ToolError('REPORT_NOT_WRITABLE', `Cannot write ${path}: ${reasonOf(thrown)}.`, {
      hint: 'Choose a directory that can be written, with --out <directory>.',
      cause: thrown,
    });
  }
}

function reasonOf(thrown: unknown): string {
  return systemCodeOf(thrown) ?? messageOf(thrown);
}
