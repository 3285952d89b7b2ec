// Holds findings against a baseline. Pure: the same findings and entries give the same answer, now
// and when a report is made again from a journal.
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../base/json.ts';
import { formatPlace } from '../base/source-span.ts';
import {
  type BaselineEntry,
  type BaselineInfo,
  type BaselineOverlay,
  type StaleEntry,
  SURVIVAL_CHECK,
} from './baseline.ts';
import type { Finding } from './finding.ts';
import type { CaseResult } from './run-result.ts';

/** A case as far as entries are about it. */
export type OfCase = Pick<CaseResult, 'id' | 'scenario'>;

/** The entries about checks of these cases, and how many others there are. */
export function selectEntries(
  { file, entries }: Omit<BaselineInfo, 'unselected'>,
  planned: readonly (OfCase & { readonly checks: readonly string[] })[],
): BaselineInfo {
  const selected = entries.filter((entry) =>
    planned.some((of) =>
      // Whoever selects some checks of a case runs the case, and the target may end with it.
      [...of.checks, SURVIVAL_CHECK].some((check) => isAbout(entry, of, check)),
    ),
  );
  return { file, entries: selected, unselected: entries.length - selected.length };
}

/**
 * The case with what the baseline says of each finding. A check that could not be tested stays
 * `errored` or `inconclusive`, and one that was left out `skipped`: nothing is known of it, so nothing is
 * expected.
 *
 * @param startedAt of the run, ISO 8601: an entry holds until the end of its last day in UTC
 */
export function overlayCase(
  result: CaseResult,
  baseline: BaselineInfo | undefined,
  startedAt: string,
): CaseResult {
  if (baseline === undefined) return result;
  const findings = result.findings.map((finding) => {
    const entry = baseline.entries.find((one) => isAbout(one, result, finding.check));
    if (entry === undefined || isUndecided(finding)) return finding;
    return { ...finding, baseline: compare(finding, entry, startedAt.slice(0, 10)) };
  });
  return { ...result, findings };
}

/** Entries that no finding answers to, although what they are about was to be run and was. */
export function staleEntries(
  { entries }: BaselineInfo,
  { cases, notRun }: { readonly cases: readonly CaseResult[]; readonly notRun: readonly string[] },
): readonly StaleEntry[] {
  return entries.flatMap((entry) => {
    const own = cases.filter((of) => isAboutCase(entry, of));
    const missing = notRun.some((id) => isAboutCase(entry, { id, scenario: scenarioOf(id) }));
    if (own.length === 0) return missing ? [] : [nowhere(entry)];
    return own
      .filter(({ findings }) => !findings.some((one) => one.check === checkOf(entry)))
      .filter(({ findings }) => !findings.some(isUndecided))
      .map((of) => unanswered(entry, of));
  });
}

/** True when the entry is about this check of this case. */
export function isAbout(entry: Pick<BaselineEntry, 'check'>, of: OfCase, check: string): boolean {
  return entry.check === `${of.id}#${check}` || entry.check === `${of.scenario}#${check}`;
}

function isAboutCase(entry: BaselineEntry, of: OfCase): boolean {
  return isAbout(entry, of, checkOf(entry));
}

function checkOf({ check }: BaselineEntry): string {
  return check.slice(check.indexOf('#') + 1);
}

function scenarioOf(caseId: string): string {
  return caseId.replace(/\[.*$/s, '');
}

function isUndecided({ verdict }: Finding): boolean {
  return verdict === 'errored' || verdict === 'inconclusive' || verdict === 'skipped';
}

function compare(finding: Finding, entry: BaselineEntry, today: string): BaselineOverlay {
  if (finding.verdict === 'passed') {
    return { state: 'unexpected-pass', message: `it passes: ${removal(entry)}`, entry };
  }
  if (finding.verdict !== 'failed' && finding.verdict !== 'warned') {
    const message = `it was not judged (${finding.reason ?? finding.verdict}): ${removal(entry)}`;
    return { state: 'not-judged', message, entry };
  }
  const differences = differencesOf(finding, entry);
  if (differences.length > 0) {
    return { state: 'failing-differently', message: differences.join('; '), entry };
  }
  if (entry.expires < today) {
    const message = `its entry expired on ${entry.expires}: correct the target, or set a later date in ${place(entry)}`;
    return { state: 'expired', message, entry };
  }
  return { state: 'expected-failure', message: entry.reason, entry };
}

/** What is not as the entry says, one clause each. */
function differencesOf(
  { verdict, deviation = {} }: Finding,
  entry: BaselineEntry,
): readonly string[] {
  const other = verdict === entry.verdict ? [] : [`it ${verdict}, the entry says ${entry.verdict}`];
  const values = Object.entries(entry.actual).flatMap(([path, expected]) => {
    const actual = Object.hasOwn(deviation, path) ? deviation[path] : undefined;
    if (isDeepStrictEqual(actual, expected)) return [];
    return [`${path} is ${said(actual)}, the entry says ${said(expected)}`];
  });
  return [...other, ...values];
}

function said(value: Json | undefined): string {
  return value === undefined ? 'not what it fails with' : JSON.stringify(value);
}

function nowhere(entry: BaselineEntry): StaleEntry {
  const message = `no case of this run has that check: ${removal(entry)}`;
  return { check: entry.check, state: 'not-judged', message, entry };
}

function unanswered(entry: BaselineEntry, of: CaseResult): StaleEntry {
  const check = `${of.id}#${checkOf(entry)}`;
  if (checkOf(entry) !== SURVIVAL_CHECK) {
    return { check, state: 'not-judged', message: `it was not judged: ${removal(entry)}`, entry };
  }
  const message = `the target's process ran on: ${removal(entry)}`;
  return { check, state: 'unexpected-pass', message, entry };
}

function removal(entry: BaselineEntry): string {
  return `remove its entry, ${place(entry)}`;
}

function place({ span }: BaselineEntry): string {
  return formatPlace(span);
}
