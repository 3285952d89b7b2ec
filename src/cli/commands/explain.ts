// `ws-assay explain`: what a scenario does, what it needs, what its checks rest on, what breaks them.
import { ToolError } from '../../base/errors.ts';
import { visible } from '../../base/visible.ts';
import { FAULTS } from '../../gateway/faults.ts';
import { listChecks } from '../../scenario/cross-check.ts';
import type { Requirement } from '../../scenario/requirement.ts';
import { takeApart } from '../../scenario/select.ts';
import { suggest } from '../../scenario/suggest.ts';
import type { Io } from '../io.ts';
import { demandValid, type Loaded, loadRequirements, loadScenarios } from '../library.ts';
import { findScenarios, readText, scenarioFilesAt } from '../workspace.ts';

/** Explains a scenario, a check (`scenario#check`) or a requirement. */
export async function explainCommand(io: Io, id: string): Promise<number> {
  const { byId } = loadRequirements(io);
  const requirement = byId.get(id);
  if (requirement !== undefined) {
    io.stdout(visible(explainRequirement(requirement), true));
    return 0;
  }
  const { scenario: scenarioId, check } = takeApart(id);
  const scenarios = findScenarios(io);
  const found = scenarios.get(scenarioId);
  const files = found === undefined ? scenarioFilesAt(io, id) : [found];
  if (files === undefined || files.length === 0)
    throw unknown(id, [...scenarios.keys(), ...byId.keys()]);
  const loading = await loadScenarios(files);
  demandValid(loading);
  const texts = loading.loaded.map((one) => explainScenario(one, { check, byId }));
  io.stdout(visible(texts.join('\n'), true));
  return 0;
}

function explainRequirement(requirement: Requirement): string {
  const { id, checks, excluded } = requirement;
  const tested = checks.map((check) => `  ${check.id}`);
  return [
    id,
    ...requirementLines(requirement),
    ...(excluded === undefined ? ['tested by', ...tested] : [`not tested: ${excluded}`]),
    '',
  ].join('\n');
}

function explainScenario(
  { scenario, found }: Loaded,
  about: { readonly check: string | undefined; readonly byId: ReadonlyMap<string, Requirement> },
): string {
  const { id, title, description, isolation, tags } = scenario;
  const checks = listChecks(scenario).filter(
    ({ check }) => about.check === undefined || check === about.check,
  );
  const names = [...new Set(checks.map(({ check }) => check))];
  if (names.length === 0)
    throw unknown(
      `${id}#${about.check}`,
      listChecks(scenario).map(({ check }) => `${id}#${check}`),
    );
  return [
    `${id}: ${title}`,
    ...(description === undefined ? [] : ['', description.trimEnd()]),
    '',
    `file       ${found.shown}`,
    `isolation  ${isolation}`,
    ...(tags.length === 0 ? [] : [`tags       ${tags.join(', ')}`]),
    `run it     ws-assay run ${id}`,
    '',
    ...readText(found.path)
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
    '',
    ...names.flatMap((name) => explainCheck(id, name, requirementsOf(checks, name, about.byId))),
  ].join('\n');
}

function requirementsOf(
  checks: ReturnType<typeof listChecks>,
  name: string,
  byId: ReadonlyMap<string, Requirement>,
): readonly Requirement[] {
  const ids = checks.filter(({ check }) => check === name).map(({ requirement }) => requirement);
  return [...new Set(ids)].flatMap((id) => (id === undefined ? [] : (byId.get(id) ?? [])));
}

function explainCheck(
  scenario: string,
  check: string,
  requirements: readonly Requirement[],
): readonly string[] {
  const killers = FAULTS.filter(({ breaks }) =>
    breaks.some((one) => takesPart(one, scenario, check)),
  );
  return [
    `#${check}`,
    ...requirements.flatMap((one) => [`  ${one.id}`, ...requirementLines(one)]),
    ...(requirements.length === 0 ? ['  of your own: no requirement is named'] : []),
    ...(killers.length === 0 ? [] : [`  broken by  ${killers.map(({ name }) => name).join(', ')}`]),
    '',
  ];
}

function takesPart(broken: string, scenario: string, check: string): boolean {
  const named = takeApart(broken);
  return named.scenario === scenario && named.check === check;
}

function requirementLines({
  level,
  statement,
  confidence,
  unknown: open,
  sources,
}: Requirement): readonly string[] {
  return [
    `  ${level.toUpperCase()}  ${statement}`,
    ...(confidence === undefined ? [] : [`  confidence ${confidence}`]),
    ...(open === undefined ? [] : [`  unknown    ${open}`]),
    ...sources.flatMap(({ title, url, quote, note }) => [
      `  source     ${title}${url === undefined ? '' : ` ${url}`}`,
      ...(quote === undefined ? [] : [`             “${quote}”`]),
      ...(note === undefined ? [] : [`             ${note}`]),
    ]),
  ];
}

function unknown(id: string, known: readonly string[]): ToolError {
  const near = suggest(id, known);
  return new ToolError(
    'NOTHING_MATCHED',
    `There is no scenario, check or requirement called ${id}.`,
    {
      hint: near === undefined ? 'See what there is: ws-assay list.' : `Did you mean ${near}?`,
    },
  );
}
