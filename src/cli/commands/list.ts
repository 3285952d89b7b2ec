// `ws-assay list`: scenarios with their checks, requirements, targets, faults.
import { visible } from '../../base/visible.ts';
import { FAULTS } from '../../gateway/faults.ts';
import { listChecks } from '../../scenario/cross-check.ts';
import type { Io } from '../io.ts';
import { demandValid, type Loaded, loadRequirements, loadScenarios } from '../library.ts';
import { select } from '../selection.ts';
import { findTargets } from '../workspace.ts';

/** Options of the command. */
export interface ListOptions {
  readonly requirements?: boolean;
  readonly targets?: boolean;
  readonly faults?: boolean;
  readonly format: 'text' | 'json';
}

/** Prints to stdout: it is data. */
export async function listCommand(
  io: Io,
  given: readonly string[],
  options: ListOptions,
): Promise<number> {
  const rows = await rowsOf(io, given, options);
  const text = rows.map(({ line }) => `${visible(line, true)}\n`).join('');
  const json = `${JSON.stringify(
    rows.map(({ data }) => data),
    undefined,
    2,
  )}\n`;
  io.stdout(options.format === 'json' ? json : text);
  return 0;
}

interface Row {
  readonly line: string;
  readonly data: object;
}

async function rowsOf(
  io: Io,
  given: readonly string[],
  options: ListOptions,
): Promise<readonly Row[]> {
  if (options.requirements === true) return requirementRows(io);
  if (options.targets === true) return targetRows(io);
  if (options.faults === true) return faultRows();
  const { files } = select(io, given.length === 0 ? ['**'] : given, {
    fallback: '**',
    profile: undefined,
  });
  const loading = await loadScenarios(files);
  demandValid(loading);
  return loading.loaded.map(scenarioRow);
}

function scenarioRow({ scenario, found }: Loaded): Row {
  const { id, title, tags, axes } = scenario;
  const checks = [...new Set(listChecks(scenario).map(({ check }) => check))];
  const cases = Object.values(axes).reduce((product, values) => product * values.length, 1);
  const many = cases === 1 ? '' : `, ${cases} cases`;
  return {
    line: `${id}\n    ${title}\n    ${checks.join(', ')}${many}`,
    data: { id, title, file: found.shown, tags, cases, checks },
  };
}

function requirementRows(io: Io): readonly Row[] {
  return [...loadRequirements(io).byId.values()].map(
    ({ id, level, statement, checks, excluded }) => {
      const tested = checks.map((check) => check.id);
      const how = excluded === undefined ? tested.join('\n    ') : `excluded: ${excluded}`;
      return {
        line: `${id} (${level})\n    ${statement}\n    ${how}`,
        data: {
          id,
          level,
          statement,
          checks: tested,
          ...(excluded === undefined ? {} : { excluded }),
        },
      };
    },
  );
}

function targetRows(io: Io): readonly Row[] {
  return [...findTargets(io).values()].map(({ id, shown }) => ({
    line: `${id}  ${shown}`,
    data: { name: id, file: shown },
  }));
}

function faultRows(): readonly Row[] {
  return FAULTS.map(({ name, description, breaks }) => ({
    line: `${name}\n    ${description}\n    breaks ${breaks.join('\n           ')}`,
    data: { name, description, breaks },
  }));
}
