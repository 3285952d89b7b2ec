// A launched target that hangs has not died, and answers nobody any more: whoever comes next would
// fail for it. It is ended, and from there on it is a death like any other.
import type { EvidenceRecord } from '../result/evidence.ts';
import type { CaseResult } from '../result/run-result.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { knock } from './knock.ts';
import { type CasesRun, rolesOfCase } from './run-cases-one.ts';
import type { Station } from './station.ts';

// One that is merely busy answers by then; the answer to a plain connection waits for nothing.
const KNOCK_MS = 5000;

/** Ends the target if it left this case without an answer and now leaves a plain connection so, too. */
export async function endHung(
  run: CasesRun,
  spec: CaseSpec,
  { records }: Pick<CaseResult, 'records'>,
): Promise<void> {
  const { station, signal } = run;
  if (!station.isLaunched || signal.aborted || station.death() !== undefined) return;
  if (records.some(isAnswer)) answered.add(station);
  // Of one that has never answered its silence is no news.
  if (!answered.has(station) || !records.some(isTimeout)) return;
  const knocks = [...new Set(rolesOfCase(spec))].map((role) =>
    knock(run, role, { as: `hang/${spec.id}`, withinMs: KNOCK_MS, sign: isSign }),
  );
  if (knocks.length === 0 || (await Promise.all(knocks)).includes(true)) return;
  if (signal.aborted || station.death() !== undefined) return;
  await station.giveUp(`it hung: nothing was answered for ${KNOCK_MS / 1000} s, and it was ended`);
}

const answered = new WeakSet<Station>();

function isAnswer({ kind }: EvidenceRecord): boolean {
  return kind === 'response';
}

function isTimeout(record: EvidenceRecord): boolean {
  return record.kind === 'failure' && record.outcome === 'timeout';
}

function isSign({ kind }: EvidenceRecord): boolean {
  return kind === 'firstByte' || kind === 'invocation';
}
