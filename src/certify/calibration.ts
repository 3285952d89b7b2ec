// A calibration: what a target was seen to do where the catalogue leaves it open, from several runs,
// so that what varies from run to run is told from what does not.
import type { Json } from '../base/json.ts';
import { connectionIdsIn } from '../check/deviation.ts';
import type { Finding } from '../result/finding.ts';
import type { CaseResult } from '../result/run-result.ts';
import { ROOTS } from '../scenario/path.ts';
import { isGenerated, type Leaf, leavesOf } from './steady-value.ts';

/** The version of the file's shape; a reader refuses another one. */
export const CALIBRATION_VERSION = 1;

/** A value and how often it was seen; without `value`: that often there was none. */
export interface SeenValue {
  readonly value?: Json;
  readonly count: number;
}

/** What became of one value over all runs. */
export type Stability =
  /** The same each time. */
  | { readonly stability: 'stable'; readonly value: Json }
  /** Made anew each time; `value` says of which kind: `<uuid>`, `<time>`. */
  | { readonly stability: 'generated'; readonly value: string }
  /** Now this, now that; the most frequent first. */
  | { readonly stability: 'unstable'; readonly values: readonly SeenValue[] };

/** One value that was observed, and under which conditions. */
export type Observation = {
  /** `connect/malformed-upgrade[flaw=no-key]#as-seen`. */
  readonly check: string;
  readonly axes: Readonly<Record<string, string>>;
  /** `handshake.headers.content-type`; `holds`: whether the condition of a MAY held. */
  readonly path: string;
  /** In how many runs the check was observed. */
  readonly observations: number;
} & Stability;

/** A check or a requirement of which no value is known, and why. */
export interface Unobserved {
  readonly requirement?: string;
  /** Absent where the requirement has no check. */
  readonly check?: string;
  readonly reason:
    | 'not-applicable'
    | 'skipped'
    | 'errored'
    | 'inconclusive'
    | 'failed'
    | 'not-run'
    | 'excluded';
  readonly message: string;
}

/** What was observed for one requirement. */
export interface CalibratedRequirement {
  readonly level: 'must' | 'should' | 'may';
  readonly statement: string;
  readonly observed: readonly Observation[];
}

/** A calibration file. */
export interface Calibration {
  readonly calibrationVersion: typeof CALIBRATION_VERSION;
  readonly tool: { readonly name: 'ws-assay'; readonly version: string };
  readonly target: {
    readonly name: string;
    readonly title: string;
    /** Of the implementation, as its target file says. */
    readonly version?: string;
    readonly features: readonly string[];
  };
  /** When the first run began, in UTC. */
  readonly recordedAt: string;
  readonly runs: number;
  readonly suite: {
    readonly name?: string;
    readonly version?: string;
    /** SHA-256 over all of `scenarios`. */
    readonly hash: string;
  };
  /** SHA-256 of the text of each scenario that was asked, by id. */
  readonly scenarios: Readonly<Record<string, string>>;
  readonly requirements: Readonly<Record<string, CalibratedRequirement>>;
  /** Of checks that cite no requirement. */
  readonly withoutRequirement: readonly Observation[];
  readonly unobserved: readonly Unobserved[];
}

/** What is known of the checks of one run. */
export type Recording = readonly CaseResult[];

/** What several runs observed. `measured`: checks (`case#check`) of which only `holds` is compared. */
export function observe(
  recordings: readonly Recording[],
  measured: ReadonlySet<string>,
): {
  readonly observed: readonly (Observation & { readonly requirement: string | undefined })[];
  readonly unobserved: readonly Unobserved[];
} {
  const checks = collect(recordings);
  return {
    observed: [...checks].flatMap(([check, sightings]) =>
      observationsOf(check, sightings.filter(isSeen), measured.has(check)),
    ),
    unobserved: [...checks].flatMap(([check, sightings]) => {
      const [first] = sightings;
      return first === undefined || sightings.some(isSeen) ? [] : [unobservedOf(check, first)];
    }),
  };
}

interface Sighting {
  readonly result: CaseResult;
  readonly finding: Finding;
}

function collect(recordings: readonly Recording[]): ReadonlyMap<string, readonly Sighting[]> {
  const checks = new Map<string, Sighting[]>();
  for (const result of recordings.flat()) {
    for (const finding of result.findings) {
      const check = `${result.id}#${finding.check}`;
      const known = checks.get(check) ?? [];
      checks.set(check, [...known, { result, finding }]);
    }
  }
  return checks;
}

