// One check of one case with what a reader needs beside it: the unit that every report lists.
import { createHash } from 'node:crypto';
import type { Finding } from '../result/finding.ts';
import type { CaseResult, RequirementInfo, RunResult } from '../result/run-result.ts';
import { refusalLines } from './refusal.ts';
import { type Standing, standingOf } from './standing.ts';

/** A finding, the case it belongs to and the requirement it tests. */
export interface Entry {
  /** `<case>#<check>`, as the command line takes it. */
  readonly id: string;
  readonly of: CaseResult;
  readonly finding: Finding;
  readonly requirement: RequirementInfo | undefined;
  /** Who refused the upgrades of the case, a line for each way. */
  readonly refusals: readonly string[];
}

/** All findings of a run in the order in which they were made. */
export function entriesOf(result: RunResult): readonly Entry[] {
  return result.cases.flatMap((of) => {
    const refusals = refusalLines(of, result.target.observed === true);
    return of.findings.map((finding) => ({
      id: `${of.id}#${finding.check}`,
      of,
      finding,
      requirement: requirementOf(result, finding.requirement),
      refusals,
    }));
  });
}

/** Those that stand so. */
export function entriesWith(entries: readonly Entry[], standing: Standing): readonly Entry[] {
  return entries.filter(({ finding }) => standingOf(finding) === standing);
}

/** The axis values of a case as its id writes them, `[a=1,b=2]`; empty without axes. */
export function axesText(of: CaseResult): string {
  const axes = Object.entries(of.axes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return axes.length === 0 ? '' : `[${axes.map(([name, value]) => `${name}=${value}`).join(',')}]`;
}

/** A fragment id that is the same in every run of the same check. */
export function anchorOf(kind: 'case' | 'check' | 'load', id: string): string {
  const slug = id.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 60);
  const hash = createHash('sha256').update(id.toWellFormed()).digest('hex').slice(0, 8);
  return `${kind}-${slug}-${hash}`;
}

// A saved result is a plain object: `constructor` must not find anything in it.
function requirementOf(result: RunResult, id: string | undefined): RequirementInfo | undefined {
  if (id === undefined || !Object.hasOwn(result.requirements, id)) return undefined;
  return result.requirements[id];
}
