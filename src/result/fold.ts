// Folds the event stream of a run into its result. A run that was killed folds too: what had
// started and not ended, and what never started, is `notRun`.
import { overlayCase, staleEntries } from './overlay.ts';
import type { RunEvent, RunHead } from './run-event.ts';
import type { CaseResult, RunProblem, RunResult } from './run-result.ts';
import { countVerdicts, exitCodeOf } from './summary.ts';

/** Folds events in order; `undefined` when the stream does not begin with `run-started`. */
export function foldRun(events: readonly RunEvent[]): RunResult | undefined {
  const [first] = events;
  if (first?.event !== 'run-started') return undefined;
  // A suspect is run again alone: its last result is the one that counts.
  const byId = new Map(
    events.flatMap((e) => (e.event === 'case-ended' ? [[e.result.id, e.result] as const] : [])),
  );
  const cases = [...byId.values()];
  const problems = events.flatMap((e) => (e.event === 'problem' ? [e.problem] : []));
  const ended = events.find((e) => e.event === 'run-ended');
  const done = new Set(cases.map(({ id }) => id));
  const order = new Map(first.planned.map((id, i) => [id, i]));
  return resultOf(first.head, {
    cases: cases.toSorted((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0)),
    notRun: first.planned.filter((id) => !done.has(id)),
    problems: ended === undefined ? [...problems, UNFINISHED, ...cutLoads(events, done)] : problems,
    interrupted: ended?.interrupted ?? true,
    durationMs: ended?.durationMs ?? lastInstantMs(cases),
  });
}

const UNFINISHED: RunProblem = {
  code: 'RUN_UNFINISHED',
  message: 'The run ended without finishing its journal: it was killed, or the machine stopped.',
};

/** What was seen of loads that never ended. */
function cutLoads(events: readonly RunEvent[], done: ReadonlySet<string>): readonly RunProblem[] {
  const last = new Map(
    events.flatMap((e) => (e.event === 'load-second' ? [[e.id, e.second] as const] : [])),
  );
  return [...last].flatMap(([id, { atMs, total, open }]) => {
    if (done.has(id)) return [];
    const seconds = Math.round(atMs / 1000) + 1;
    const message = `${id} was cut off after ${seconds} s: ${total.offered} attempts offered, ${total.opened} opened, ${open} open then. Its seconds are in the journal.`;
    return [{ code: 'LOAD_CUT', message }];
  });
}

interface Folded {
  readonly cases: readonly CaseResult[];
  readonly notRun: readonly string[];
  readonly problems: readonly RunProblem[];
  readonly interrupted: boolean;
  readonly durationMs: number;
}

function resultOf(head: RunHead, folded: Folded): RunResult {
  const { baseline, startedAt } = head;
  const cases = folded.cases.map((one) => overlayCase(one, baseline, startedAt));
  const judged = { ...folded, cases };
  const stale = baseline === undefined ? undefined : staleEntries(baseline, judged);
  return {
    ...head,
    ...judged,
    ...(stale === undefined ? {} : { stale }),
    counts: countVerdicts(cases.flatMap(({ findings }) => findings)),
    exitCode: exitCodeOf({
      ...judged,
      stale: stale ?? [],
      failOn: head.policy.failOn,
      isPart: head.shard !== undefined,
    }),
  };
}

function lastInstantMs(cases: readonly CaseResult[]): number {
  return Math.max(0, ...cases.map((c) => (c.startedAtUs + c.durationUs) / 1000));
}
