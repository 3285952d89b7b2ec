// `ws-assay drift`: compares two calibrations, or one with the target as it is now.
import { resolve } from 'node:path';
import { ToolError } from '../../base/errors.ts';
import { visible, visibleJson } from '../../base/visible.ts';
import type { Calibration, Stability } from '../../certify/calibration.ts';
import { parseCalibration, renderCalibration } from '../../certify/calibration-file.ts';
import { compareCalibrations, type Difference, type Drift } from '../../certify/drift.ts';
import type { Io } from '../io.ts';
import { readText } from '../read-text.ts';
import { findScenarios } from '../workspace.ts';
import {
  type CalibrateOptions,
  countObserved,
  demandNew,
  record,
  sayProblems,
  write,
} from './calibrate.ts';

/** Options of the command. */
export interface DriftOptions extends CalibrateOptions {
  readonly json?: boolean;
}

/** Resolves with 0 nothing drifted, 1 drifted, 2 not asked the same, 3 could not record, 4 not compared. */
export async function driftCommand(
  io: Io,
  [earlierFile, laterFile]: readonly [earlier: string, later: string | undefined],
  options: DriftOptions,
): Promise<number> {
  const records = options.target !== undefined || options.url !== undefined;
  if (records === (laterFile !== undefined)) throw wrongSides(records);
  const earlier = read(io, earlierFile);
  const later =
    laterFile === undefined ? await recordNow(io, earlier, options) : read(io, laterFile);
  if (typeof later === 'number') return later;
  const drift = compareCalibrations(earlier, later);
  if (options.json === true) {
    io.stdout(`${visibleJson({ earlier: headOf(earlier), later: headOf(later), ...drift })}\n`);
  } else io.stdout(describeDrift(drift, earlier, later));
  return drift.exitCode;
}

function wrongSides(both: boolean): ToolError {
  const message = both
    ? 'A second calibration and a target exclude one another.'
    : 'There is nothing to compare with.';
  return new ToolError('USAGE', message, {
    hint: 'Give the later calibration, or --target or --url to record one now.',
  });
}

/** @throws {ToolError} FILE_UNREADABLE, FILE_INVALID */
function read(io: Io, file: string): Calibration {
  const parsed = parseCalibration(
    readText(resolve(io.cwd, file), 'ws-assay calibrate writes one.'),
  );
  if ('calibration' in parsed) return parsed.calibration;
  throw new ToolError('FILE_INVALID', `${file} is no calibration: ${parsed.problem}`, {
    hint: 'ws-assay calibrate writes one; schema/calibration-1.schema.json says what it holds.',
  });
}

/** The later one, or the exit code that says why there is none. */
async function recordNow(
  io: Io,
  earlier: Calibration,
  options: DriftOptions,
): Promise<Calibration | number> {
  if (options.out !== undefined) demandNew(io, resolve(io.cwd, options.out));
  const recorded = await record(io, selectionOf(io, earlier), options);
  if (recorded === undefined) return 130;
  const { calibration, problems } = recorded;
  sayProblems(io, recorded);
  if (options.out !== undefined) {
    await write(io, resolve(io.cwd, options.out), renderCalibration(calibration));
  }
  return problems.length > 0 || countObserved(calibration) === 0 ? 3 : calibration;
}

/** The same suite, which may be another version now; else the same scenarios, as far as they are there. */
function selectionOf(io: Io, { suite, scenarios }: Calibration): readonly string[] {
  if (suite.name !== undefined) return [suite.name];
  const known = findScenarios(io);
  const ids = Object.keys(scenarios).filter((id) => known.has(id));
  if (ids.length > 0) return ids;
  throw new ToolError('NOTHING_MATCHED', 'None of the scenarios of this calibration is here.', {
    hint: 'Run ws-assay drift where they are, or compare two files.',
  });
}

function headOf({ target, recordedAt, runs, tool, suite }: Calibration) {
  return { target, recordedAt, runs, tool, suite };
}

const MARKS: Readonly<Record<Difference['kind'], string>> = {
  changed: 'changed',
  appeared: 'appeared',
  disappeared: 'disappeared',
  'became-unstable': 'became unstable',
};

function describeDrift(drift: Drift, earlier: Calibration, later: Calibration): string {
  const { differences, compared, notCompared } = drift;
  const lines = [
    `${nameOf(earlier)} → ${nameOf(later)}`,
    ...notices(earlier, later),
    ...scenarioLines(drift),
    ...differences.flatMap(differenceLines),
    ...notCompared.map(
      ({ check, lacking, message }) =>
        `  not compared     ${check}: ${lacking} has no value: ${message}`,
    ),
    `${compared} values compared: ${differences.length} drifted; ${notCompared.length} checks not compared.`,
  ];
  return `${lines.map((line) => visible(line)).join('\n')}\n`;
}

function nameOf({ target: { name, version }, recordedAt }: Calibration): string {
  return `${name}${version === undefined ? '' : `@${version}`} ${recordedAt}`;
}

function notices(earlier: Calibration, later: Calibration): readonly string[] {
  return [
    ...(earlier.target.name === later.target.name ? [] : ['These are two targets.']),
    ...(earlier.tool.version === later.tool.version
      ? []
      : [`Recorded by ws-assay ${earlier.tool.version} and ${later.tool.version}.`]),
  ];
}

function scenarioLines({ scenarios, exitCode }: Drift): readonly string[] {
  const { same, changed, onlyEarlier, onlyLater } = scenarios;
  const others = [
    ...changed.map((id) => `  other text       ${id}`),
    ...onlyEarlier.map((id) => `  only earlier     ${id}`),
    ...onlyLater.map((id) => `  only later       ${id}`),
  ];
  if (others.length === 0) return [];
  const head =
    exitCode === 4
      ? 'Nothing can be compared: they did not ask the same.'
      : `They did not ask the same: ${same} scenarios are comparable, and only these were compared.`;
  return [head, ...others];
}

function differenceLines({
  kind,
  check,
  path,
  requirement,
  earlier,
  later,
}: Difference): readonly string[] {
  return [
    `  ${MARKS[kind].padEnd(15)}  ${check} ${path}${requirement === undefined ? '' : ` (${requirement})`}`,
    `                     ${shown(earlier)} → ${shown(later)}`,
  ];
}

function shown(value: Stability | undefined): string {
  if (value === undefined) return 'nothing';
  if (value.stability !== 'unstable') return JSON.stringify(value.value);
  return value.values
    .map(
      ({ value: one, count }) => `${one === undefined ? 'nothing' : JSON.stringify(one)} ×${count}`,
    )
    .join(' | ');
}