function isSeen({ finding: { verdict } }: Sighting): boolean {
  return verdict === 'recorded' || verdict === 'passed' || verdict === 'warned';
}

function observationsOf(
  check: string,
  sightings: readonly Sighting[],
  isMeasured: boolean,
): readonly (Observation & { readonly requirement: string | undefined })[] {
  const [first] = sightings;
  if (first === undefined) return [];
  const runs = sightings.map((sighting) => valuesOf(sighting, isMeasured));
  const paths = [...new Set(runs.flatMap((values) => [...values.keys()]))].toSorted();
  return paths.map((path) => ({
    requirement: first.finding.requirement,
    check,
    axes: first.result.axes,
    path,
    observations: sightings.length,
    ...stabilityOf(
      path,
      runs.map((values) => values.get(path)),
    ),
  }));
}

function valuesOf({ result, finding }: Sighting, isMeasured: boolean): ReadonlyMap<string, Json> {
  const ids = connectionIdsIn(result.records);
  const { verdict, actual } = finding;
  const leaves = isMeasured
    ? []
    : Object.entries(actual).flatMap(([path, value]) => leavesOf(path, value, ids));
  const holds = verdict === 'recorded' ? [] : [['holds', verdict === 'passed'] as const];
  return new Map<string, Json>([...holds, ...acrossMembers(leaves)]);
}

// Of a crowd it counts what was seen, not on whom: `crowd[*].handshake.status` is [101, 429].
function acrossMembers(leaves: readonly Leaf[]): ReadonlyMap<string, Json> {
  const values = new Map<string, Json>();
  const sets = new Map<string, ReadonlyMap<string, Json>>();
  for (const { path, value } of leaves) {
    const [, name = '', rest = ''] = MEMBER.exec(path) ?? [];
    if (name === '' || isRoot(name)) values.set(path, value);
    else {
      const known = sets.get(`${name}[*]${rest}`) ?? [];
      sets.set(`${name}[*]${rest}`, new Map([...known, [JSON.stringify(value), value]]));
    }
  }
  const sorted = [...sets].map(([path, set]): [string, Json] => [
    path,
    [...set].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value),
  ]);
  return new Map([...values, ...sorted]);
}

const MEMBER = /^([A-Za-z][\w-]*)\[\d+\](.*)$/s;

// `received[0].text` is a message, not a member.
function isRoot(name: string): boolean {
  return (ROOTS as readonly string[]).includes(name);
}

function stabilityOf(path: string, values: readonly (Json | undefined)[]): Stability {
  const seen = countValues(values);
  const [only] = seen;
  if (seen.length === 1 && only?.value !== undefined) {
    const { value } = only;
    return typeof value === 'string' && isGenerated(value)
      ? { stability: 'generated', value }
      : { stability: 'stable', value };
  }
  const kind = kindOfAll(path, values);
  return kind !== undefined && seen.length === values.length
    ? { stability: 'generated', value: kind }
    : { stability: 'unstable', values: seen };
}

function countValues(values: readonly (Json | undefined)[]): readonly SeenValue[] {
  const counts = new Map<string, SeenValue>();
  for (const value of values) {
    const key = JSON.stringify(value) ?? '';
    const count = (counts.get(key)?.count ?? 0) + 1;
    counts.set(key, value === undefined ? { count } : { value, count });
  }
  const all = [...counts].toSorted(
    ([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1),
  );
  return all.map(([, one]) => one);
}

// Another one each time, and often enough to say so. Of a status or a code each value counts.
function kindOfAll(path: string, values: readonly (Json | undefined)[]): string | undefined {
  if (values.length < ENOUGH || CHOSEN.test(path)) return undefined;
  if (values.every((value) => typeof value === 'string')) return '<text>';
  return values.every((value) => typeof value === 'number') ? '<number>' : undefined;
}

const ENOUGH = 3;
const CHOSEN = /(?:status|code|statuscode|outcome|phrase|subprotocol|count)$/i;

function unobservedOf(check: string, { finding }: Sighting): Unobserved {
  const { requirement, verdict, message } = finding;
  return {
    ...(requirement === undefined ? {} : { requirement }),
    check,
    reason: isSeenVerdict(verdict) ? 'failed' : verdict,
    message,
  };
}

function isSeenVerdict(
  verdict: Finding['verdict'],
): verdict is 'recorded' | 'passed' | 'warned' | 'failed' {
  return !['not-applicable', 'skipped', 'errored', 'inconclusive'].includes(verdict);
}
