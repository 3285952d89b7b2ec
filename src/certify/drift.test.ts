import { describe, expect, it } from 'vitest';
import type { Json } from '../base/json.ts';
import type { Calibration, Observation, Stability, Unobserved } from './calibration.ts';
import { parseCalibration, renderCalibration } from './calibration-file.ts';
import { compareCalibrations } from './drift.ts';

const HASH = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const CHECK = 'area/thing[flaw=x]#as-seen';

function stable(value: Json): Stability {
  return { stability: 'stable', value };
}

function unstable(...values: readonly (Json | undefined)[]): Stability {
  const seen = values.map((value) => (value === undefined ? { count: 1 } : { value, count: 1 }));
  return { stability: 'unstable', values: seen };
}

function calibration(
  values: Readonly<Record<string, Stability>>,
  {
    unobserved = [],
    scenarios = { 'area/thing': HASH },
  }: {
    readonly unobserved?: readonly Unobserved[];
    readonly scenarios?: Readonly<Record<string, string>>;
  } = {},
): Calibration {
  const observed = Object.entries(values).map(
    ([path, one]): Observation => ({
      check: CHECK,
      axes: { flaw: 'x' },
      path,
      observations: 3,
      ...one,
    }),
  );
  return {
    calibrationVersion: 1,
    tool: { name: 'ws-assay', version: '0.1.0' },
    target: { name: 'some', title: 'Some', features: [] },
    recordedAt: '2026-11-24T00:00:00.000Z',
    runs: 3,
    suite: { hash: HASH },
    scenarios,
    requirements: { 'some.requirement': { level: 'may', statement: 'It is so.', observed } },
    withoutRequirement: [],
    unobserved,
  };
}

function kinds(earlier: Stability | undefined, later: Stability | undefined): readonly string[] {
  const side = (one: Stability | undefined) =>
    calibration({ anchor: stable(1), ...(one === undefined ? {} : { path: one }) });
  return compareCalibrations(side(earlier), side(later)).differences.map(({ kind }) => kind);
}

describe('compareCalibrations', () => {
  it.each<[string, Stability | undefined, Stability | undefined, readonly string[]]>([
    ['the same value', stable(403), stable(403), []],
    ['another value', stable(403), stable(401), ['changed']],
    ['the same list', stable([101, 429]), stable([101, 429]), []],
    ['null and the text null', stable(null), stable('null'), ['changed']],
    ['a value that is new', undefined, stable('x'), ['appeared']],
    ['a value that is gone', stable('x'), undefined, ['disappeared']],
    ['now this, now that', stable(200), unstable(200, 400), ['became-unstable']],
    ['unstable as before', unstable(200, 400), unstable(400, 200), []],
    ['one of the values it had', unstable(200, 400), stable(400), []],
    ['none of the values it had', unstable(200, 400), stable(500), ['changed']],
    ['gone, and was there only sometimes', unstable('x', undefined), undefined, []],
    ['there, and only sometimes', undefined, unstable('x', undefined), []],
    [
      'another kind of id',
      { stability: 'generated', value: '<uuid>' },
      { stability: 'generated', value: '<id>' },
      ['changed'],
    ],
  ])('%s', (_, earlier, later, expected) => {
    expect(kinds(earlier, later)).toEqual(expected);
  });

  it('names requirement, check, path and both values', () => {
    const drift = compareCalibrations(
      calibration({ status: stable(403), same: stable(1) }),
      calibration({ status: stable(401), same: stable(1) }),
    );
    expect(drift).toEqual({
      differences: [
        {
          kind: 'changed',
          requirement: 'some.requirement',
          check: CHECK,
          path: 'status',
          earlier: stable(403),
          later: stable(401),
        },
      ],
      compared: 2,
      notCompared: [],
      scenarios: { same: 1, changed: [], onlyEarlier: [], onlyLater: [] },
      exitCode: 1,
    });
  });

  it('exits 0 when nothing drifted', () => {
    expect(
      compareCalibrations(calibration({ a: stable(1) }), calibration({ a: stable(1) })),
    ).toMatchObject({ compared: 1, exitCode: 0 });
  });

  it('does not take what could not be observed for what disappeared', () => {
    const unobserved: Unobserved = { check: CHECK, reason: 'errored', message: 'unreachable' };
    const drift = compareCalibrations(
      calibration({ a: stable(1) }),
      calibration({}, { unobserved: [unobserved] }),
    );
    expect(drift).toMatchObject({
      differences: [],
      notCompared: [{ check: CHECK, lacking: 'later', message: 'errored: unreachable' }],
      exitCode: 4,
    });
  });

  it('says what only the later one knows, and is content', () => {
    const both = { 'area/thing': HASH };
    const known = calibration({ a: stable(1) }, { scenarios: both });
    const more: Calibration = {
      ...known,
      withoutRequirement: [
        {
          check: 'area/thing[flaw=y]#z',
          axes: {},
          path: 'p',
          observations: 1,
          stability: 'stable',
          value: 1,
        },
      ],
    };
    expect(compareCalibrations(known, more)).toMatchObject({
      notCompared: [{ check: 'area/thing[flaw=y]#z', lacking: 'earlier' }],
      exitCode: 0,
    });
  });

  it('compares only scenarios with the same text, and exits 2', () => {
    const earlier = calibration(
      { a: stable(1) },
      { scenarios: { 'area/thing': HASH, old: HASH, edited: HASH } },
    );
    const later = calibration(
      { a: stable(2) },
      { scenarios: { 'area/thing': HASH, new: HASH, edited: OTHER } },
    );
    expect(compareCalibrations(earlier, later)).toMatchObject({
      differences: [{ kind: 'changed', path: 'a' }],
      scenarios: { same: 1, changed: ['edited'], onlyEarlier: ['old'], onlyLater: ['new'] },
      exitCode: 2,
    });
  });

  it('exits 4 when no scenario has the same text', () => {
    const later = calibration({ a: stable(2) }, { scenarios: { 'area/thing': OTHER } });
    expect(compareCalibrations(calibration({ a: stable(1) }), later)).toMatchObject({
      differences: [],
      compared: 0,
      exitCode: 4,
    });
  });
});

describe('a file', () => {
  it('is read as it was written', () => {
    const written = calibration({ a: stable({}), b: unstable(1, undefined), c: stable(null) });
    expect(parseCalibration(renderCalibration(written))).toEqual({ calibration: written });
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', 'hello', /^it is no JSON: /],
    ['something else', '{"schemaVersion":1}', /^calibrationVersion: .*; .*/],
    [
      'a newer one',
      renderCalibration(calibration({})).replace(
        '"calibrationVersion": 1',
        '"calibrationVersion": 2',
      ),
      /^calibrationVersion: /,
    ],
    [
      'an unknown key',
      renderCalibration(calibration({})).replace('"runs": 3', '"runs": 3, "more": 1'),
      /more/,
    ],
    [
      'a bad hash',
      renderCalibration(calibration({})).replaceAll(HASH, 'abc'),
      /^suite\.hash: .*scenarios\.area\/thing/,
    ],
  ])('%s is refused with its place', (_, text, problem) => {
    expect(parseCalibration(text)).toEqual({ problem: expect.stringMatching(problem) });
  });
});
