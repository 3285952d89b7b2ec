// What a run will do, decided before anything is started: which cases, against what, and which do
// not apply and why.

import { ToolError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type { Redactor } from '../base/redact.ts';
import type { BaselineInfo } from '../result/baseline.ts';
import { selectEntries } from '../result/overlay.ts';
import type { CaseResult, ShardInfo } from '../result/run-result.ts';
import { unexpandedResult } from '../run/undriven.ts';
import { listChecks } from '../scenario/cross-check.ts';
import { type Diagnostic, renderDiagnostics } from '../scenario/diagnostic.ts';
import { type CaseExpansion, expandScenario } from '../scenario/expand.ts';
import type { CaseSpec, CheckSpec, Level, Tier } from '../scenario/model.ts';
import type { Requirement } from '../scenario/requirement.ts';
import type { Suite } from '../scenario/suite.ts';
import type { Baseline } from '../target/baseline.ts';
import { featuresOf } from '../target/features.ts';
import { baselineFileOf, demandBaseline } from './baseline-file.ts';
import { demandSome, divide } from './divide-cases.ts';
import { demandFaults } from './fault-names.ts';
import type { Io } from './io.ts';
import { demandValid, type Loaded, loadRequirements, loadScenarios } from './library.ts';
import { type FailedCases, goneNotice } from './only-failed.ts';
import { embeddedNotice, nothingLeft } from './plan-notice.ts';
import { type RerunOptions, rerunLine } from './rerun.ts';
import { DEFAULT_SUITES, type Selection, select } from './selection.ts';
import { type Shard, shardOf } from './shard.ts';
import { type ChosenTarget, chooseTarget, type TargetOptions } from './target-choice.ts';
import { parseVars } from './variable.ts';
import { findScenarios } from './workspace.ts';

/** Options that decide what is run. */
export interface PlanOptions extends TargetOptions, Omit<RerunOptions, 'failOn'> {
  readonly profile?: string;
  readonly tag: readonly string[];
  readonly excludeTag: readonly string[];
  /** The longest tier that is run; `fast`. */
  readonly tier?: Tier;
  readonly var: readonly string[];
  readonly failOn: 'must' | 'should';
  readonly shard?: Shard;
  /** A file instead of the target's own; false: none. */
  readonly baseline?: string | boolean;
}

/** A plan. */
export interface RunPlan {
  readonly target: ChosenTarget;
  readonly suite: Suite | undefined;
  /** The part of the run that this is; undefined: it is the whole. */
  readonly shard: ShardInfo | undefined;
  readonly features: ReadonlySet<string>;
  readonly runnable: readonly CaseSpec[];
  readonly notApplicable: readonly CaseResult[];
  /** Cases of tiers that were not asked for. */
  readonly leftOut: readonly CaseResult[];
  readonly requirements: ReadonlyMap<string, Requirement>;
  /** Its entries about what is planned. */
  readonly baseline: BaselineInfo | undefined;
  /** What does not keep it from running, as text for a person; empty when there is nothing. */
  readonly notices: string;
  levelOf(check: Pick<CheckSpec, 'level' | 'requirement'>): Level;
  rerunOf(spec: Pick<CaseSpec, 'id' | 'file'>): string;
}

/**
 * Plans a run.
 *
 * @throws {ToolError} USAGE, NOTHING_MATCHED, FILE_INVALID; nothing has been started then
 */
export async function planRun(
  io: Io,
  given: readonly string[],
  {
    options,
    redactor,
    loadsBaseline = true,
    carriesLoads = false,
    onTarget,
    only,
    narrow = (spec) => spec,
  }: {
    readonly options: PlanOptions;
    readonly redactor: Redactor;
    /** False for who brings a baseline of his own (`withBaseline`). */
    readonly loadsBaseline?: boolean;
    /** Load scenarios can be run. */
    readonly carriesLoads?: boolean;
    /** Told of the target as soon as it is known; the plan may still turn out not to be valid. */
    readonly onTarget?: (target: ChosenTarget) => void;
    /** No other cases. */
    readonly only?: FailedCases | undefined;
    /** What of a case is wanted; undefined: nothing. Asked before it is known what applies. */
    readonly narrow?: (spec: CaseSpec, levelOf: RunPlan['levelOf']) => CaseSpec | undefined;
  },
): Promise<RunPlan> {
  const cliVars = parseVars(options.var);
  demandFaults(options.fault ?? []);
  const fallback = options.url === undefined ? DEFAULT_SUITES.target : DEFAULT_SUITES.url;
  const selection = select(io, given, { fallback, profile: options.profile });
  const vars = { ...selection.suite?.vars, ...cliVars };
  const target = chooseTarget(options, selection.suite?.target, { io, redactor, vars });
  onTarget?.(target);
  const loading = await loadScenarios(selection.files);
  const requirements = loadRequirements(io).byId;
  const unknown = loading.loaded.flatMap((one) => unknownRequirements(one, requirements));
  demandValid({ ...loading, diagnostics: [...loading.diagnostics, ...unknown] });
  const levelOf = levelWith(requirements);
  const scenarios = findScenarios(io);
  const rerunOf = (spec: Pick<CaseSpec, 'id' | 'file'>): string =>
    redactor.text(rerunLine(io, spec, withSuite(options, selection.suite), scenarios));
  const features = featuresOf(target.preview);
  const scope = scopeWith({ io, redactor, target, vars });
  const expansions = loading.loaded.flatMap((one) =>
    expandScenario(one.scenario, { ...scope, readBeside: one.readBeside }).map((expansion) => ({
      one,
      expansion,
    })),
  );
  demandExpanded(
    expansions.map(({ expansion }) => expansion),
    loading.texts,
  );
  const file = loadsBaseline ? baselineFileOf(io, options, target.preview) : undefined;
  const known = file === undefined ? undefined : await demandBaseline(io, file, target.preview);
  const warnings = [...loading.diagnostics, ...target.warnings];
  const matching = expansions.filter(({ one, expansion }) =>
    isWanted(idOf(expansion), { one, options, selection }),
  );
  const wanted = matching.filter(({ expansion }) => only?.ids.has(idOf(expansion)) ?? true);
  const notices = [
    ...(warnings.length === 0 ? [] : [renderDiagnostics(warnings, loading.texts)]),
    ...(known === undefined || known.notices === '' ? [] : [known.notices]),
    ...embeddedNotice(io, options, selection),
    ...goneNotice(only, new Set(matching.map(({ expansion }) => idOf(expansion)))),
  ].join('\n');
  const selected = wanted.flatMap(({ expansion }) => withChecks(expansion, selection));
  demandDriven(selected, carriesLoads);
  const cases = selected.flatMap((spec) => narrow(spec, levelOf) ?? []);
  if (wanted.length === 0 || cases.length + undriven(wanted).length === 0)
    throw nothingLeft(given, options, only);
  const whole = divide(
    cases,
    { features, levelOf, rerunOf, tier: options.tier ?? 'fast' },
    undriven(wanted).map(({ one, expansion }) =>
      unexpandedResult(expansion, listChecks(one.scenario), {
        levelOf,
        rerun: rerunOf(expansion),
      }),
    ),
  );
  demandSome(whole, options.tier ?? 'fast');
  const divided =
    options.shard === undefined ? { ...whole, shard: undefined } : shardOf(whole, options.shard);
  return {
    target,
    suite: selection.suite,
    features,
    requirements,
    baseline: known && selectEntries(known.baseline, plannedChecks(divided)),
    notices,
    levelOf,
    rerunOf,
    ...divided,
  };
}

/** The plan, held against a baseline: its entries about what is planned. */
export function withBaseline(plan: RunPlan, baseline: Baseline): RunPlan {
  return { ...plan, baseline: selectEntries(baseline, plannedChecks(plan)) };
}

function plannedChecks({
  runnable,
  notApplicable,
}: Pick<RunPlan, 'runnable' | 'notApplicable'>): Parameters<typeof selectEntries>[1] {
  return [
    ...runnable.map(({ id, scenario, checks }) => ({
      id,
      scenario,
      checks: checks.map((check) => check.id),
    })),
    ...notApplicable.map(({ id, scenario, findings }) => ({
      id,
      scenario,
      checks: findings.map(({ check }) => check),
    })),
  ];
}

/** A case that is run again alone is not told what its suite would have told it. */
function withSuite(options: PlanOptions, suite: Suite | undefined): RerunOptions {
  if (suite === undefined) return options;
  const { url, target = url === undefined ? suite.target : undefined } = options;
  const given = Object.entries(suite.vars).flatMap(([name, value]) =>
    typeof value === 'object' ? [] : [`${name}=${value}`],
  );
  return {
    ...options,
    ...(target === undefined ? {} : { target }),
    var: [...given, ...options.var],
  };
}

interface Expanded {
  readonly one: Loaded;
  readonly expansion: CaseExpansion;
}

type Unexpanded = Extract<CaseExpansion, { kind: 'not-applicable' }>;

function undriven(
  wanted: readonly Expanded[],
): readonly { readonly one: Loaded; readonly expansion: Unexpanded }[] {
  return wanted.flatMap(({ one, expansion }) =>
    expansion.kind === 'not-applicable' ? [{ one, expansion }] : [],
  );
}

/** @throws {ToolError} USAGE */
function demandDriven(cases: readonly CaseSpec[], carriesLoads: boolean): void {
  const load = cases.find((one) => one.load !== undefined || one.throttle !== undefined);
  if (load === undefined || carriesLoads) return;
  throw new ToolError('USAGE', `${load.id} is a load: only ws-assay run carries it out.`);
}

function idOf(expansion: CaseExpansion): string {
  return expansion.kind === 'case' ? expansion.case.id : expansion.id;
}

function isWanted(
  id: string,
  {
    one,
    options,
    selection,
  }: { readonly one: Loaded; readonly options: PlanOptions; readonly selection: Selection },
): boolean {
  const { tags } = one.scenario;
  const tagged = options.tag.length === 0 || options.tag.some((tag) => tags.includes(tag));
  return (
    tagged && !options.excludeTag.some((tag) => tags.includes(tag)) && selection.includesCase(id)
  );
}

/** A pattern may name checks: the others are left out. */
function withChecks(expansion: CaseExpansion, selection: Selection): readonly CaseSpec[] {
  if (expansion.kind !== 'case') return [];
  const spec = expansion.case;
  const checks = spec.checks.filter(({ id }) => selection.includesCheck(spec.id, id));
  return checks.length === 0 ? [] : [{ ...spec, checks }];
}

function levelWith(requirements: ReadonlyMap<string, Requirement>): RunPlan['levelOf'] {
  return ({ level, requirement }) =>
    level ??
    (requirement === undefined ? undefined : requirements.get(requirement)?.level) ??
    'must';
}

function scopeWith(from: {
  readonly io: Io;
  readonly redactor: Redactor;
  readonly target: ChosenTarget;
  readonly vars: Readonly<Record<string, Json>>;
}): {
  readonly vars: Readonly<Record<string, Json>>;
  readonly limits: Readonly<Record<string, number>>;
  env(name: string): string | undefined;
  registerSecret(name: string, value: string): void;
} {
  const { io, redactor, target, vars } = from;
  return {
    vars: { ...target.preview.vars, ...vars },
    limits: target.preview.limits,
    env: (name) => io.env[name],
    registerSecret: redactor.register,
  };
}

function demandExpanded(
  expansions: readonly CaseExpansion[],
  texts: Readonly<Record<string, string>>,
): void {
  const diagnostics = expansions.flatMap((one) => (one.kind === 'invalid' ? one.diagnostics : []));
  if (diagnostics.length === 0) return;
  throw new ToolError('FILE_INVALID', renderDiagnostics(diagnostics, texts));
}

function unknownRequirements(
  { scenario }: Loaded,
  requirements: ReadonlyMap<string, Requirement>,
): readonly Diagnostic[] {
  return listChecks(scenario).flatMap(({ requirement, span }) => {
    if (requirement === undefined || requirements.has(requirement)) return [];
    return [
      {
        code: 'REQ_UNKNOWN_REQUIREMENT' as const,
        severity: 'error' as const,
        span,
        message: `there is no requirement "${requirement}"`,
        hint: 'leave it out for a check of your own, or add it to a requirements.yaml',
      },
    ];
  });
}
