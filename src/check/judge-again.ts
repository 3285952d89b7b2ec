// Judges a saved case again: from its records and from what each judge was shown of them, as it was decided in the
// run. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { Evidence } from '../result/evidence.ts';
import type { Finding } from '../result/finding.ts';
import type { Judging, Look } from '../result/judging.ts';
import type { CaseResult } from '../result/run-result.ts';
import type { CheckSpec, Level } from '../scenario/model.ts';
import { judgeCheck } from './judge.ts';

/** A case as its result keeps it. */
export type SavedCase = Pick<CaseResult, 'connections' | 'records'> & { readonly judging: Judging };

/** The checks of the case, and what their levels and applicability rest on. */
export interface AskedAgain {
  readonly checks: readonly CheckSpec[];
  readonly levelOf: (check: CheckSpec) => Level;
  /** Of the target. */
  readonly features: ReadonlySet<string>;
}

/** Findings by check. What no look decided is not there. */
export function judgeAgain(
  saved: SavedCase,
  { checks, levelOf, features }: AskedAgain,
): ReadonlyMap<string, Finding> {
  const { looks, settleMs } = saved.judging;
  const findings = new Map<string, Finding>();
  const judge = (look: Look, id: string): Finding | undefined => {
    const check = checks.find((one) => one.id === id);
    if (check === undefined) return undefined;
    const evidence = evidenceAt(saved, look);
    const nowUs = look.atUs ?? Number.POSITIVE_INFINITY;
    const level = levelOf(check);
    const judgement = judgeCheck({ check, level, evidence, nowUs, settleMs, features });
    return judgement.decided ? judgement.finding : undefined;
  };
  for (const look of looks) {
    for (const id of look.decided) {
      const finding = judge(look, id);
      if (finding !== undefined && !findings.has(id)) findings.set(id, finding);
    }
    for (const id of look.retold ?? []) {
      const [before, again] = [findings.get(id), judge(look, id)];
      if (before === undefined || again?.verdict !== before.verdict) continue;
      findings.set(id, { ...before, message: again.message });
    }
  }
  return findings;
}

/**
 * What a finding says that the whole of the evidence does not: `undefined` where a judge who is shown all of it,
 * and told that nothing more will come, concludes the same.
 */
export function unlikeTheWhole(
  saved: SavedCase,
  { checks, levelOf, features }: AskedAgain,
  finding: Finding,
): string | undefined {
  const check = checks.find(({ id }) => id === finding.check);
  if (check === undefined) return `the scenario has no check ${finding.check}`;
  const last = saved.judging.looks.at(-1) ?? { records: 0, decided: [] };
  const evidence = evidenceAt(saved, { ...last, records: saved.records.length });
  const level = levelOf(check);
  const { settleMs } = saved.judging;
  const judgement = judgeCheck({ check, level, evidence, nowUs: Infinity, settleMs, features });
  if (!judgement.decided) return 'all of its evidence decides nothing';
  const { verdict, message } = judgement.finding;
  return isDeepStrictEqual(verdict, finding.verdict) ? undefined : `${verdict}: ${message}`;
}

function evidenceAt({ connections, records, judging }: SavedCase, look: Look): Evidence {
  const { stepsEndedAtUs, isPlatform, shortHold } = judging;
  const { clockBoundUs, clockTickUs, unrecognised } = look;
  return {
    connections,
    records: records.slice(0, look.records),
    stepsEndedAtUs,
    interruption: look.interruption ?? judging.interruption,
    ...(isPlatform === undefined ? {} : { isPlatform }),
    ...(clockBoundUs === undefined ? {} : { clockBoundUs }),
    ...(clockTickUs === undefined ? {} : { clockTickUs }),
    ...(unrecognised === undefined ? {} : { unrecognised }),
    ...(shortHold === undefined ? {} : { shortHold }),
  };
}
