// The load scenario that is exported to k6, or that results of k6 are of.
import { ToolError } from '../base/errors.ts';
import type { Redactor } from '../base/redact.ts';
import { fitToK6 } from '../k6/gap.ts';
import type { K6Source } from '../k6/script.ts';
import { resolveLoad } from '../run/load-plan.ts';
import type { LoadSpec } from '../scenario/load-model.ts';
import type { CaseSpec } from '../scenario/model.ts';
import type { Io } from './io.ts';
import { quoted } from './rerun.ts';
import { type PlanOptions, planRun, type RunPlan } from './run-plan.ts';

/** What the command line says about it. */
export type K6SourceOptions = Pick<PlanOptions, 'url' | 'target' | 'header' | 'var'>;

/** One load scenario with the target it is about. */
export interface PlannedLoad {
  readonly plan: RunPlan;
  /** As k6 carries it out. */
  readonly spec: CaseSpec & { readonly load: LoadSpec };
  readonly source: K6Source;
}

/**
 * Plans it.
 *
 * @throws {ToolError} USAGE, NOTHING_MATCHED, FILE_INVALID
 */
export async function planLoad(
  io: Io,
  id: string,
  {
    options,
    redactor,
    seed,
    nonce,
  }: {
    readonly options: K6SourceOptions;
    readonly redactor: Redactor;
    readonly seed: string;
    readonly nonce: string;
  },
): Promise<PlannedLoad> {
  const plan = await planRun(io, [id], {
    options: { ...options, failOn: 'must', tag: [], excludeTag: [], tier: 'hours' },
    redactor,
    carriesLoads: true,
  });
  const asked = onlyLoad(plan, id);
  const { load, gaps } = fitToK6(asked.load);
  const spec = { ...asked, load };
  const resolved = await resolveLoad(load, {
    target: plan.target.preview,
    redactor,
    options: { allowHosts: [] },
    seed,
    nonce,
    isElsewhere: true,
  });
  if ('problem' in resolved) throw new ToolError('USAGE', `${id}: ${resolved.problem}.`);
  const { title, checks } = spec;
  const { version } = io;
  return {
    plan,
    spec,
    source: {
      id: spec.id,
      title,
      checks,
      plan: resolved.plan,
      gaps,
      redactor,
      version,
      importing: importing(spec, id, options),
    },
  };
}

/** What an import of its results has to be told; a scenario of this package is found by its id. */
function importing(
  { id }: CaseSpec,
  given: string,
  { url, target }: Pick<K6SourceOptions, 'url' | 'target'>,
): string {
  return [
    ...(id === given ? [] : ['--scenario', given]),
    ...(url === undefined ? [] : ['--url', url]),
    ...(target === undefined ? [] : ['--target', target]),
  ]
    .map(quoted)
    .join(' ');
}

function onlyLoad({ runnable, notApplicable }: RunPlan, id: string): PlannedLoad['spec'] {
  const [only, ...more] = runnable;
  if (only === undefined) {
    const [why] = notApplicable.flatMap(({ findings }) => findings.map(({ message }) => message));
    throw new ToolError(
      'USAGE',
      `${id} does not apply to this target: ${why ?? 'it has no case'}.`,
    );
  }
  if (more.length > 0) {
    throw new ToolError('USAGE', `${id} has ${more.length + 1} cases.`, {
      hint: `Name one of them: ${only.id}.`,
    });
  }
  if (only.load === undefined) {
    throw new ToolError('USAGE', `${id} is not a load: k6 sends what a scenario has under load.`, {
      hint: 'Conformance and throttle scenarios are carried out by ws-assay run.',
    });
  }
  return { ...only, load: only.load };
}
