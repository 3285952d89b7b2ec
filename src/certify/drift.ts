// What is no longer as it was between two calibrations: pure, both files in, differences out.
import type { Json } from '../base/json.ts';
import type { Calibration, Observation, SeenValue, Stability, Unobserved } from './calibration.ts';

/** One value that is not as it was. */
export interface Difference {
  readonly kind: 'changed' | 'appeared' | 'disappeared' | 'became-unstable';
  readonly requirement?: string;
  readonly check: string;
  readonly path: string;
  /** Absent with `appeared`. */
  readonly earlier?: Stability;
  /** Absent with `disappeared`. */
  readonly later?: Stability;
}

/** A check that one of the two observed and the other did not. */
export interface NotCompared {
  readonly check: string;
  readonly requirement?: string;
  /** Which of the two has no value. */
  readonly lacking: 'earlier' | 'later';
  readonly message: string;
}

/** What came of a comparison. */
export interface Drift {
  readonly differences: readonly Difference[];
  /** Values that were compared. */
  readonly compared: number;
  readonly notCompared: readonly NotCompared[];
  readonly scenarios: {
    /** The same text in both: only their checks are compared. */
    readonly same: number;
    /** Asked differently: nothing of them is compared. */
    readonly changed: readonly string[];
    readonly onlyEarlier: readonly string[];
    readonly onlyLater: readonly string[];
  };
  /** 0 nothing drifted · 1 drifted · 2 the two did not ask the same · 4 not everything, or nothing, could be compared. */
  readonly exitCode: 0 | 1 | 2 | 4;
}

/** Compares two calibrations. */
export function compareCalibrations(earlier: Calibration, later: Calibration): Drift {
  const scenarios = compareScenarios(earlier, later);
  const isSame = (check: string): boolean => {
    const id = scenarioOf(check);
    return earlier.scenarios[id] !== undefined && earlier.scenarios[id] === later.scenarios[id];
  };
  const before = byCheck(earlier, isSame);
  const after = byCheck(later, isSame);
  const both = [...before.keys()].filter((check) => after.has(check));
  const pairs = both.flatMap((check) => pairUp(before.get(check) ?? [], after.get(check) ?? []));
  const differences = pairs.flatMap((pair) => differenceOf(pair) ?? []);
  const notCompared = [
    ...lacking('later', before, after, later.unobserved),
    ...lacking('earlier', after, before, earlier.unobserved),
  ];
  const exitCode = exitCodeOf({ scenarios, differences, compared: pairs.length, notCompared });
  return { differences, compared: pairs.length, notCompared, scenarios, exitCode };
}

function scenarioOf(check: string): string {
  return check.replace(/[[#].*$/s, '');
}

function compareScenarios(earlier: Calibration, later: Calibration): Drift['scenarios'] {
  const before = Object.entries(earlier.scenarios);
  const known = before.filter(([id]) => later.scenarios[id] !== undefined);
  const changed = known.filter(([id, hash]) => later.scenarios[id] !== hash).map(([id]) => id);
  return {
    same: known.length - changed.length,
    changed,
    onlyEarlier: before.filter(([id]) => later.scenarios[id] === undefined).map(([id]) => id),
    onlyLater: Object.keys(later.scenarios).filter((id) => earlier.scenarios[id] === undefined),
  };
}

type Cited = Observation & { readonly requirement?: string };

function byCheck(
  { requirements, withoutRequirement }: Calibration,
  isSame: (check: string) => boolean,
): ReadonlyMap<string, readonly Cited[]> {
  const cited = Object.entries(requirements).flatMap(([requirement, { observed }]) =>
    observed.map((one): Cited => ({ ...one, requirement })),
  );
  const checks = new Map<string, Cited[]>();
  for (const one of [...cited, ...withoutRequirement]) {
    if (isSame(one.check)) checks.set(one.check, [...(checks.get(one.check) ?? []), one]);
  }
  return checks;
}

interface Pair {
  readonly check: string;
  readonly path: string;
  readonly requirement: string | undefined;
  readonly earlier: Stability | undefined;
  readonly later: Stability | undefined;
}

function pairUp(before: readonly Cited[], after: readonly Cited[]): readonly Pair[] {
  const paths = new Set([...before, ...after].map(({ path }) => path));
  return [...paths].map((path) => {
    const earlier = before.find((one) => one.path === path);
    const later = after.find((one) => one.path === path);
    const { check = '', requirement } = earlier ?? later ?? {};
    return {
      check,
      path,
      requirement,
      earlier: earlier && stabilityOf(earlier),
      later: later && stabilityOf(later),
    };
  });
}

function stabilityOf(one: Observation): Stability {
  if (one.stability === 'unstable') return { stability: 'unstable', values: one.values };
  if (one.stability === 'stable') return { stability: 'stable', value: one.value };
  return { stability: 'generated', value: one.value };
}

function differenceOf({ check, path, requirement, earlier, later }: Pair): Difference | undefined {
  const kind = kindOf(earlier, later);
  if (kind === undefined) return undefined;
  return {
    kind,
    ...(requirement === undefined ? {} : { requirement }),
    check,
    path,
    ...(earlier === undefined ? {} : { earlier }),
    ...(later === undefined ? {} : { later }),
  };
}

// What was unstable before may be anything that it was seen to be: a few runs need not show it all.
function kindOf(
  earlier: Stability | undefined,
  later: Stability | undefined,
): Difference['kind'] | undefined {
  if (earlier === undefined) return mayBeAbsent(later) ? undefined : 'appeared';
  if (later === undefined) return mayBeAbsent(earlier) ? undefined : 'disappeared';
  if (earlier.stability === 'unstable') {
    const known = valuesOf(earlier);
    return valuesOf(later).some((value) => known.includes(value)) ? undefined : 'changed';
  }
  if (later.stability === 'unstable') return 'became-unstable';
  return keyOf(earlier.value) === keyOf(later.value) ? undefined : 'changed';
}

function mayBeAbsent(one: Stability | undefined): boolean {
  return one?.stability === 'unstable' && one.values.some(({ value }) => value === undefined);
}

function valuesOf(one: Stability): readonly string[] {
  return one.stability === 'unstable'
    ? one.values.map(({ value }: SeenValue) => keyOf(value))
    : [keyOf(one.value)];
}

function keyOf(value: Json | undefined): string {
  return JSON.stringify(value) ?? '';
}

function lacking(
  which: NotCompared['lacking'],
  has: ReadonlyMap<string, readonly Cited[]>,
  lacks: ReadonlyMap<string, readonly Cited[]>,
  unobserved: readonly Unobserved[],
): readonly NotCompared[] {
  return [...has].flatMap(([check, [first]]) => {
    if (lacks.has(check)) return [];
    const why = unobserved.find((one) => one.check === check);
    const message = why === undefined ? 'it was not asked' : `${why.reason}: ${why.message}`;
    const requirement = first?.requirement;
    return [
      { check, ...(requirement === undefined ? {} : { requirement }), lacking: which, message },
    ];
  });
}

function exitCodeOf({
  scenarios: { same, changed, onlyEarlier, onlyLater },
  differences,
  compared,
  notCompared,
}: Omit<Drift, 'exitCode'>): Drift['exitCode'] {
  const others = changed.length + onlyEarlier.length + onlyLater.length;
  if (others > 0) return same === 0 || compared === 0 ? 4 : 2;
  if (differences.length > 0) return 1;
  const lost = notCompared.some((one) => one.lacking === 'later');
  return compared === 0 || lost ? 4 : 0;
}
