// `ws-assay import k6`: what k6 measured becomes a result of ours, judged by the thresholds of the scenario.
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ToolError } from '../../base/errors.ts';
import { seededRandom } from '../../base/random.ts';
import { createRedactor } from '../../base/redact.ts';
import { type K6Script, k6Script } from '../../k6/script.ts';
import { type ScriptTag, tagOfFiles } from '../../k6/script-tag.ts';
import type { JUnitDialect } from '../../report/junit-document.ts';
import type { CaseResult } from '../../result/run-result.ts';
import { redacted } from '../../run/run-load-case.ts';
import { finishImport, makeOut } from '../finish-import.ts';
import { importSummaries, readSummaries } from '../import-summary.ts';
import type { Io } from '../io.ts';
import { judgeK6, type K6Results } from '../judge-k6.ts';
import { type K6SourceOptions, planLoad } from '../k6-source.ts';
import { headOf, newRunId } from '../run-head.ts';

/** Options of the command. */
export interface ImportK6Options extends K6SourceOptions {
  readonly scenario?: string;
  readonly out?: string;
  readonly failOn: 'must' | 'should';
  readonly junitDialect: JUnitDialect;
}

/** Writes the reports and resolves with the exit code. */
export async function importK6Command(
  io: Io,
  given: readonly string[],
  options: ImportK6Options,
): Promise<number> {
  const files = given.map((file) => resolve(io.cwd, file));
  for (const [index, file] of files.entries()) demandFile(file, given[index] ?? file);
  const summaries = readSummaries(files, given);
  if (summaries !== undefined) return importSummaries(io, summaries, options);
  const tag = await tagOfFiles(files);
  const redactor = createRedactor();
  const id = options.scenario ?? tag.id;
  const planned = await planLoad(io, id, { options, redactor, seed: tag.seed, nonce: tag.nonce });
  const script = k6Script(planned.source);
  if (script.tag !== tag.text) throw anotherScript(tag, script);
  const runId = newRunId(io.clock.wallMs(), seededRandom(`${tag.seed}/${io.clock.wallMs()}`));
  const out = makeOut(resolve(io.cwd, options.out ?? join('reports', runId)));
  const about = { planned, script, redactor, files, out, nonce: tag.nonce };
  const imported = await importAll(about);
  const { failOn } = options;
  const head = headOf(io, planned.plan, { runId, seed: tag.seed, failOn, redactor });
  return finishImport(io, { head, cases: [imported], out, junitDialect: options.junitDialect });
}

function demandFile(path: string, shown: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() === true) return;
  // Files are read twice: a pipe has nothing left then.
  const what = found === undefined ? `There is no ${shown}.` : `${shown} is not a file.`;
  throw new ToolError('FILE_UNREADABLE', what, { hint: 'k6 writes it with --out json=FILE.' });
}

function anotherScript(tag: ScriptTag, script: K6Script): ToolError {
  return new ToolError(
    'FILE_INVALID',
    `These results are of ${tag.text}, and the scenario is ${script.tag} now: its phases, endings or variables are others.`,
    {
      hint: 'Take the scenario, the target and the variables (--var) it was exported with, or export it again.',
    },
  );
}

async function importAll(importing: K6Results): Promise<CaseResult> {
  const { planned, redactor } = importing;
  const { plan, spec } = planned;
  const { load, findings, startedMs } = await judgeK6(importing);
  const { id, scenario, file, title, description, axes, tags, isolation } = spec;
  return {
    id,
    scenario,
    file,
    title: redactor.text(title),
    ...(description === undefined ? {} : { description: redactor.text(description) }),
    axes,
    tags,
    isolation,
    connections: [],
    records: [],
    rerun: plan.rerunOf(spec),
    startedAtUs: Math.round(startedMs * 1000),
    durationUs: Math.round(load.durationMs * 1000),
    findings: redactor.json(findings),
    load: redacted(load, redactor),
  };
}
