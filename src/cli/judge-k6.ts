// What runners of k6 measured, judged by the thresholds of its scenario.
import { basename, join } from 'node:path';
import type { Redactor } from '../base/redact.ts';
import { createLoadJudge } from '../check/load-judge.ts';
import { readLines } from '../k6/follow.ts';
import { createMerge, type RunnerAccount, UNKNOWN_HEALTH } from '../k6/merge.ts';
import { readPoint } from '../k6/point.ts';
import type { K6Script } from '../k6/script.ts';
import type { LoadResult } from '../result/load-result.ts';
import type { CaseResult } from '../result/run-result.ts';
import { type AttemptLines, createAttemptJournal } from '../run/attempt-journal.ts';
import { createLoadDelivery } from '../run/load-delivery.ts';
import type { PlannedLoad } from './k6-source.ts';

/** What k6 wrote, and of which load. */
export interface K6Results {
  readonly planned: PlannedLoad;
  readonly script: K6Script;
  readonly redactor: Redactor;
  readonly files: readonly string[];
  readonly out: string;
  readonly nonce: string;
}

// Of the backend k6 knows nothing.
const BLIND =
  'k6 does not tell what the backend was told: ws-assay reconcile reads it from the log of the observer';

/** Reads all files, judges every attempt, and writes attempts down for `reconcile`. */
export async function judgeK6(importing: K6Results): Promise<{
  readonly load: LoadResult;
  readonly findings: CaseResult['findings'];
  readonly startedMs: number;
}> {
  const { planned, script, redactor, files, out, nonce } = importing;
  const { spec, plan, source } = planned;
  const { phases, endings } = spec.load;
  const judge = createLoadJudge({
    checks: spec.checks,
    levelOf: plan.levelOf,
    features: plan.features,
    phases,
    clocks: { isPlatform: true, boundMs: undefined },
  });
  const problems: string[] = [];
  const journal = createAttemptJournal(join(out, 'attempts.ndjson'), {
    redactor,
    onFailure: (message) => problems.push(message),
  });
  const delivery = createLoadDelivery({ endings, deadlineMs: WATCH_MS, zero: { us: 0 } });
  let lines: AttemptLines | undefined;
  let startedMs = 0;
  const merge = createMerge(
    { plan: source.plan, phases: script.phases },
    {
      runners: files.length,
      onStart: (zeroMs) => {
        startedMs = zeroMs;
        lines = journal.begin({
          load: spec.id,
          nonce,
          startedAt: new Date(zeroMs).toISOString(),
          phases: phases.map(({ name }) => name),
          endings: endings.map(({ kind }) => kind),
          watchMs: WATCH_MS,
          boundMs: null,
        });
      },
      onAttempts: (batch) => {
        lines?.take(batch);
        delivery.take(batch);
        for (const attempt of batch) {
          judge.take({
            attempt,
            phase: phases[attempt.phase]?.name ?? '',
            ending: endings[attempt.ending]?.kind ?? 'close',
            events: {},
            watchedMs: 0,
            blind: BLIND,
          });
        }
      },
    },
  );
  const accounts: RunnerAccount[] = [];
  for (const [index, file] of files.entries()) {
    let read = 0;
    const onLine = (line: string): boolean => {
      read += 1;
      if (read % FLUSH_LINES === 0) merge.flush(0);
      return take(merge, index, line);
    };
    accounts.push(await readRunner(file, onLine));
  }
  const measured = merge.result(accounts, { endedEarly: undefined });
  delivery.gap({ fromMs: 0, toMs: measured.durationMs, why: BLIND });
  const load = asksForEvents(spec)
    ? { ...measured, delivery: delivery.result(measured.durationMs) }
    : measured;
  journal.close();
  return { load, findings: judge.conclude(load), startedMs };
}

function asksForEvents({ needs, checks }: PlannedLoad['spec']): boolean {
  return [needs, ...checks.map((check) => check.needs)].some((all) => all.includes('observer'));
}

// What an event may take: as in a run.
const WATCH_MS = 10_000;
// So many lines at most are in memory before their attempts are handed on.
const FLUSH_LINES = 20_000;

function take(merge: ReturnType<typeof createMerge>, index: number, line: string): boolean {
  const point = readPoint(line);
  if (typeof point === 'object') merge.take(index, point);
  return point !== 'broken';
}

async function readRunner(file: string, onLine: (line: string) => boolean): Promise<RunnerAccount> {
  let broken = 0;
  let lines = 0;
  const rest = await readLines(file, (line) => {
    lines += 1;
    if (!onLine(line)) broken += 1;
  });
  const cut =
    rest === '' ? [] : ['it ends in the middle of a line: k6 was killed, or is still running'];
  const strange = broken === 0 ? [] : [`${broken} of ${lines} lines are not those of k6`];
  const problem = [...cut, ...strange].join('; ');
  return {
    name: basename(file),
    health: UNKNOWN_HEALTH,
    problem: problem === '' ? undefined : problem,
  };
}
