// What is not the same in two runs, check by check: verdicts, and values without what differs from run to run
// anyway. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../base/json.ts';
import { connectionIdsIn } from '../check/deviation.ts';
import type { Finding, Verdict } from '../result/finding.ts';
import type { RunResult } from '../result/run-result.ts';
import { PHASES, POINTS } from '../scenario/moment.ts';
import { leavesOf } from './steady-value.ts';

/** A check that only one of the runs has. */
export interface OnlyThere {
  /** `<case>#<check>`. */
  readonly check: string;
  readonly verdict: Verdict;
  readonly requirement?: string;
}

/** A value that is another one; absent: there was none. */
export interface ChangedValue {
  /** `handshake.status`. */
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** A check that both runs have and that did not come out the same. */
export interface ChangedCheck {
  readonly check: string;
  readonly requirement?: string;
  readonly before: Verdict;
  readonly after: Verdict;
  readonly values: readonly ChangedValue[];
}

/** Two runs side by side. */
export interface RunComparison {
  readonly added: readonly OnlyThere[];
  readonly changed: readonly ChangedCheck[];
  readonly gone: readonly OnlyThere[];
  /** How many checks are the same in both. */
  readonly same: number;
}

/** Compares every check of both. A case that was planned and never ran has no checks. */
export function compareRuns(before: RunResult, after: RunResult): RunComparison {
  const earlier = checksOf(before);
  const later = checksOf(after);
  const both = [...later].flatMap(([check, one]) => {
    const other = earlier.get(check);
    return other === undefined ? [] : [compareCheck(check, other, one)];
  });
  const changed = both.filter((one) => one.before !== one.after || one.values.length > 0);
  return {
    added: onlyIn(later, earlier),
    changed,
    gone: onlyIn(earlier, later),
    same: both.length - changed.length,
  };
}

/** True where there is nothing to tell. */
export function isSame({ added, changed, gone }: RunComparison): boolean {
  return added.length + changed.length + gone.length === 0;
}

interface SeenCheck {
  readonly finding: Finding;
  /** Ids of connections, which are others in every run. */
  readonly ids: readonly string[];
}

function checksOf({ cases }: RunResult): ReadonlyMap<string, SeenCheck> {
  return new Map(
    cases.flatMap(({ id, findings, records }) => {
      const ids = connectionIdsIn(records);
      return findings.map((finding) => [`${id}#${finding.check}`, { finding, ids }] as const);
    }),
  );
}

function onlyIn(
  these: ReadonlyMap<string, SeenCheck>,
  others: ReadonlyMap<string, SeenCheck>,
): readonly OnlyThere[] {
  return [...these].flatMap(([check, { finding }]) =>
    others.has(check) ? [] : [{ check, verdict: finding.verdict, ...citedBy(finding) }],
  );
}

function compareCheck(check: string, before: SeenCheck, after: SeenCheck): ChangedCheck {
  return {
    check,
    ...citedBy(after.finding),
    before: before.finding.verdict,
    after: after.finding.verdict,
    values: changedValues(valuesOf(before), valuesOf(after)),
  };
}

function citedBy({ requirement }: Finding): Pick<OnlyThere, 'requirement'> {
  return requirement === undefined ? {} : { requirement };
}

type Values = ReadonlyMap<string, Json>;

/** Where a check deviates its deviation, which holds no times; else what was seen without them. */
function valuesOf({ finding, ids }: SeenCheck): Values {
  const { actual, deviation } = finding;
  const seen = Object.entries(deviation ?? actual).filter(
    ([path]) => deviation !== undefined || !isMeasured(path),
  );
  return new Map(
    seen
      .flatMap(([path, value]) => leavesOf(path, value, ids))
      .map(({ path, value }) => [path, value]),
  );
}

// Instants, what lies between two of them, and what thresholds say of many: milliseconds in every run anew.
function isMeasured(path: string): boolean {
  const last = path.split('.').at(-1) ?? '';
  return INSTANTS.has(last) || path.includes(' - ') || STATISTIC.test(path);
}

const INSTANTS: ReadonlySet<string> = new Set<string>([...POINTS, ...PHASES, 'called', 'returned']);
const STATISTIC = /(?:^|\.)(?:p\d+(?:\.\d+)?|min|max|mean|longest|shortest|interval)$/;

function changedValues(before: Values, after: Values): readonly ChangedValue[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths.flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    if (isDeepStrictEqual(was, is)) return [];
    return [
      {
        path,
        ...(was === undefined ? {} : { before: was }),
        ...(is === undefined ? {} : { after: is }),
      },
    ];
  });
}
